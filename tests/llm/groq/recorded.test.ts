/** Replays what Groq really sent, through the real SDK, and compares with what is read from the bytes directly. */
import type { MessagePart, StreamPart, Usage } from '@aios/kernel'
import fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect } from 'vitest'
import { needsData } from '../../setup/needs.js'
import { runs } from '../../setup/runs.js'
import { chat, failure, fakeFetch, streamed, textOf } from '../core/asking.js'
import { EVENT_STREAM, providerPool, sse } from '../core/provider.js'
import { opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

interface Piece {
  readonly content?: string
  readonly reasoning?: string
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly arguments: string } }[]
}
interface Recorded {
  readonly model: string
  readonly usage?: Readonly<Record<string, number>>
  readonly x_groq?: { readonly usage?: Readonly<Record<string, number>> }
  readonly choices: readonly {
    readonly delta?: Piece
    readonly message?: Piece
    readonly finish_reason: string | null
  }[]
}

const STREAMS = ['groq-reasoning.chunks.txt', 'groq-text.chunks.txt']
const ANSWERS = ['groq-reasoning.json', 'groq-tool-call.json']

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')
const recordsOf = (lines: readonly string[]): Recorded[] => lines.map((line) => JSON.parse(line) as Recorded)

/** Reads a recording as dumbly as possible. */
function dumbly(records: readonly Recorded[]) {
  const choices = records.flatMap(({ choices: each }) => each)
  const said = choices.map(({ delta, message }) => delta ?? message ?? {})
  const calls = said.flatMap(({ tool_calls: each = [] }) => each)
  return {
    text: said.map(({ content = '' }) => content ?? '').join(''),
    reasoning: said.map(({ reasoning = '' }) => reasoning ?? '').join(''),
    calls: calls.map(({ id, function: { arguments: input } }) => [id, input]),
    raw: choices.map(({ finish_reason: reason }) => reason).find((reason) => reason !== null),
    usage: records.map(({ usage, x_groq: own }) => usage ?? own?.usage).findLast((each) => each !== undefined),
  }
}

function streamSaid(parts: readonly StreamPart[]) {
  const finish = parts.at(-1)
  if (finish?.type !== 'finish') throw new Error(`Expected a finish, got ${String(finish?.type)}.`)
  return {
    text: textOf(parts),
    reasoning: parts.map((part) => (part.type === 'reasoning-delta' ? part.text : '')).join(''),
    calls: parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.inputText]] : [])),
    raw: finish.finish.raw,
    usage: finish.usage.raw,
  }
}

function expectAddsUp({ input, output, raw }: Usage): void {
  const wire = raw as Record<string, number>
  expect([input.total, output.total]).toEqual([wire['prompt_tokens'], wire['completion_tokens']])
  expect(input.total! + output.total!).toBe(wire['total_tokens'])
  if (output.reasoning !== undefined) expect(output.text! + output.reasoning).toBe(output.total)
}

const joined = (parts: readonly MessagePart[], type: 'text' | 'reasoning'): string =>
  parts.map((part) => (part.type === type ? part.text : '')).join('')

describe('recorded streams of Groq', () => {
  needsData('wire/groq', 'come through its own SDK without a loss', async (dir) => {
    for (const file of STREAMS) {
      const lines = linesOf(await readFile(join(dir, file), 'utf8'))
      const { baseURL } = await provided((response) => sse(response, lines))
      const parts = await streamed(await opened({ baseURL }))
      expect(streamSaid(parts), file).toEqual(dumbly(recordsOf(lines)))
      const finish = parts.at(-1)
      if (finish?.type === 'finish') expectAddsUp(finish.usage)
    }
  })

  needsData('wire/groq', 'come out the same however their bytes are cut, and with CRLF', async (dir) => {
    const lines = linesOf(await readFile(join(dir, 'groq-text.chunks.txt'), 'utf8'))
    const wanted = dumbly(recordsOf(lines))
    const cut = fc.record({ size: fc.integer({ min: 50, max: 9_000 }), newline: fc.constantFrom('\n', '\r\n') })
    await fc.assert(
      fc.asyncProperty(cut, async ({ size, newline }) => {
        const bytes = Buffer.from(lines.map((line) => `data: ${line}${newline}${newline}`).join(''))
        const { fetch } = fakeFetch(() => {
          const body = new ReadableStream<Uint8Array>({
            start(controller) {
              for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
              controller.close()
            },
          })
          return new Response(body, { headers: EVENT_STREAM })
        })
        expect(streamSaid(await streamed(await opened({ fetch })))).toEqual(wanted)
      }),
      { numRuns: runs(5, 100) },
    )
  })

  needsData('wire/groq', 'that break off anywhere are incomplete, never complete and never a crash', async (dir) => {
    const lines = linesOf(await readFile(join(dir, 'groq-text.chunks.txt'), 'utf8'))
    for (const kept of [0, 1, Math.floor(lines.length / 2), lines.length - 1]) {
      const { baseURL } = await provided((response) => sse(response, lines.slice(0, kept), []))
      const failed = await failure(streamed(await opened({ baseURL })))
      expect(failed.code, String(kept)).toBe('AIOS_LLM_INCOMPLETE_STREAM')
    }
  })
})

describe('recorded answers of Groq', () => {
  needsData('wire/groq', 'come through its own SDK without a loss', async (dir) => {
    for (const file of ANSWERS) {
      const text = await readFile(join(dir, file), 'utf8')
      const { baseURL } = await provided((response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(text),
      )
      const reply = await chat(await opened({ baseURL }))
      const wanted = dumbly([JSON.parse(text) as Recorded])
      const calls = reply.parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.inputText]] : []))
      expect([joined(reply.parts, 'text'), joined(reply.parts, 'reasoning'), calls], file).toEqual([
        wanted.text,
        wanted.reasoning,
        wanted.calls,
      ])
      expect([reply.finish.raw, reply.usage.raw]).toEqual([wanted.raw, wanted.usage])
      expectAddsUp(reply.usage)
    }
  })

  needsData('wire/groq', 'that are no chat completions are rejected', async (dir) => {
    const text = await readFile(join(dir, 'groq-transcription-text.json'), 'utf8')
    const { baseURL } = await provided((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(text),
    )
    expect(await failure(chat(await opened({ baseURL })))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
  })
})

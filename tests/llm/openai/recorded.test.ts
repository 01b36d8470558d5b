/** Replays what vendors really sent, through the real SDK, and compares with what is read from the bytes directly. */
import { AiosError, type CoreReply, type StreamPart, type Usage } from '@aios/kernel'
import fc from 'fast-check'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, describe, expect } from 'vitest'
import { needsData } from '../../setup/needs.js'
import { chat, failure, fakeFetch, streamed, textOf } from '../core/asking.js'
import { opened } from './opened.js'
import { EVENT_STREAM, providerPool, sse } from '../core/provider.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

type Fields = Record<string, unknown>
interface Delta {
  readonly content?: string | null
  readonly reasoning?: string
  readonly reasoning_content?: string | null
  readonly tool_calls?: readonly { readonly function: { readonly arguments?: string } }[]
}
interface Recorded {
  readonly usage?: Fields | null
  readonly choices?: readonly {
    readonly delta?: Delta
    readonly message?: Delta
    readonly finish_reason?: string | null
  }[]
}

const STREAMS = { 'wire/openai': 2, 'wire/deepseek': 2, 'wire/groq': 2 }
const ANSWERS = { 'wire/openai-compatible': 2, 'wire/deepseek': 3, 'wire/groq': 2 }

async function files(folder: string, ending: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort()
  return names.map((name) => join(folder, name))
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')
const isChat = (text: string): boolean => /^\s*\{[^]*"choices"/.test(text)

/** Reads a recording as dumbly as possible. */
function summary(records: readonly Recorded[]) {
  const choices = records.flatMap((record) => record.choices ?? [])
  const said = choices.map((choice) => choice.delta ?? choice.message ?? {})
  return {
    text: said.map(({ content }) => content ?? '').join(''),
    reasoning: said.map((one) => one.reasoning_content ?? one.reasoning ?? '').join(''),
    input: said
      .flatMap((one) => one.tool_calls ?? [])
      .map((call) => call.function.arguments ?? '')
      .join(''),
    raw: choices.map((choice) => choice.finish_reason).find((reason) => reason),
    prompt: records.map(({ usage }) => usage?.['prompt_tokens']).findLast((count) => count !== undefined),
  }
}

function streamSummary(parts: readonly StreamPart[]) {
  const finish = parts.at(-1)
  if (finish?.type !== 'finish') throw new Error(`Expected a finish, got ${String(finish?.type)}.`)
  return {
    text: textOf(parts),
    reasoning: parts.map((part) => (part.type === 'reasoning-delta' ? part.text : '')).join(''),
    input: parts.map((part) => (part.type === 'tool-call' ? part.inputText : '')).join(''),
    raw: finish.finish.raw,
    prompt: finish.usage.input.total,
  }
}

function replySummary({ parts, finish, usage }: CoreReply) {
  const joined = (pick: (part: CoreReply['parts'][number]) => string) => parts.map(pick).join('')
  return {
    text: joined((part) => (part.type === 'text' ? part.text : '')),
    reasoning: joined((part) => (part.type === 'reasoning' ? part.text : '')),
    input: joined((part) => (part.type === 'tool-call' ? part.inputText : '')),
    raw: finish.raw,
    prompt: usage.input.total,
  }
}

function expectAddsUp({ input, output, raw }: Usage): void {
  const wire = raw as Record<string, number>
  expect(input.total).toBe(wire['prompt_tokens'])
  // Servers that count reasoning apart report a total that says so; the others report the sum.
  expect(input.total! + output.total!).toBe(wire['total_tokens'])
  if (input.noCache !== undefined) {
    expect(input.noCache + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0)).toBe(input.total)
  }
  if (output.text !== undefined) expect(output.text + output.reasoning!).toBe(output.total)
}

describe('recorded streams', () => {
  for (const [folder, there] of Object.entries(STREAMS)) {
    needsData(folder, `of ${folder} come through the SDK without a loss`, async (dir) => {
      let count = 0
      for (const file of await files(dir, '.chunks.txt')) {
        const text = await readFile(file, 'utf8')
        if (!isChat(text)) continue
        count += 1
        const lines = linesOf(text)
        const { baseURL } = await provided((response) => sse(response, lines))
        const parts = await streamed(await opened({ baseURL }))
        const records = lines.map((line) => JSON.parse(line) as Recorded)
        expect(streamSummary(parts), file).toEqual(summary(records))
        const finish = parts.at(-1)
        if (finish?.type === 'finish') expectAddsUp(finish.usage)
      }
      expect(count).toBe(there)
    })
  }

  needsData('wire/deepseek', 'come out the same however their bytes are cut, and with CRLF', async (dir) => {
    const lines = linesOf(await readFile(join(dir, 'deepseek-tool-call.chunks.txt'), 'utf8'))
    const wanted = summary(lines.map((line) => JSON.parse(line) as Recorded))
    const cut = fc.record({ size: fc.integer({ min: 1, max: 4_000 }), newline: fc.constantFrom('\n', '\r\n') })
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
        expect(streamSummary(await streamed(await opened({ fetch })))).toEqual(wanted)
      }),
      { numRuns: 10 },
    )
  })

  needsData('wire/openai', 'of another protocol end in an error of ours, never in a crash', async (dir) => {
    for (const file of await files(dir, '.chunks.txt')) {
      const text = await readFile(file, 'utf8')
      if (isChat(text)) continue
      const { baseURL, close } = await provided((response) => sse(response, linesOf(text)))
      const failed = await failure(streamed(await opened({ baseURL })))
      expect(AiosError.is(failed), `${basename(file)}: ${failed.message}`).toBe(true)
      await close()
    }
  })
})

describe('recorded answers', () => {
  for (const [folder, there] of Object.entries(ANSWERS)) {
    needsData(folder, `of ${folder} come through the SDK without a loss`, async (dir) => {
      let count = 0
      for (const file of await files(dir, '.json')) {
        const text = await readFile(file, 'utf8')
        if (!isChat(text)) continue
        count += 1
        const { baseURL } = await provided((response) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(text),
        )
        const reply = await chat(await opened({ baseURL }))
        expect(replySummary(reply), file).toEqual(summary([JSON.parse(text) as Recorded]))
        expectAddsUp(reply.usage)
      }
      expect(count).toBe(there)
    })
  }

  needsData('wire/openai', 'of errors are rejections of the request', async (dir) => {
    const errors = (await files(dir, '.json')).filter((file) => file.endsWith('-error.json'))
    expect(errors.length).toBe(3)
    for (const file of errors) {
      const text = await readFile(file, 'utf8')
      const { baseURL } = await provided((response) =>
        response.writeHead(400, { 'content-type': 'application/json' }).end(text),
      )
      const { error } = JSON.parse(text) as { error: { message: string; param: string } }
      expect(await failure(chat(await opened({ baseURL })))).toMatchObject({
        code: 'AIOS_LLM_BAD_REQUEST',
        message: expect.stringContaining(error.message) as unknown,
        details: { param: error.param },
      })
    }
  })
})

/** Replays what Google really sent, through both real SDKs, and compares with what is read from the bytes directly. */
import {
  AiosError,
  type CoreReply,
  type CoreRequest,
  type MessagePart,
  type StreamPart,
  type Usage,
} from '@aios/kernel'
import fc from 'fast-check'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, describe, expect } from 'vitest'
import { google } from '@aios/llm/google'
import { needsData } from '../../setup/needs.js'
import { chat, failure, fakeFetch, streamed, textOf } from '../core/asking.js'
import { opened } from '../core/opened.js'
import { EVENT_STREAM, json, providerPool } from '../core/provider.js'
import { CORES, KEY, rootOf } from './cores.js'
import { events } from './generated.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

interface Part {
  readonly text?: string
  readonly thought?: boolean
  readonly thoughtSignature?: string
  readonly functionCall?: {
    readonly name?: string
    readonly args?: unknown
    readonly partialArgs?: readonly { readonly stringValue: string }[]
  }
}
interface Recorded {
  readonly candidates?: readonly {
    readonly content?: { readonly parts?: readonly Part[] }
    readonly finishReason?: string
  }[]
  readonly usageMetadata?: Readonly<Record<string, unknown>>
}

/** The recordings of generateContent; the others are of the Interactions and Live APIs. */
const STREAMS = 5
const ANSWERS = 4

async function files(folder: string, ending: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort()
  return names.map((name) => join(folder, name))
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')
const isGenerated = (text: string): boolean => text.includes('"candidates"')

/** Reads a recording as dumbly as possible. */
function summary(records: readonly Recorded[]) {
  const candidates = records.flatMap((record) => record.candidates ?? [])
  const parts = candidates.flatMap((candidate) => candidate.content?.parts ?? [])
  const calls = parts.flatMap(({ functionCall }) => functionCall ?? [])
  const said = calls.flatMap(({ args, partialArgs = [] }) => [
    ...(args === undefined ? [] : [Object.values(args as object).join('')]),
    ...partialArgs.map(({ stringValue }) => stringValue),
  ])
  return {
    text: parts.map(({ text = '', thought }) => (thought === true ? '' : text)).join(''),
    reasoning: parts.map(({ text = '', thought }) => (thought === true ? text : '')).join(''),
    names: calls.flatMap(({ name }) => name ?? []),
    arguments: said.join(''),
    signatures: parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []),
    raw: candidates.map(({ finishReason }) => finishReason).find((reason) => reason),
    prompt: records.map(({ usageMetadata }) => usageMetadata?.['promptTokenCount']).findLast((count) => count),
  }
}

/** Folds a stream into the parts that it means, the way the kernel does. */
function folded(parts: readonly StreamPart[]): MessagePart[] {
  const message: MessagePart[] = []
  let text = ''
  for (const part of parts) {
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') text += part.text
    if (part.type === 'tool-call') message.push(part)
    if (part.type === 'part') message.push(part.part)
    if (part.type === 'text-end' || part.type === 'reasoning-end') {
      const { opaque } = part
      message.push({ type: part.type === 'text-end' ? 'text' : 'reasoning', text, ...(opaque ? { opaque } : {}) })
      text = ''
    }
  }
  return message
}

function messageSummary(parts: readonly MessagePart[], raw: string | undefined, usage: Usage) {
  const joined = (type: 'text' | 'reasoning') => parts.map((part) => (part.type === type ? part.text : '')).join('')
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
  return {
    text: joined('text'),
    reasoning: joined('reasoning'),
    names: calls.map(({ name }) => name),
    arguments: calls.map(({ input }) => Object.values(input as object).join('')).join(''),
    signatures: parts.flatMap(
      ({ opaque }) => (opaque?.['google'] as { signature?: string } | undefined)?.signature ?? [],
    ),
    raw,
    prompt: usage.input.total,
  }
}

const replySummary = ({ parts, finish, usage }: CoreReply) => messageSummary(parts, finish.raw, usage)

function streamSummary(parts: readonly StreamPart[]) {
  const last = parts.at(-1)
  if (last?.type !== 'finish') throw new Error(`Expected a finish, got ${String(last?.type)}.`)
  return messageSummary(folded(parts), last.finish.raw, last.usage)
}

function expectAddsUp({ input, output, raw }: Usage): void {
  expect(input.total! + output.total!).toBe((raw as Record<string, number>)['totalTokenCount'])
  if (input.noCache !== undefined) expect(input.noCache + (input.cacheRead ?? 0)).toBe(input.total)
  if (output.text !== undefined) expect(output.text + output.reasoning!).toBe(output.total)
}

const usageOf = (parts: readonly StreamPart[]): Usage => {
  const last = parts.at(-1)
  return last?.type === 'finish' ? last.usage : { input: {}, output: {} }
}

describe.each(CORES)('%s over what Google sent', (_name, core) => {
  needsData('wire/google', 'reads every stream without a loss', async (dir) => {
    let count = 0
    for (const file of await files(dir, '.chunks.txt')) {
      const text = await readFile(file, 'utf8')
      if (!isGenerated(text)) continue
      count += 1
      const lines = linesOf(text)
      const baseURL = rootOf(await provided((response) => void events(response, lines)))
      const parts = await streamed(await opened(core('gemini-3-pro-preview', { baseURL, apiKey: KEY })))
      expect(streamSummary(parts), file).toEqual(summary(lines.map((line) => JSON.parse(line) as Recorded)))
      expectAddsUp(usageOf(parts))
    }
    expect(count).toBe(STREAMS)
  })

  needsData('wire/google', 'reads every answer without a loss', async (dir) => {
    let count = 0
    for (const file of await files(dir, '.json')) {
      const text = await readFile(file, 'utf8')
      if (!isGenerated(text)) continue
      count += 1
      const body = JSON.parse(text) as Recorded
      const baseURL = rootOf(await provided((response) => void json(response, body)))
      const reply = await chat(await opened(core('gemini-3-pro-preview', { baseURL, apiKey: KEY })))
      expect(replySummary(reply), file).toEqual(summary([body]))
      expectAddsUp(reply.usage)
    }
    expect(count).toBe(ANSWERS)
  })

  needsData('wire/google', 'answers another API with an error of ours, never with a crash', async (dir) => {
    for (const file of [...(await files(dir, '.chunks.txt')), ...(await files(dir, '.json'))]) {
      const text = await readFile(file, 'utf8')
      if (isGenerated(text)) continue
      const isStream = file.endsWith('.txt')
      const provider = await provided((response) =>
        isStream ? events(response, linesOf(text)) : json(response, JSON.parse(text)),
      )
      const driver = await opened(core('gemini-2.5-flash', { baseURL: rootOf(provider), apiKey: KEY }))
      const failed = await failure(isStream ? streamed(driver) : chat(driver))
      const wanted = isStream ? 'AIOS_LLM_INCOMPLETE_STREAM' : 'AIOS_LLM_SERVER'
      expect([AiosError.is(failed), failed.code], `${basename(file)}: ${failed.message}`).toEqual([true, wanted])
      await provider.close()
    }
  })

  needsData('wire/google', 'returns calls with their signatures byte for byte, in the order they came', async (dir) => {
    const text = await readFile(join(dir, 'google-stream-no-args-tool-call.chunks.txt'), 'utf8')
    const provider = await provided((response) => void events(response, linesOf(text)))
    const driver = await opened(core('gemini-3-flash-preview', { baseURL: rootOf(provider), apiKey: KEY }))
    const answer = folded(await streamed(driver))
    const results = answer.flatMap((part) =>
      part.type === 'tool-call'
        ? [{ type: 'tool-result' as const, id: part.id, name: part.name, output: part.id }]
        : [],
    )
    const request: CoreRequest = {
      messages: [
        { role: 'user', content: 'Read all.' },
        { role: 'assistant', content: answer },
        { role: 'tool', content: [...results].reverse() },
      ],
    }
    await streamed(driver, request)
    const contents = provider.requests[1]!.body['contents'] as readonly { role: string; parts: readonly Part[] }[]
    const [signature] = summary(linesOf(text).map((line) => JSON.parse(line) as Recorded)).signatures
    const screen = (id: string) => ({ functionCall: { name: 'read_screen', args: { id } } })
    expect(contents[1]!.parts.slice(1)).toEqual([
      { functionCall: { name: 'read_theme', args: {} }, thoughtSignature: signature },
      ...['A', 'B', 'C'].map(screen),
    ])
    expect(contents[2]).toEqual({
      role: 'user',
      parts: results.map(({ id, name }) => ({ functionResponse: { name, response: { output: id } } })),
    })
  })
})

needsData('wire/google', 'a stream comes out the same however its bytes are cut, and with CRLF', async (dir) => {
  const lines = linesOf(await readFile(join(dir, 'google-stream-no-args-tool-call.chunks.txt'), 'utf8'))
  const wanted = summary(lines.map((line) => JSON.parse(line) as Recorded))
  const cut = fc.record({ size: fc.integer({ min: 1, max: 4_000 }), newline: fc.constantFrom('\n', '\r\n') })
  await fc.assert(
    fc.asyncProperty(cut, async ({ size, newline }) => {
      const bytes = Buffer.from(
        lines.map((line) => `data: ${line.replace('**P', '**🌍P')}${newline}${newline}`).join(''),
      )
      const { fetch } = fakeFetch(() => {
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
            controller.close()
          },
        })
        return new Response(body, { headers: EVENT_STREAM })
      })
      const parts = await streamed(await opened(google('gemini-3-flash-preview', { apiKey: KEY, fetch })))
      const got = streamSummary(parts)
      expect({ ...got, reasoning: got.reasoning.replace('🌍', '') }).toEqual(wanted)
      expect(textOf(parts)).toBe(wanted.text)
    }),
    { numRuns: 10 },
  )
})

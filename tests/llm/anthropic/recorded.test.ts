/** Replays what Anthropic really sent, through the real SDK, and compares with what is read from the bytes otherwise. */
import { createKernel, type CoreReply, type CoreRequest, type Message, type StreamPart, type Usage } from '@aios/kernel'
import { anthropic } from '@aios/llm/anthropic'
import fc from 'fast-check'
import { afterEach, describe, expect } from 'vitest'
import { needsData } from '../../setup/needs.js'
import { chat, failure, fakeFetch, HELLO, jsonResponse, parts } from '../core/asking.js'
import { EVENT_STREAM, providerPool, type Body } from '../core/provider.js'
import { frame, stream } from './messages.js'
import { opened } from './opened.js'
import { accumulated, BROKEN, essence, eventsOf, messagesOf, recordings } from './recordings.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

type Sent = Body & { readonly messages: readonly { readonly role: string; readonly content: unknown }[] }
const WIRE = 'wire/anthropic'
const HOST = 'https://recorded.example'

/** Has a kernel put an answer together out of its parts. */
async function asked(fetch: typeof globalThis.fetch): Promise<CoreReply> {
  const core = anthropic('test-1', { baseURL: HOST, fetch, limits: { maxAttempts: 1 } })
  const kernel = await createKernel({ llm: core })
  try {
    const { message, ...reply } = await kernel.sys().llm.stream(HELLO).result
    return { ...reply, parts: message.content }
  } finally {
    await kernel.close()
  }
}

/** Returns the content of the answer as it goes back to the provider. */
async function sentBack(reply: CoreReply): Promise<unknown> {
  const { fetch, asked: requests } = fakeFetch(() => jsonResponse({ content: [] }))
  const said: Message = { role: 'assistant', content: reply.parts }
  const request: CoreRequest = { messages: [{ role: 'user', content: 'Go.' }, said, { role: 'user', content: 'On.' }] }
  await chat(await opened({ baseURL: HOST, fetch }), request)
  return (requests[0]!.body as Sent).messages.find(({ role }) => role === 'assistant')?.content ?? []
}

function expectAddsUp({ input, output, raw }: Usage): void {
  const wire = raw as Record<string, number | undefined>
  const cached = (wire['cache_read_input_tokens'] ?? 0) + (wire['cache_creation_input_tokens'] ?? 0)
  expect(input.total).toBe(wire['input_tokens']! + cached)
  expect((input.noCache ?? 0) + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0)).toBe(input.total)
  expect(output.total).toBe(wire['output_tokens'])
  if (output.text !== undefined) expect(output.text + output.reasoning!).toBe(output.total)
}

const answerOf = ({ parts, finish, usage, model }: CoreReply) => ({ parts, finish, usage, model })

async function replayed(events: readonly Body[]): Promise<CoreReply> {
  const body = events.map((event) => frame(event)).join('')
  const { fetch } = fakeFetch(() => new Response(body, { headers: EVENT_STREAM }))
  return asked(fetch)
}

describe('recorded streams', () => {
  needsData(WIRE, 'say what the helper of the SDK reads, and go back as they came', async (dir) => {
    let count = 0
    for (const { name, text } of await recordings(dir, '.chunks.txt')) {
      if (BROKEN.includes(name)) continue
      for (const events of messagesOf(text)) {
        count += 1
        const reply = await replayed(events)
        const wanted = await accumulated(events)
        expect(essence(await sentBack(reply)), name).toEqual(essence(wanted['content']))
        expect(reply.finish.raw, name).toBe(wanted['stop_reason'] ?? undefined)
        expect(reply.model, name).toBe(wanted['model'])
        expectAddsUp(reply.usage)
      }
    }
    expect(count).toBe(46 - BROKEN.length)
  })

  needsData(WIRE, 'of several turns in one file end with the first of them', async (dir) => {
    for (const { name, text } of await recordings(dir, '.chunks.txt')) {
      const messages = messagesOf(text)
      if (BROKEN.includes(name) || messages.length === 1) continue
      expect(answerOf(await replayed(eventsOf(text))), name).toEqual(answerOf(await replayed(messages[0]!)))
    }
  })

  needsData(WIRE, 'that begin twice with the same message are one answer', async (dir) => {
    const [first] = (await recordings(dir, BROKEN[0]!)).map(({ text }) => eventsOf(text))
    const reply = await replayed(first!)
    expect(reply).toMatchObject({
      parts: [{ type: 'text', text: 'Hello, World!' }],
      finish: { unified: 'stop' },
      usage: { input: { total: 17 }, output: { total: 227 } },
    })
  })

  needsData(
    WIRE,
    'into which another message is spliced are incomplete, and tell it after the parts before',
    async (dir) => {
      const [events] = (await recordings(dir, BROKEN[1]!)).map(({ text }) => eventsOf(text))
      const { baseURL } = await provided((response) => stream(response, events!))
      const iterator = parts(await opened({ baseURL }))
      const read: StreamPart[] = []
      const failed = await failure(
        (async () => {
          for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) read.push(next.value)
        })(),
      )
      expect(failed).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM', retryable: true })
      expect(read.some((part) => part.type === 'tool-call' || part.type === 'finish')).toBe(false)
      expect(read).toContainEqual({ type: 'tool-input-start', id: 'toolu_first', name: 'test-tool' })
    },
  )

  needsData(WIRE, 'come out the same however their bytes are cut, and with CRLF', async (dir) => {
    const [text] = (await recordings(dir, 'anthropic-clear-thinking.1.chunks.txt')).map(({ text }) => text)
    const events = eventsOf(text!)
    const wanted = await replayed(events)
    expect(wanted.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toMatch(/[^\0-\x7f]/)
    const cut = fc.record({ size: fc.integer({ min: 1, max: 4_000 }), newline: fc.constantFrom('\n', '\r\n') })
    await fc.assert(
      fc.asyncProperty(cut, async ({ size, newline }) => {
        const bytes = Buffer.from(events.map((event) => frame(event, newline)).join(''))
        const { fetch } = fakeFetch(() => {
          const body = new ReadableStream<Uint8Array>({
            start(controller) {
              for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
              controller.close()
            },
          })
          return new Response(body, { headers: EVENT_STREAM })
        })
        expect(answerOf(await asked(fetch))).toEqual(answerOf(wanted))
      }),
      { numRuns: 8 },
    )
  })

  needsData(WIRE, 'that break off anywhere are incomplete, never complete and never a crash', async (dir) => {
    const [text] = (await recordings(dir, 'anthropic-tool-search-regex.1.chunks.txt')).map(({ text }) => text)
    const events = messagesOf(text!)[0]!
    const last = events.findIndex(({ type }) => type === 'message_delta')
    for (let length = 0; length <= last; length += 1) {
      expect(await failure(replayed(events.slice(0, length)))).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM' })
    }
  })
})

describe('recorded answers', () => {
  needsData(WIRE, 'come through the SDK without a loss, and go back as they came', async (dir) => {
    let count = 0
    for (const { name, text } of await recordings(dir, '.json')) {
      const body = JSON.parse(text) as Body
      if (!Array.isArray(body['content'])) continue
      count += 1
      const { fetch } = fakeFetch(() => jsonResponse(body))
      const reply = await chat(await opened({ baseURL: HOST, fetch }))
      expect(essence(await sentBack(reply)), name).toEqual(essence(body['content']))
      expect(reply.finish.raw, name).toBe(body['stop_reason'])
      expectAddsUp(reply.usage)
    }
    expect(count).toBe(21)
  })

  needsData(WIRE, 'of a refusal have no content, and say so by their finish', async (dir) => {
    const [file] = await recordings(dir, 'anthropic-refusal-no-details.json')
    const { fetch } = fakeFetch(() => jsonResponse(JSON.parse(file!.text)))
    const reply = await chat(await opened({ fetch }))
    expect(reply).toMatchObject({ parts: [], finish: { unified: 'content-filter', raw: 'refusal' } })
  })

  needsData(WIRE, 'that are no messages are rejected', async (dir) => {
    for (const { text } of await recordings(dir, 'create.json')) {
      const { fetch } = fakeFetch(() => jsonResponse(JSON.parse(text)))
      expect(await failure(chat(await opened({ fetch })))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    }
  })

  needsData(WIRE, 'of the same question say the same whole and streamed', async (dir) => {
    const [streamedFile] = await recordings(dir, 'anthropic-advisor-stop-reasons.chunks.txt')
    const [wholeFile] = await recordings(dir, 'anthropic-advisor-stop-reasons.json')
    const { fetch } = fakeFetch(() => jsonResponse(JSON.parse(wholeFile!.text)))
    const whole = await chat(await opened({ baseURL: HOST, fetch }))
    expect((await replayed(eventsOf(streamedFile!.text))).parts).toEqual(whole.parts)
  })
})

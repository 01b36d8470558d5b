/** Replays responses that were really sent, through the real SDK, and compares with what is read from the bytes otherwise. */
import { createKernel, type CoreReply, type CoreRequest, type Message, type Usage } from '@aios/kernel'
import { openai } from '@aios/llm/openai'
import fc from 'fast-check'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { needsData } from '../../../setup/needs.js'
import { chat, failure, fakeFetch, HELLO, jsonResponse } from '../../core/asking.js'
import { EVENT_STREAM, type Body } from '../../core/provider.js'
import { frame, response } from './events.js'
import { opened } from './opened.js'

const HOST = 'https://recorded.example/v1'
const FOLDERS = { 'wire/openai': { streams: 24, answers: 19 }, 'wire/open-responses': { streams: 1, answers: 1 } }

/** Has one line that is no JSON: it was written by hand. */
const BROKEN = 'parallel-tool-call-wrapper.1.chunks.txt'

/** Their texts are whole only where they are done: pieces of them were taken out of the recordings. */
const SHORTENED = ['openai-phase.1.chunks.txt', 'openai-shell-container.1.chunks.txt']

async function texts(folder: string, ending: string): Promise<{ readonly name: string; readonly text: string }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending) && name !== BROKEN).sort()
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })))
}

/** Reads the streams of a file; some hold those of several turns, one after the other. */
function streamsOf(text: string): Body[][] {
  const streams: Body[][] = []
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const event = JSON.parse(line) as Body
    if (event['type'] === 'response.created') streams.push([])
    streams.at(-1)?.push(event)
  }
  return streams
}

/** Has a kernel put an answer together out of its parts. */
async function asked(fetch: typeof globalThis.fetch): Promise<CoreReply> {
  const core = openai('test-1', {
    api: 'responses',
    apiKey: 'sk-test',
    baseURL: HOST,
    fetch,
    limits: { maxAttempts: 1 },
  })
  const kernel = await createKernel({ llm: core })
  try {
    const { message, ...reply } = await kernel.sys().llm.stream(HELLO).result
    return { ...reply, parts: message.content }
  } finally {
    await kernel.close()
  }
}

async function replayed(sent: readonly Body[]): Promise<CoreReply> {
  const body = sent.map((event) => frame(event)).join('')
  return asked(fakeFetch(() => new Response(body, { headers: EVENT_STREAM })).fetch)
}

/** Returns the items of an answer as they go back to the provider, which is told to keep them. */
async function sentBack(reply: CoreReply): Promise<readonly Body[]> {
  const { fetch, asked: requests } = fakeFetch(() => jsonResponse(response([])))
  const said: Message = { role: 'assistant', content: reply.parts }
  const request: CoreRequest = {
    messages: [{ role: 'user', content: 'Go.' }, said],
    providerOptions: { openai: { store: true } },
  }
  await chat(await opened({ baseURL: HOST, fetch }), request)
  return (requests[0]!.body['input'] as readonly Body[]).slice(1)
}

/** What must go back: everything, but for a message that says nothing and the log probabilities of its tokens. */
function essence(items: readonly Body[]): readonly Body[] {
  return items.flatMap((item) => {
    if (item['type'] !== 'message') return [item]
    const content = (item['content'] as readonly Body[]).map(({ logprobs: _, ...rest }) => rest)
    return content.every(({ text }) => text === '') ? [] : [{ ...item, content }]
  })
}

function expectAddsUp({ input, output, raw }: Usage): void {
  const wire = raw as Record<string, number>
  expect(input.total).toBe(wire['input_tokens'])
  expect(input.noCache! + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0)).toBe(input.total)
  expect(output.total).toBe(wire['output_tokens'])
  if (output.text !== undefined) expect(output.text + output.reasoning!).toBe(output.total)
}

const textOf = ({ parts }: CoreReply): string => parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
const answerOf = ({ parts, finish, usage }: CoreReply) => ({ parts, finish, usage })
const doneItems = (sent: readonly Body[]): Body[] =>
  sent.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item as Body)
const saidText = (sent: readonly Body[]): string =>
  sent.map(({ type, delta }) => (type === 'response.output_text.delta' ? String(delta) : '')).join('')

describe('recorded streams of responses', () => {
  for (const [folder, { streams: there }] of Object.entries(FOLDERS)) {
    needsData(folder, `of ${folder} come through the SDK without a loss, and go back as they came`, async (dir) => {
      let count = 0
      for (const { name, text } of await texts(dir, '.chunks.txt')) {
        for (const sent of streamsOf(text)) {
          count += 1
          const reply = await replayed(sent)
          expect(textOf(reply), name).toBe(saidText(sent))
          if (!SHORTENED.includes(name)) expect(await sentBack(reply), name).toEqual(essence(doneItems(sent)))
          expectAddsUp(reply.usage)
          expect(reply.finish.raw).toBe('completed')
        }
      }
      expect(count).toBe(there)
    })
  }

  needsData('wire/openai', 'say the same as the whole response at their end', async (dir) => {
    let count = 0
    for (const { name, text } of await texts(dir, '.chunks.txt')) {
      for (const sent of streamsOf(text)) {
        const body = (sent.at(-1) as { readonly response: Body }).response
        const said = await chat(await opened({ baseURL: HOST, fetch: fakeFetch(() => jsonResponse(body)).fetch }))
        // Some servers leave the items out of the last event or name them anew, and a few recordings were shortened.
        const isSame = JSON.stringify(essence(body['output'] as Body[])) === JSON.stringify(essence(doneItems(sent)))
        if (!isSame || textOf(said) !== saidText(sent)) continue
        count += 1
        expect(answerOf(await replayed(sent)), name).toEqual(answerOf(said))
      }
    }
    expect(count).toBe(18)
  })

  needsData('wire/openai', 'come out the same however their bytes are cut, and with CRLF', async (dir) => {
    const text = await readFile(join(dir, 'openai-reasoning-encrypted-content.1.chunks.txt'), 'utf8')
    const sent = streamsOf(text)[0]!
    const wanted = await replayed(sent)
    const cut = fc.record({ size: fc.integer({ min: 1, max: 4_000 }), newline: fc.constantFrom('\n', '\r\n') })
    await fc.assert(
      fc.asyncProperty(cut, async ({ size, newline }) => {
        const bytes = Buffer.from(sent.map((event) => frame(event, newline)).join(''))
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

  needsData('wire/openai', 'that break off anywhere are incomplete, never complete and never a crash', async (dir) => {
    const sent = streamsOf(await readFile(join(dir, 'programmatic-tool-calling.1.chunks.txt'), 'utf8'))[0]!
    for (let kept = 0; kept < sent.length; kept += 1) {
      const failed = await failure(replayed(sent.slice(0, kept)))
      expect(failed.code, `after ${kept} events`).toBe('AIOS_LLM_INCOMPLETE_STREAM')
    }
  })
})

describe('recorded responses', () => {
  for (const [folder, { answers: there }] of Object.entries(FOLDERS)) {
    needsData(folder, `of ${folder} come through the SDK without a loss, and go back as they came`, async (dir) => {
      let count = 0
      for (const { name, text } of await texts(dir, '.json')) {
        const body = JSON.parse(text) as Body
        if (body['object'] !== 'response') continue
        count += 1
        const { fetch } = fakeFetch(() => jsonResponse(body))
        const reply = await chat(await opened({ baseURL: HOST, fetch }))
        expect(await sentBack(reply), name).toEqual(essence(body['output'] as Body[]))
        expectAddsUp(reply.usage)
        expect(reply.model).toBe(body['model'])
      }
      expect(count).toBe(there)
    })
  }

  needsData('wire/openai', 'of errors are rejections of the request', async (dir) => {
    const errors = (await texts(dir, '.json')).filter(({ name }) => name.endsWith('-error.json'))
    expect(errors.length).toBe(3)
    for (const { text } of errors) {
      const { fetch } = fakeFetch(() => jsonResponse(JSON.parse(text), 400))
      expect(await failure(chat(await opened({ baseURL: HOST, fetch })))).toMatchObject({
        code: 'AIOS_LLM_BAD_REQUEST',
      })
    }
  })
})

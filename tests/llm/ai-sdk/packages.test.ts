/** Real provider packages in front of providers that misbehave. */
import { createOpenAI } from '@ai-sdk/openai'
import { compatible2, compatible3, compatible4, createAnthropic, createAnthropic4 } from '@aios/ground-ai-sdk'
import { createKernel, type LlmDriver } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { fromAiSdk, toAiSdk } from '@aios/llm/ai-sdk'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chat, failure, streamed, textOf } from '../core/asking.js'
import { EVENT_STREAM, json, providerPool, sse, type Play } from '../core/provider.js'

// It prints warnings of what the packages do not know of our model.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const own = { name: 'test', apiKey: 'k' }
const OPENAI = [
  ['openai-compatible 1', (baseURL: string) => fromAiSdk(compatible2({ ...own, baseURL })('m'))],
  ['openai-compatible 2', (baseURL: string) => fromAiSdk(compatible3({ ...own, baseURL })('m'))],
  ['openai-compatible 3', (baseURL: string) => fromAiSdk(compatible4({ ...own, baseURL })('m'))],
  ['openai 3', (baseURL: string) => fromAiSdk(createOpenAI({ apiKey: 'k', baseURL }).chat('m'))],
] as const
const ANTHROPIC = [
  ['anthropic 3', (baseURL: string) => fromAiSdk(createAnthropic({ apiKey: 'k', baseURL })('m'))],
  ['anthropic 4', (baseURL: string) => fromAiSdk(createAnthropic4({ apiKey: 'k', baseURL })('m'))],
] as const

async function coreOf(make: (baseURL: string) => LlmDriver, play: Play) {
  const provider = await provided(play)
  const driver = make(provider.baseURL)
  await driver.open?.(fakeDriverServices())
  return { driver, provider }
}

const chunk = (delta: object, finish: string | null = null) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
})

describe.each([...OPENAI, ...ANTHROPIC])('over %s', (_, make) => {
  it.each([
    { what: 'a page of HTML with 502', status: 502, body: '<html>Bad gateway</html>', code: 'AIOS_LLM_SERVER' },
    { what: 'a page of HTML with 200', status: 200, body: '<html>Welcome</html>', code: 'AIOS_LLM_SERVER' },
    { what: '429 without a word', status: 429, body: '', code: 'AIOS_LLM_RATE_LIMIT' },
    { what: 'a wrong key', status: 401, body: '{"error":{"type":"authentication_error"}}', code: 'AIOS_LLM_AUTH' },
  ])('$what is what it is, and asked for once', async ({ status, body, code }) => {
    const { driver, provider } = await coreOf(make, (response) => {
      response.writeHead(status, { 'content-type': 'text/html' })
      response.end(body)
    })
    expect(await failure(chat(driver))).toMatchObject({ code, retryable: code !== 'AIOS_LLM_AUTH' })
    expect(provider.requests).toHaveLength(1)
  })

  it('a wait that the provider asks for is passed on', async () => {
    const { driver } = await coreOf(make, (response) =>
      json(
        response,
        { error: { message: 'Slow.', type: 'rate_limit_error' } },
        { status: 429, headers: { 'retry-after': '7' } },
      ),
    )
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 7_000 })
  })
})

describe.each(OPENAI)('over %s', (_, make) => {
  it('an error inside of a stream fails the call', async () => {
    const error = { error: { message: 'Busy.', type: 'server_error', code: 'rate_limit_exceeded' } }
    const { driver } = await coreOf(make, (response) => sse(response, [chunk({ content: 'Once' }), error]))
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT' })
  })

  it('text comes whole, wherever its bytes are cut, with CRLF', async () => {
    const sent = Buffer.from(
      [chunk({ role: 'assistant', content: 'Ährenfeld ' }), chunk({ content: '🌾é' }), chunk({}, 'stop'), '[DONE]']
        .map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\r\n\r\n`)
        .join(''),
    )
    for (const size of [1, 2, 3, 7, 64]) {
      const { driver } = await coreOf(make, async (response) => {
        response.writeHead(200, EVENT_STREAM)
        for (let at = 0; at < sent.length; at += size) {
          response.write(sent.subarray(at, at + size))
          if (size > 1) await new Promise(setImmediate)
        }
        response.end()
      })
      expect(textOf(await streamed(driver)), `pieces of ${size}`).toBe('Ährenfeld 🌾é')
    }
  })
})

it.each(ANTHROPIC)('an error inside of a stream of %s fails the call', async (_, make) => {
  const { driver } = await coreOf(make, (response) => {
    const start = {
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        content: [],
        model: 'm',
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    }
    const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Once' } }
    sse(response, [start, block, delta, { type: 'error', error: { type: 'overloaded_error', message: 'Busy.' } }], [])
  })
  expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_OVERLOADED' })
})

it.each([
  ['openai-compatible 1', (baseURL: string) => fromAiSdk(compatible2({ ...own, baseURL }).textEmbeddingModel('e'))],
  ['openai-compatible 2', (baseURL: string) => fromAiSdk(compatible3({ ...own, baseURL }).embeddingModel('e'))],
  ['openai-compatible 3', (baseURL: string) => fromAiSdk(compatible4({ ...own, baseURL }).embeddingModel('e'))],
  ['openai 3', (baseURL: string) => fromAiSdk(createOpenAI({ apiKey: 'k', baseURL }).embedding('e'))],
])('%s makes vectors, and refuses those that are no numbers', async (_, make) => {
  let embedding: unknown = [0.5, -1]
  const { driver } = await coreOf(make, (response, { body }) => {
    const input = body['input'] as string[]
    const data = input.map((__, index) => ({ object: 'embedding', index, embedding }))
    json(response, { object: 'list', model: 'e', data, usage: { prompt_tokens: 3, total_tokens: 3 } })
  })
  const reply = await driver.embed!({ input: ['a', 'b'] }, fakeDriverCall())
  expect(reply.vectors).toEqual([Float32Array.of(0.5, -1), Float32Array.of(0.5, -1)])
  expect(reply.usage.input.total).toBe(3)
  embedding = Buffer.from(Float32Array.of(0.5).buffer).toString('base64')
  expect(await failure(Promise.resolve(driver.embed!({ input: ['a'] }, fakeDriverCall())))).toMatchObject({
    code: 'AIOS_LLM_SERVER',
  })
})

it('a model that ignores the schema is found out by llm.json', async () => {
  const { baseURL } = await provided((response) => {
    const message = { role: 'assistant', content: '{"town":"Bonn"}' }
    json(response, {
      id: 'c',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    })
  })
  const kernel = await createKernel({ llm: fromAiSdk(compatible4({ ...own, baseURL })('m')) })
  const schema = z.object({ city: z.string() })
  const asked = kernel.sys().llm.json({ messages: [{ role: 'user', content: 'A city.' }], schema })
  expect((await failure(asked)).code).toMatch(/^AIOS_LLM_/)
  await kernel.close()
})

/** Signatures are bytes to everybody but their provider. */
const SIGNATURE = 'EqQB+/=\u00e4"\\ 0'
const THINKING = { type: 'thinking', thinking: 'Add them.', signature: SIGNATURE }
const REDACTED = { type: 'redacted_thinking', data: 'gAAA+/==' }
const USE = { type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 2, b: 3 } }
const usage = { input_tokens: 5, output_tokens: 5 }
const TOOLS = { add: tool({ inputSchema: z.object({ a: z.number(), b: z.number() }), execute: ({ a, b }) => a + b }) }

const message = (content: readonly object[], reason: string) => ({
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content,
  stop_reason: reason,
  stop_sequence: null,
  usage,
})

function blockEvents(
  block: typeof THINKING | typeof REDACTED | typeof USE | { type: 'text'; text: string },
  index: number,
): object[] {
  const place = { index }
  const end = { type: 'content_block_stop', ...place }
  const delta = (said: object) => ({ type: 'content_block_delta', ...place, delta: said })
  const start = (empty: object) => ({ type: 'content_block_start', ...place, content_block: { ...block, ...empty } })
  if ('signature' in block)
    return [
      start({ thinking: '', signature: '' }),
      delta({ type: 'thinking_delta', thinking: block.thinking }),
      delta({ type: 'signature_delta', signature: block.signature }),
      end,
    ]
  if ('data' in block) return [start({}), end]
  if ('text' in block) return [start({ text: '' }), delta({ type: 'text_delta', text: block.text }), end]
  return [start({ input: {} }), delta({ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }), end]
}

const thinks: Play = (response, { body }) => {
  const isSecond = (body['messages'] as unknown[]).length > 1
  const content = isSecond ? [{ type: 'text' as const, text: 'It is 5.' }] : [THINKING, REDACTED, USE]
  const reason = isSecond ? 'end_turn' : 'tool_use'
  if (body['stream'] !== true) return json(response, message(content, reason))
  const end = { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage }
  const start = { type: 'message_start', message: { ...message([], reason), stop_reason: null } }
  sse(response, [start, ...content.flatMap(blockEvents), end, { type: 'message_stop' }], [])
}

describe.each([
  ['anthropic 3', createAnthropic],
  ['anthropic 4', createAnthropic4],
] as const)('through a kernel between %s and an app', (_, make) => {
  it.each(['generateText', 'streamText'] as const)(
    'signatures come back byte for byte in a tool loop of %s',
    async (way) => {
      const { baseURL, requests } = await provided(thinks)
      const kernel = await createKernel({ llm: fromAiSdk(make({ apiKey: 'k', baseURL })('m')) })
      const call = {
        model: toAiSdk(kernel, { specification: 'v3' }),
        prompt: 'What is 2 + 3?',
        tools: TOOLS,
        stopWhen: stepCountIs(3),
        maxRetries: 0,
        providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: 1_024 } } },
      } as const
      const text = way === 'generateText' ? (await generateText(call)).text : await streamText(call).text
      await kernel.close()
      expect(text).toBe('It is 5.')
      expect(requests[0]!.body['thinking']).toMatchObject({ type: 'enabled', budget_tokens: 1_024 })
      const [, answered] = requests[1]!.body['messages'] as { content: object[] }[]
      expect(answered!.content).toEqual([THINKING, REDACTED, USE])
    },
  )
})

import type { CoreRequest, StreamPart } from '@aios/kernel'
import { fakeDriverCall } from '@aios/kernel/testing'
import { fromAiSdk, type AiSdkSpec } from '@aios/llm/ai-sdk'
import { describe, expect, it } from 'vitest'
import { chat, failure, HELLO, streamed, textOf } from '../core/asking.js'
import { opened } from '../core/opened.js'
import {
  apiCallError,
  finished,
  languageModel,
  sdkFinish,
  sdkUsage,
  type Behaviour,
  type Fields,
} from './structural-model.js'

const SPECS: readonly AiSdkSpec[] = ['v2', 'v3', 'v4']

async function coreOf(behaviour: Behaviour) {
  const { model, asked } = languageModel(behaviour)
  return { driver: await opened(fromAiSdk(model)), asked }
}

const answer = (spec: AiSdkSpec, content: readonly Fields[], more: Fields = {}): Fields => ({
  content,
  finishReason: sdkFinish(spec, 'stop'),
  usage: sdkUsage(spec, { input: 3, output: 2 }),
  warnings: [],
  ...more,
})

const writing =
  (...parts: readonly Fields[]): NonNullable<Behaviour['stream']> =>
  (write) => {
    parts.forEach(write)
  }

const partsOf = (read: readonly StreamPart[]) => read.flatMap((part) => (part.type === 'part' ? [part.part] : []))
const finishOf = (read: readonly StreamPart[]) => read.find((part) => part.type === 'finish')

describe.each(SPECS)('a request to a model of %s', (spec) => {
  const file = (data: unknown, tag: 'data' | 'url') => (spec === 'v4' ? { type: tag, [tag]: data } : data)

  it('carries the conversation, tools and settings', async () => {
    const { driver, asked } = await coreOf({
      spec,
      supportedUrls: { 'image/*': [/^https:/] },
      generate: () => answer(spec, [{ type: 'text', text: 'Ok.' }]),
    })
    const request: CoreRequest = {
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.' },
            { type: 'file', mediaType: 'image/png', data: Uint8Array.of(1, 2) },
            { type: 'file', mediaType: 'image/png', data: 'https://example.org/a.png', filename: 'a.png' },
            { type: 'file', mediaType: 'image/png', data: 'data:image/png;base64,AQI=' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Adding.' },
            { type: 'tool-call', id: 'c1', name: 'local/add', input: { a: 1 }, inputText: '{"a":1}' },
            { type: 'tool-call', id: 'c2', name: 'local/add', input: undefined, inputText: '{"a', invalid: 'No.' },
            { type: 'source', url: 'https://example.org' },
          ],
        },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', id: 'c1', name: 'local/add', output: { sum: 1 } },
            { type: 'tool-result', id: 'c2', name: 'local/add', output: 'No.', isError: true },
          ],
        },
      ],
      tools: [{ name: 'local/add', description: 'Adds.', inputSchema: { type: 'object' } }],
      toolChoice: { tool: 'local/add' },
      responseFormat: { type: 'json', schema: { type: 'object' }, name: 'sum' },
      temperature: 0.1,
      topP: 0.9,
      maxOutputTokens: 9,
      stop: ['.'],
      seed: 4,
      providerOptions: { test: { user: 'u' }, 'ai-sdk': { topK: 3, headers: { 'x-a': 'b' } } },
    }
    await chat(driver, request)
    const { abortSignal, ...sent } = asked[0]!
    expect(abortSignal).toBeInstanceOf(AbortSignal)
    expect(sent).toEqual({
      prompt: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.' },
            { type: 'file', mediaType: 'image/png', data: file(Uint8Array.of(1, 2), 'data') },
            {
              type: 'file',
              mediaType: 'image/png',
              data: file(new URL('https://example.org/a.png'), 'url'),
              filename: 'a.png',
            },
            { type: 'file', mediaType: 'image/png', data: file('AQI=', 'data') },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Adding.' },
            { type: 'tool-call', toolCallId: 'c1', toolName: 'local_add', input: { a: 1 } },
            { type: 'tool-call', toolCallId: 'c2', toolName: 'local_add', input: '{"a' },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'c1',
              toolName: 'local_add',
              output: { type: 'json', value: { sum: 1 } },
            },
            {
              type: 'tool-result',
              toolCallId: 'c2',
              toolName: 'local_add',
              output: { type: 'error-text', value: 'No.' },
            },
          ],
        },
      ],
      tools: [{ type: 'function', name: 'local_add', description: 'Adds.', inputSchema: { type: 'object' } }],
      toolChoice: { type: 'tool', toolName: 'local_add' },
      responseFormat: { type: 'json', schema: { type: 'object' }, name: 'sum' },
      temperature: 0.1,
      topP: 0.9,
      maxOutputTokens: 9,
      stopSequences: ['.'],
      seed: 4,
      providerOptions: { test: { user: 'u' } },
      topK: 3,
      headers: { 'x-a': 'b' },
    })
  })

  it('asks for an effort where the specification has one, and warns where not', async () => {
    const { driver, asked } = await coreOf({ spec, generate: () => answer(spec, []) })
    const reply = await chat(driver, { ...HELLO, reasoning: 'high' })
    expect(asked[0]!['reasoning']).toBe(spec === 'v4' ? 'high' : undefined)
    expect(reply.warnings?.map(({ setting }) => setting)).toEqual(spec === 'v4' ? undefined : ['reasoning'])
  })

  it('returns what a provider attached to a part untouched, and only to it', async () => {
    const metadata = { test: { signature: 'sig\u0000+/=', nested: { list: [1, null] } } }
    const behaviour: Behaviour = {
      spec,
      generate: () =>
        answer(spec, [
          { type: 'reasoning', text: 'Hm.', providerMetadata: metadata },
          { type: 'tool-call', toolCallId: 'c1', toolName: 'add', input: '{}', providerMetadata: metadata },
        ]),
      stream: writing(
        { type: 'reasoning-start', id: '0' },
        { type: 'reasoning-delta', id: '0', delta: 'Hm.' },
        { type: 'reasoning-delta', id: '0', delta: '', providerMetadata: metadata },
        { type: 'reasoning-end', id: '0' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'add', input: '{}', providerMetadata: metadata },
        finished(spec, 'tool-calls'),
      ),
    }
    const { driver, asked } = await coreOf(behaviour)
    const { parts } = await chat(driver)
    const read = await streamed(driver)
    const opaque = read.find((part) => part.type === 'reasoning-end')?.opaque
    expect(opaque).toEqual(parts[0]!.opaque)
    const messages = [...HELLO.messages, { role: 'assistant' as const, content: parts }]
    await chat(driver, { messages })
    const other = await coreOf({ ...behaviour, provider: 'other.chat' })
    await chat(other.driver, { messages })
    const returned = (prompt: (typeof asked)[0]) =>
      (prompt.prompt[1]!['content'] as Fields[]).map((part) => part['providerOptions'])
    expect(returned(asked[2]!)).toEqual([metadata, metadata])
    expect(returned(other.asked[0]!)).toEqual([undefined, undefined])
  })
})

describe.each(SPECS)('an answer of a model of %s', (spec) => {
  it('keeps what the provider ran itself, and returns it as it was', async () => {
    const call = {
      type: 'tool-call',
      toolCallId: 's1',
      toolName: 'web_search',
      input: '{"q":"x"}',
      providerExecuted: true,
    }
    const result = { type: 'tool-result', toolCallId: 's1', toolName: 'web_search', result: { hits: 1 } }
    const source = { type: 'source', sourceType: 'url', id: '1', url: 'https://example.org', title: 'Example' }
    const { driver, asked } = await coreOf({
      spec,
      generate: () => answer(spec, [call, result, source, { type: 'text', text: 'Found.' }]),
      stream: writing(
        { type: 'tool-input-start', id: 's1', toolName: 'web_search', providerExecuted: true },
        { type: 'tool-input-delta', id: 's1', delta: '{"q":"x"}' },
        { type: 'tool-input-end', id: 's1' },
        call,
        result,
        source,
        finished(spec),
      ),
    })
    const reply = await chat(driver)
    expect(reply.finish.unified).toBe('stop')
    expect(reply.parts.map(({ type }) => type)).toEqual(['custom', 'custom', 'source', 'text'])
    const read = await streamed(driver)
    expect(partsOf(read)).toEqual(reply.parts.slice(0, 3))
    expect(read.map(({ type }) => type)).toEqual(['start', 'part', 'part', 'part', 'finish'])
    await chat(driver, { messages: [...HELLO.messages, { role: 'assistant', content: reply.parts }] })
    expect(asked[2]!.prompt[1]!['content']).toEqual([
      { type: 'tool-call', toolCallId: 's1', toolName: 'web_search', input: { q: 'x' }, providerExecuted: true },
      { type: 'tool-result', toolCallId: 's1', toolName: 'web_search', output: { type: 'json', value: { hits: 1 } } },
      { type: 'text', text: 'Found.' },
    ])
  })

  it('keeps blocks apart that the model writes at once, and content that nobody knows', async () => {
    const { driver } = await coreOf({
      spec,
      stream: writing(
        { type: 'reasoning-start', id: '0' },
        { type: 'reasoning-delta', id: '0', delta: 'Hm.' },
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: 'Hello' },
        { type: 'reasoning-end', id: '0', providerMetadata: { test: { late: true } } },
        { type: 'raw', rawValue: {} },
        { type: 'text-delta', id: '0', delta: '!' },
        { type: 'text-end', id: '0' },
        { type: 'novelty', value: 1 },
        finished(spec, 'stop', { providerMetadata: { test: { logprobs: [1] } } }),
      ),
    })
    const read = await streamed(driver)
    expect(textOf(read)).toBe('Hello!')
    expect(read.filter(({ type }) => type === 'reasoning-end')).toMatchObject([
      {},
      { opaque: { 'ai-sdk': { metadata: { test: { late: true } } } } },
    ])
    expect(partsOf(read)).toMatchObject([
      { kind: 'ai-sdk.novelty', value: { value: 1 } },
      { kind: 'ai-sdk.metadata', value: { test: { logprobs: [1] } } },
    ])
  })

  it('gives calls ids of their own, and counts the same call once', async () => {
    const call = (toolCallId: string | undefined, input: string) => ({
      type: 'tool-call',
      toolCallId,
      toolName: 'add',
      input,
    })
    const calls = [call('c', '{"a":1}'), call('c', '{"a":1}'), call('c', '{"a":2}'), call(undefined, '')]
    const { driver } = await coreOf({
      spec,
      generate: () => answer(spec, calls),
      stream: writing(...calls, finished(spec)),
    })
    const whole = await chat(driver)
    expect(whole.parts).toMatchObject([
      { id: 'c', input: { a: 1 } },
      { id: 'call_1_1', input: { a: 2 } },
      { id: 'call_1_2', input: {} },
    ])
    expect(whole.finish.unified).toBe('tool-calls')
    const read = await streamed(driver)
    expect(read.filter(({ type }) => type === 'tool-call')).toEqual(whole.parts)
  })

  it('marks a call that was cut at the limit', async () => {
    const { driver } = await coreOf({
      spec,
      stream: writing(
        { type: 'tool-input-start', id: 'c', toolName: 'add' },
        { type: 'tool-input-delta', id: 'c', delta: '{"a":' },
        finished(spec, 'length'),
      ),
    })
    const read = await streamed(driver)
    expect(read.slice(1, 5)).toMatchObject([
      { type: 'tool-input-start', id: 'c', name: 'add' },
      { type: 'tool-input-delta', text: '{"a":' },
      { type: 'tool-input-end', id: 'c' },
      { type: 'tool-call', id: 'c', inputText: '{"a":', input: undefined },
    ])
    expect(finishOf(read)).toMatchObject({ finish: { unified: 'length' } })
  })

  it('passes on what the model warns of', async () => {
    const warning =
      spec === 'v2'
        ? { type: 'unsupported-setting', setting: 'seed', details: 'No seed.' }
        : { type: 'unsupported', feature: 'seed', details: 'No seed.' }
    const { driver } = await coreOf({
      spec,
      generate: () => answer(spec, [], { warnings: [warning] }),
      stream: writing({ type: 'stream-start', warnings: [warning] }, finished(spec)),
    })
    const warnings = [{ setting: 'seed', message: 'No seed.' }]
    expect((await chat(driver)).warnings).toEqual(warnings)
    expect((await streamed(driver))[0]).toEqual({ type: 'start', warnings })
  })

  it('is incomplete where a provider package closes a stream that was cut', async () => {
    const cut = { v2: 'unknown', v3: { unified: 'other', raw: undefined }, v4: { unified: 'interrupted' } }[spec]
    const { driver } = await coreOf({
      spec,
      stream: writing({ type: 'text-delta', id: '0', delta: 'Once' }, finished(spec, 'stop', { finishReason: cut })),
    })
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM' })
  })

  it.each([
    [{ type: 'overloaded_error', message: 'Busy.' }, 'AIOS_LLM_OVERLOADED'],
    [{ code: 'rate_limit_exceeded', message: 'Slow.' }, 'AIOS_LLM_RATE_LIMIT'],
    ['Broken.', 'AIOS_LLM_SERVER'],
    [apiCallError({ statusCode: 429 }), 'AIOS_LLM_RATE_LIMIT'],
    [Object.assign(new Error('Odd.'), { name: 'AI_TypeValidationError' }), 'AIOS_LLM_SERVER'],
    [new TypeError('terminated', { cause: new Error('reset') }), 'AIOS_LLM_NETWORK'],
    [new TypeError('x is not a function'), 'AIOS_LLM_SERVER'],
  ])('fails with an error inside of the stream: %o', async (error, code) => {
    const { driver } = await coreOf({
      spec,
      stream: writing({ type: 'text-delta', id: '0', delta: 'Once' }, { type: 'error', error }, finished(spec)),
    })
    expect(await failure(streamed(driver))).toMatchObject({ code })
  })

  it('tells errors apart by their fields', async () => {
    const named = (name: string) => Object.assign(new Error('No.'), { name })
    const errors: [Error, string][] = [
      [named('AI_LoadAPIKeyError'), 'AIOS_LLM_AUTH'],
      [named('AI_NoSuchModelError'), 'AIOS_LLM_NOT_FOUND'],
      [named('AI_UnsupportedFunctionalityError'), 'AIOS_UNSUPPORTED'],
      [apiCallError({ isRetryable: true }), 'AIOS_LLM_NETWORK'],
      [apiCallError({ statusCode: 200, cause: named('AI_JSONParseError') }), 'AIOS_LLM_SERVER'],
      [apiCallError({ statusCode: 200, cause: new TypeError('terminated') }), 'AIOS_LLM_NETWORK'],
      [apiCallError({ statusCode: 502, responseBody: '<html>' }), 'AIOS_LLM_SERVER'],
      [
        apiCallError({ statusCode: 400, responseBody: '{"error":{"code":"context_length_exceeded"}}' }),
        'AIOS_LLM_CONTEXT_OVERFLOW',
      ],
    ]
    for (const [error, code] of errors) {
      const { driver } = await coreOf({ spec, generate: () => Promise.reject(error) })
      expect(await failure(chat(driver)), error.name).toMatchObject({ code, cause: error })
    }
  })

  it('that no money is left for is not tried again', async () => {
    const error = apiCallError({ statusCode: 429, data: { error: { code: 'insufficient_quota' } } })
    const { driver } = await coreOf({ spec, generate: () => Promise.reject(error) })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryable: false })
  })
})

it('passes on what the headers say about limits', async () => {
  const { driver } = await coreOf({ spec: 'v3', stream: writing(finished('v3')) })
  const signals: unknown[] = []
  await streamed(driver, HELLO, fakeDriverCall({ observe: (signal) => void signals.push(signal) }))
  expect(signals).toMatchObject([{ kind: 'headers', remainingRequests: 7 }])
})

it('refuses the address of a file that the model does not fetch', async () => {
  const { driver, asked } = await coreOf({ spec: 'v3', generate: () => answer('v3', []) })
  const content = [{ type: 'file' as const, mediaType: 'image/png', data: 'https://example.org/a.png' }]
  expect(await failure(chat(driver, { messages: [{ role: 'user', content }] }))).toMatchObject({
    code: 'AIOS_UNSUPPORTED',
  })
  expect(asked).toEqual([])
})

/** A model of the AI SDK behind a kernel, and the kernel as a model of the AI SDK before it: nothing is lost on the way. */
import { createKernel, type Kernel } from '@aios/kernel'
import { fromAiSdk, toAiSdk, type AiSdkSpec } from '@aios/llm/ai-sdk'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { failure } from '../core/asking.js'
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
const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
})

async function through<S extends AiSdkSpec>(behaviour: Behaviour, specification: S) {
  const { model, asked } = languageModel(behaviour)
  const kernel = await createKernel({ llm: fromAiSdk(model, { limits: { maxAttempts: 1 } }) })
  kernels.push(kernel)
  return { model: toAiSdk(kernel, { specification }), asked }
}

const metadata = { test: { signature: 'sig\u0000+/=', list: [1, { a: null }] } }
const SEARCH = { type: 'tool-call', toolCallId: 's1', toolName: 'web', input: '{"q":"x"}', providerExecuted: true }
const FOUND = { type: 'tool-result', toolCallId: 's1', toolName: 'web', result: { hits: 1 } }
const CALL = {
  type: 'tool-call',
  toolCallId: 'c1',
  toolName: 'add',
  input: '{"a":2,"b":3}',
  providerMetadata: metadata,
}
const CONTENT: readonly Fields[] = [
  { type: 'reasoning', text: 'Hm.', providerMetadata: metadata },
  { type: 'text', text: 'Adding.' },
  SEARCH,
  FOUND,
  { type: 'source', sourceType: 'url', id: 'source-4', url: 'https://example.org', title: 'Example' },
  CALL,
]

/** First it thinks, searches and asks for a tool; then it is done. */
const twoTurns = (spec: AiSdkSpec): Behaviour => ({
  spec,
  generate: ({ prompt }) => ({
    content: prompt.length > 1 ? [{ type: 'text', text: 'It is 5.' }] : CONTENT,
    finishReason: sdkFinish(spec, prompt.length > 1 ? 'stop' : 'tool-calls'),
    usage: sdkUsage(spec, { input: 9, output: 6, cacheRead: 4, reasoning: 2 }),
    providerMetadata: { test: { logprobs: [1] } },
    warnings: [],
  }),
  stream(write, { prompt }) {
    if (prompt.length > 1) {
      write({ type: 'text-start', id: '0' })
      write({ type: 'text-delta', id: '0', delta: 'It is 5.' })
      write({ type: 'text-end', id: '0' })
      return write(finished(spec))
    }
    for (const [id, part] of CONTENT.entries()) {
      const { type, text, providerMetadata } = part
      if (type !== 'text' && type !== 'reasoning') write(part)
      else {
        write({ type: `${type}-start`, id })
        write({ type: `${type}-delta`, id, delta: text })
        write({ type: `${type}-end`, id, ...(providerMetadata === undefined ? {} : { providerMetadata }) })
      }
    }
    write(finished(spec, 'tool-calls', { providerMetadata: { test: { logprobs: [1] } } }))
  },
})

const TOOLS = {
  add: tool({ inputSchema: z.object({ a: z.number(), b: z.number() }), execute: ({ a, b }) => a + b }),
}

/** What the model must see of its first turn. */
const RETURNED = [
  { type: 'reasoning', text: 'Hm.', providerOptions: metadata },
  { type: 'text', text: 'Adding.' },
  { type: 'tool-call', toolCallId: 's1', toolName: 'web', input: { q: 'x' }, providerExecuted: true },
  { type: 'tool-result', toolCallId: 's1', toolName: 'web', output: { type: 'json', value: { hits: 1 } } },
  { type: 'tool-call', toolCallId: 'c1', toolName: 'add', input: { a: 2, b: 3 }, providerOptions: metadata },
]

it.each(SPECS)('brings a model of %s its own state back through a tool loop of generateText', async (spec) => {
  const { model, asked } = await through(twoTurns(spec), 'v3')
  const result = await generateText({ model, prompt: 'Add.', tools: TOOLS, stopWhen: stepCountIs(2), maxRetries: 0 })
  expect(result.text).toBe('It is 5.')
  expect(result.steps[0]!.providerMetadata).toEqual({ test: { logprobs: [1] } })
  expect(result.steps[0]!.sources).toMatchObject([{ url: 'https://example.org', title: 'Example' }])
  expect(result.steps[0]!.usage).toMatchObject({
    inputTokens: 9,
    inputTokenDetails: { noCacheTokens: 5, cacheReadTokens: 4 },
    outputTokens: 6,
    outputTokenDetails: { textTokens: 4, reasoningTokens: 2 },
  })
  const said = asked[1]!.prompt[1]!['content'] as Fields[]
  expect(said).toEqual(RETURNED)
  expect(asked[1]!.prompt[2]).toMatchObject({
    role: 'tool',
    content: [{ toolCallId: 'c1', output: { type: 'json', value: 5 } }],
  })
})

it.each(SPECS)('brings a model of %s its own state back through a tool loop of streamText', async (spec) => {
  const { model, asked } = await through(twoTurns(spec), 'v3')
  const result = streamText({ model, prompt: 'Add.', tools: TOOLS, stopWhen: stepCountIs(2), maxRetries: 0 })
  expect(await result.text).toBe('It is 5.')
  expect((await result.steps)[0]!.providerMetadata).toEqual({ test: { logprobs: [1] } })
  const said = asked[1]!.prompt[1]!['content'] as Fields[]
  expect(said).toEqual(RETURNED)
})

it.each(SPECS)('answers as the model of %s itself does, in its own specification', async (spec) => {
  const behaviour = twoTurns(spec)
  const { model, asked } = await through(behaviour, spec)
  const call = {
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'Add.', providerOptions: { test: { cache: true } } }] }],
    temperature: 0.2,
    stopSequences: ['.'],
    providerOptions: { test: { user: 'u' } },
  }
  const direct = (await behaviour.generate!(call)) as Fields
  const answer = await model.doGenerate(call)
  const { content, finishReason, usage, providerMetadata } = answer
  expect({ content, finishReason, providerMetadata }).toMatchObject({
    content: direct['content'],
    finishReason: direct['finishReason'],
    providerMetadata: direct['providerMetadata'],
  })
  const { raw, ...counts } = usage as Fields
  expect(counts).toEqual(direct['usage'])
  expect(raw === undefined).toBe(spec === 'v2')
  expect(asked[0]).toMatchObject(call)
})

it('tells the app of an error what the model told of it', async () => {
  const error = apiCallError({ statusCode: 429, responseHeaders: { 'retry-after': '2' } })
  const { model } = await through({ spec: 'v3', generate: () => Promise.reject(error) }, 'v3')
  const failed = await failure<unknown>(generateText({ model, prompt: 'Hi.', maxRetries: 0 }))
  expect(failed).toMatchObject({
    statusCode: 429,
    isRetryable: true,
    responseHeaders: { 'retry-after-ms': '2000' },
    cause: { code: 'AIOS_LLM_RATE_LIMIT', cause: error },
  })
})

it('keeps an error what it was through two kernels', async () => {
  const inner = await through({ spec: 'v3', generate: () => Promise.reject(apiCallError({ statusCode: 401 })) }, 'v3')
  const kernel = await createKernel({ llm: fromAiSdk(inner.model) })
  kernels.push(kernel)
  const messages = [{ role: 'user' as const, content: 'Hi.' }]
  expect(await failure(kernel.sys().llm.chat({ messages }))).toMatchObject({
    code: 'AIOS_LLM_AUTH',
    details: { status: 401 },
  })
})

/** Apps of the real AI SDK on a kernel with scripted cores. */
import { APICallError, generateText5 } from '@aios/ground-ai-sdk'
import { AiosError, createKernel, type Kernel, type LlmDriver } from '@aios/kernel'
import { toAiSdk } from '@aios/llm/ai-sdk'
import { scriptedCore } from '@aios/llm/testing'
import { embed, embedMany, generateObject, generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { failure } from '../core/asking.js'

// It prints warnings, which are looked at here.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
})

async function kernelOf(llm: LlmDriver): Promise<Kernel> {
  const kernel = await createKernel({ llm })
  kernels.push(kernel)
  return kernel
}

const never = { maxRetries: 0 } as const

it('answers generateText with text, reasoning, usage, finish and the name of the model', async () => {
  const core = scriptedCore([{ text: 'Hello!', reasoning: 'Greet.', usage: { input: 7, output: 3 } }])
  const model = toAiSdk(await kernelOf(core))
  const result = await generateText({
    model,
    system: 'Be brief.',
    prompt: 'Hi.',
    temperature: 0.5,
    topK: 4,
    seed: 1,
    ...never,
  })
  expect(result).toMatchObject({ text: 'Hello!', reasoningText: 'Greet.', finishReason: 'stop' })
  expect(result.usage).toMatchObject({ inputTokens: 7, outputTokens: 3, totalTokens: 10 })
  expect(result.response.modelId).toBe('scripted')
  expect(result.warnings).toMatchObject([{ type: 'unsupported', feature: 'topK' }])
  expect(core.requests).toMatchObject([
    {
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hi.' }] },
      ],
      temperature: 0.5,
      seed: 1,
    },
  ])
})

const TOOLS = {
  add: tool({
    description: 'Adds.',
    inputSchema: z.object({ a: z.number(), b: z.number() }),
    execute: ({ a, b }) => ({ sum: a + b }),
  }),
}

it('leaves tools to the app, and brings the core their results', async () => {
  const core = scriptedCore([
    { text: 'Adding.', toolCalls: [{ name: 'add', input: { a: 2, b: 3 }, id: 'c1' }] },
    'It is 5.',
  ])
  const model = toAiSdk(await kernelOf(core), { specification: 'v3' })
  const result = await generateText({ model, prompt: 'Add.', tools: TOOLS, stopWhen: stepCountIs(3), ...never })
  expect(result.text).toBe('It is 5.')
  expect(core.requests[0]!.tools).toMatchObject([
    { name: 'add', description: 'Adds.', inputSchema: { type: 'object' } },
  ])
  expect(core.requests[1]!.messages.slice(1)).toMatchObject([
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Adding.' },
        { type: 'tool-call', id: 'c1', name: 'add', input: { a: 2, b: 3 } },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', id: 'c1', name: 'add', output: { sum: 5 } }] },
  ])
  core.assertDone()
})

it('streams text and tool loops to streamText', async () => {
  const core = scriptedCore([{ toolCalls: [{ name: 'add', input: { a: 2, b: 3 } }] }, { tokens: ['It ', 'is ', '5.'] }])
  const model = toAiSdk(await kernelOf(core), { specification: 'v3' })
  const result = streamText({ model, prompt: 'Add.', tools: TOOLS, stopWhen: stepCountIs(3), ...never })
  const deltas: string[] = []
  for await (const delta of result.textStream) deltas.push(delta)
  expect(deltas).toEqual(['It ', 'is ', '5.'])
  expect(await result.finishReason).toBe('stop')
  expect((await result.steps).map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop'])
})

it('asks for JSON by its schema for generateObject and Output', async () => {
  const core = scriptedCore([{ json: { city: 'Bonn' } }, { json: { city: 'Ulm' } }])
  const model = toAiSdk(await kernelOf(core), { specification: 'v3' })
  const schema = z.object({ city: z.string() })
  const { object } = await generateObject({ model, schema, prompt: 'A city.', ...never })
  const { output } = await generateText({ model, output: Output.object({ schema }), prompt: 'Another.', ...never })
  expect([object, output]).toEqual([{ city: 'Bonn' }, { city: 'Ulm' }])
  expect(core.requests[0]!.responseFormat).toMatchObject({ type: 'json', schema: { type: 'object' } })
})

it('serves AI SDK 5 with specification v2', async () => {
  const core = scriptedCore([{ text: 'Hello!', usage: { input: 7, output: 3 } }])
  const model = toAiSdk(await kernelOf(core), { specification: 'v2' })
  const result = await generateText5({ model, prompt: 'Hi.', topK: 4, ...never })
  expect(result).toMatchObject({ text: 'Hello!', finishReason: 'stop', usage: { inputTokens: 7, totalTokens: 10 } })
  expect(result.warnings).toMatchObject([{ type: 'unsupported-setting', setting: 'topK' }])
})

const vectors: LlmDriver = {
  kind: 'llm',
  id: 'vectors',
  model: 'vectors',
  embed: ({ input }) => ({
    vectors: input.map((text) => Float32Array.of(text.length, 1)),
    usage: { input: { total: input.length }, output: {} },
  }),
}

it('makes no vectors of no texts', async () => {
  const model = toAiSdk(await kernelOf(vectors), { specification: 'v3', use: 'embed' })
  expect(await embedMany({ model, values: [], ...never })).toMatchObject({ embeddings: [], warnings: [] })
})

it('makes vectors for embed and embedMany', async () => {
  const model = toAiSdk(await kernelOf(vectors), { specification: 'v3', use: 'embed' })
  const one = await embed({ model, value: 'abc', ...never })
  const many = await embedMany({ model, values: ['a', 'bb'], ...never })
  expect(one).toMatchObject({ embedding: [3, 1], usage: { tokens: 1 } })
  expect(many.embeddings).toEqual([
    [1, 1],
    [2, 1],
  ])
})

it('calls as the process that was asked for, with the options of each call', async () => {
  const kernel = await kernelOf(scriptedCore(['Hello!']))
  const seen: unknown[] = []
  kernel.use({ before: ({ agent }) => void seen.push(agent) })
  const model = toAiSdk(kernel, { specification: 'v3', as: { name: 'web', priority: 5 } })
  await generateText({ model, prompt: 'Hi.', providerOptions: { aios: { priority: 6 } }, ...never })
  expect(seen).toEqual(['web'])
  const wrong = generateText({ model, prompt: 'Hi.', providerOptions: { aios: { urgency: 9 } }, ...never })
  expect(await failure<unknown>(wrong)).toMatchObject({ cause: { code: 'AIOS_INVALID_OPTION' } })
  expect(kernel.ps().some(({ name }) => name === 'web')).toBe(true)
})

it.each([
  ['AIOS_LLM_AUTH', 401, false],
  ['AIOS_LLM_BAD_REQUEST', 400, false],
  ['AIOS_BUDGET_EXCEEDED', undefined, false],
] as const)('turns %s into an APICallError of status %s', async (code, statusCode, isRetryable) => {
  const model = toAiSdk(await kernelOf(scriptedCore([{ error: new AiosError(code, 'No.') }])), { specification: 'v3' })
  const error = await failure<unknown>(generateText({ model, prompt: 'Hi.', ...never }))
  expect(APICallError.isInstance(error)).toBe(true)
  expect(error).toMatchObject({ statusCode, isRetryable, cause: { code } })
})

it('tells the AI SDK how long to wait, after the attempts of the kernel', async () => {
  const error = new AiosError('AIOS_LLM_RATE_LIMIT', 'Slower.', { retryAfterMs: 1_500 })
  const core = { ...scriptedCore([{ error }]), limits: { maxAttempts: 1 } }
  const model = toAiSdk(await kernelOf(core), { specification: 'v3' })
  expect(await failure<unknown>(generateText({ model, prompt: 'Hi.', ...never }))).toMatchObject({
    statusCode: 429,
    isRetryable: true,
    responseHeaders: { 'retry-after-ms': '1500' },
  })
})

it('cancels the call when the app aborts, and rejects with its reason', async () => {
  const core = scriptedCore([{ hang: true }])
  const model = toAiSdk(await kernelOf(core), { specification: 'v3' })
  const controller = new AbortController()
  const asked = failure<unknown>(generateText({ model, prompt: 'Hi.', abortSignal: controller.signal, ...never }))
  while (core.running === 0) await new Promise(setImmediate)
  const reason = new DOMException('Enough.', 'AbortError')
  controller.abort(reason)
  expect(await asked).toBe(reason)
  expect(core.running).toBe(0)
})

it('tells streamText of an error in the middle as a part of the stream', async () => {
  const core = {
    ...scriptedCore([{ text: 'Once upon a', error: new AiosError('AIOS_LLM_SERVER', 'Down.') }]),
    limits: { maxAttempts: 1 },
  }
  const model = toAiSdk(await kernelOf(core), { specification: 'v3' })
  const errors: unknown[] = []
  const result = streamText({ model, prompt: 'Hi.', onError: ({ error }) => void errors.push(error), ...never })
  let text = ''
  for await (const delta of result.textStream) text += delta
  expect(text).toBe('Once upon a')
  expect(errors).toMatchObject([{ statusCode: 500, cause: { code: 'AIOS_LLM_SERVER' } }])
})

it('stops the core when the reader of a stream leaves', async () => {
  const core = scriptedCore([{ text: 'Once', hang: true }])
  const model = toAiSdk(await kernelOf(core))
  const { stream } = await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi.' }] }] })
  const reader = stream.getReader()
  for (let next = await reader.read(); next.value?.type !== 'text-delta'; next = await reader.read());
  expect(core.running).toBe(1)
  await reader.cancel()
  expect(core.running).toBe(0)
})

it('refuses options that it does not know', async () => {
  const kernel = await kernelOf(scriptedCore(['Hello!']))
  expect(() => toAiSdk(kernel, { specification: 'v1' as never })).toThrow(/"v2"|v2/)
  expect(() => toAiSdk(kernel, { agent: 'x' } as never)).toThrow(/agent/)
})

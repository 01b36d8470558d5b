/** How answers of a kernel end for an app, whatever goes wrong. */
import { APICallError } from '@aios/ground-ai-sdk'
import { createKernel, type Kernel, type LlmDriver, type StreamPart, type Usage } from '@aios/kernel'
import { toAiSdk, type AiSdkSpec } from '@aios/llm/ai-sdk'
import { scriptedCore } from '@aios/llm/testing'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failure } from '../core/asking.js'

const SPECS: readonly AiSdkSpec[] = ['v2', 'v3', 'v4']
const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
})

async function kernelOf(llm: LlmDriver): Promise<Kernel> {
  const kernel = await createKernel({ llm })
  kernels.push(kernel)
  return kernel
}

const HI = { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi.' }] }] }

/** Is a core that writes what it is given. */
function writing(write: () => Iterable<StreamPart>): LlmDriver {
  return {
    kind: 'llm',
    id: 'writer',
    model: 'writer',
    limits: { maxAttempts: 1 },
    async *stream() {
      yield* write()
    },
  }
}

const UNKNOWN: Usage = { input: {}, output: {} }
const FINISH: StreamPart = { type: 'finish', finish: { unified: 'stop' }, usage: UNKNOWN }

async function read<T>(stream: ReadableStream<T>): Promise<T[]> {
  const parts: T[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

describe.each(SPECS)('a model of %s', (specification) => {
  it('of a kernel that is closed rejects, and is not worth another try', async () => {
    const kernel = await kernelOf(scriptedCore(['Hello!']))
    const model = toAiSdk(kernel, { specification })
    await kernel.close()
    for (const asked of [model.doGenerate(HI), model.doStream(HI)]) {
      const error = await failure<unknown>(asked)
      expect(APICallError.isInstance(error)).toBe(true)
      expect(error).toMatchObject({ isRetryable: false, cause: { code: 'AIOS_CLOSED' } })
    }
  })

  it('ends the stream with an error when its kernel is closed in the middle', async () => {
    const kernel = await kernelOf(scriptedCore([{ text: 'Once', hang: true }]))
    const { stream } = await toAiSdk(kernel, { specification }).doStream(HI)
    const parts = read(stream)
    await kernel.close({ drain: false })
    expect((await parts).at(-1)).toMatchObject({ type: 'error', error: { isRetryable: false } })
  })

  it('breaks the stream off with the reason when the app aborts in the middle', async () => {
    const core = scriptedCore([{ text: 'Once', hang: true }])
    const controller = new AbortController()
    const model = toAiSdk(await kernelOf(core), { specification })
    const { stream } = await model.doStream({ ...HI, abortSignal: controller.signal })
    const reader = stream.getReader()
    for (let next = await reader.read(); next.value?.type !== 'text-delta'; next = await reader.read());
    const broken = failure<unknown>(reader.read())
    const reason = new Error('Enough.')
    controller.abort(reason)
    expect(await broken).toBe(reason)
    expect(core.running).toBe(0)
  })

  it('asks nothing for an app that has aborted already', async () => {
    const core = scriptedCore(['Hello!'])
    const model = toAiSdk(await kernelOf(core), { specification })
    const reason = new Error('Enough.')
    const call = { ...HI, abortSignal: AbortSignal.abort(reason) }
    for (const asked of [model.doGenerate(call), model.doStream(call)])
      expect(await failure<unknown>(asked)).toBe(reason)
    expect(core.requests).toEqual([])
  })

  it('tells of a core that stops without a finish', async () => {
    const core = writing(function* () {
      yield { type: 'start' }
      yield { type: 'text-start', id: 't' }
      yield { type: 'text-delta', id: 't', text: 'Once' }
    })
    const { stream } = await toAiSdk(await kernelOf(core), { specification }).doStream(HI)
    const parts = await read(stream)
    expect(parts.filter(({ type }) => type === 'finish')).toEqual([])
    expect(parts.at(-1)).toMatchObject({ type: 'error', error: { cause: { code: 'AIOS_LLM_INCOMPLETE_STREAM' } } })
  })

  it('takes from the core no more than the app has read', async () => {
    let made = 0
    let isLeft = false
    const core = writing(function* () {
      try {
        yield { type: 'start' }
        yield { type: 'text-start', id: 't' }
        for (; made < 10_000; made += 1) yield { type: 'text-delta', id: 't', text: `${made} ` }
        yield { type: 'text-end', id: 't' }
        yield FINISH
      } finally {
        isLeft = true
      }
    })
    const { stream } = await toAiSdk(await kernelOf(core), { specification }).doStream(HI)
    const reader = stream.getReader()
    for (let n = 0; n < 5_000; n += 1) await reader.read()
    await new Promise(setImmediate)
    expect(made).toBeLessThan(5_300)
    await reader.cancel()
    expect(isLeft).toBe(true)
  })

  it('brings nothing where there is nothing, and counts nothing that was not counted', async () => {
    const core = writing(function* () {
      yield { type: 'start' }
      yield FINISH
    })
    const model = toAiSdk(await kernelOf(core), { specification })
    const { content, finishReason } = await model.doGenerate(HI)
    expect(content).toEqual([])
    expect(finishReason).toEqual(specification === 'v2' ? 'stop' : { unified: 'stop', raw: 'stop' })
    const parts = await read((await model.doStream(HI)).stream)
    expect(parts.map(({ type }) => type)).toEqual(['stream-start', 'finish'])
  })
})

it('gives generateText and streamText an empty answer as one', async () => {
  const model = toAiSdk(await kernelOf(scriptedCore([{ text: '' }, { text: '' }])), { specification: 'v3' })
  const whole = await generateText({ model, prompt: 'Hi.', maxRetries: 0 })
  expect(whole).toMatchObject({ text: '', finishReason: 'stop' })
  expect(await streamText({ model, prompt: 'Hi.', maxRetries: 0 }).text).toBe('')
})

it('runs parallel calls with text between them, in their order', async () => {
  const call = (id: string, a: number): StreamPart[] => {
    const inputText = JSON.stringify({ a })
    return [
      { type: 'tool-input-start', id, name: 'double' },
      { type: 'tool-input-delta', id, text: inputText },
      { type: 'tool-input-end', id },
      { type: 'tool-call', id, name: 'double', input: { a }, inputText },
    ]
  }
  const text = (id: string, said: string): StreamPart[] => [
    { type: 'text-start', id },
    { type: 'text-delta', id, text: said },
    { type: 'text-end', id },
  ]
  const asked: unknown[] = []
  const core: LlmDriver = {
    kind: 'llm',
    id: 'writer',
    model: 'writer',
    async *stream({ messages }) {
      asked.push(messages.slice(1))
      yield { type: 'start' }
      if (messages.length > 1) yield* text('t', 'Done.')
      else yield* [...text('t1', 'One.'), ...call('c1', 1), ...text('t2', 'Two.'), ...call('c2', 2)]
      yield { ...FINISH, finish: { unified: messages.length > 1 ? 'stop' : 'tool-calls' } }
    },
  }
  const tools = { double: tool({ inputSchema: z.object({ a: z.number() }), execute: ({ a }) => 2 * a }) }
  const model = toAiSdk(await kernelOf(core), { specification: 'v3' })
  const result = streamText({ model, prompt: 'Hi.', tools, stopWhen: stepCountIs(2), maxRetries: 0 })
  expect(await result.text).toBe('Done.')
  expect(asked[1]).toMatchObject([
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'One.' },
        { type: 'tool-call', id: 'c1', input: { a: 1 } },
        { type: 'text', text: 'Two.' },
        { type: 'tool-call', id: 'c2', input: { a: 2 } },
      ],
    },
    {
      role: 'tool',
      content: [
        { id: 'c1', output: 2 },
        { id: 'c2', output: 4 },
      ],
    },
  ])
})

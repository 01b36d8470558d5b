import type { LlmDriver } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { fromAiSdk, type AiSdkSpec } from '@aios/llm/ai-sdk'
import { describe, expect, it } from 'vitest'
import { failure } from '../core/asking.js'
import { embeddingModel } from './structural-model.js'

const SPECS: readonly AiSdkSpec[] = ['v2', 'v3', 'v4']

async function open(driver: LlmDriver): Promise<LlmDriver> {
  await driver.open?.(fakeDriverServices())
  return driver
}

describe.each(SPECS)('an embedding model of %s', (spec) => {
  const vectors = (values: readonly string[]) => ({
    embeddings: values.map((text) => [text.length, 0.5]),
    usage: { tokens: values.length },
  })

  it('is asked no more at once than it takes, and answers in order', async () => {
    let running = 0
    let most = 0
    const { model, asked } = embeddingModel(
      spec,
      async (values) => {
        running += 1
        most = Math.max(most, running)
        await new Promise(setImmediate)
        running -= 1
        return vectors(values)
      },
      { maxEmbeddingsPerCall: Promise.resolve(2), supportsParallelCalls: Promise.resolve(true) },
    )
    const driver = await open(fromAiSdk(model))
    expect([driver.chat, driver.stream]).toEqual([undefined, undefined])
    const reply = await driver.embed!({ input: ['a', 'bb', 'ccc', 'dddd', 'eeeee'] }, fakeDriverCall())
    expect(reply.vectors).toEqual([1, 2, 3, 4, 5].map((length) => Float32Array.of(length, 0.5)))
    expect(reply.usage.input.total).toBe(5)
    expect(asked.map(({ values }) => values)).toEqual([['a', 'bb'], ['ccc', 'dddd'], ['eeeee']])
    expect(most).toBe(3)
  })

  it.each([[[1, Number.NaN]], [[1e39]], [['1']]])('that makes %j of a text has made no vector', async (vector) => {
    const { model } = embeddingModel(spec, () => Promise.resolve({ embeddings: [vector] as number[][] }))
    const driver = await open(fromAiSdk(model))
    const error = await failure(Promise.resolve(driver.embed!({ input: ['a'] }, fakeDriverCall())))
    expect(error).toMatchObject({ code: 'AIOS_LLM_SERVER' })
  })

  it('is asked one by one where it wants that, and with the dimensions that it knows', async () => {
    let running = 0
    const { model, asked } = embeddingModel(
      spec,
      async (values) => {
        running += 1
        await new Promise(setImmediate)
        expect(running).toBe(1)
        running -= 1
        return { ...vectors(values), usage: undefined }
      },
      { maxEmbeddingsPerCall: 1 },
    )
    const reply = await (await open(fromAiSdk(model))).embed!({ input: ['a', 'bb'], dimensions: 2 }, fakeDriverCall())
    expect(reply.usage.input.total).toBeUndefined()
    expect(asked[0]!['dimensions']).toBe(spec === 'v4' ? 2 : undefined)
    expect(reply.warnings?.map(({ setting }) => setting)).toEqual(spec === 'v4' ? undefined : ['dimensions'])
  })

  it('is asked for nothing more where one call failed', async () => {
    const { model, asked } = embeddingModel(
      spec,
      async (values) => {
        if (values[0] === 'a') throw new Error('No.')
        await new Promise(setImmediate)
        return vectors(values)
      },
      { maxEmbeddingsPerCall: 1, supportsParallelCalls: true },
    )
    const driver = await open(fromAiSdk(model))
    const input = Array.from({ length: 40 }, (_, n) => (n === 0 ? 'a' : 'b'))
    await failure(Promise.resolve(driver.embed!({ input }, fakeDriverCall())))
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    expect(asked).toHaveLength(8)
  })

  it('that answers with too few vectors fails', async () => {
    const { model } = embeddingModel(spec, () => ({ embeddings: [[1]] }))
    const driver = await open(fromAiSdk(model))
    expect(await failure(Promise.resolve(driver.embed!({ input: ['a', 'b'] }, fakeDriverCall())))).toMatchObject({
      code: 'AIOS_LLM_SERVER',
    })
  })
})

import type { LlmDriver } from '@aios/kernel'
import type { CoreEmbedReply } from '@aios/kernel/driver'
import { createKernel } from '@aios/kernel'
import { fakeDriverCall } from '@aios/kernel/testing'
import { ollama } from '@aios/llm/ollama'
import { afterEach, describe, expect, it } from 'vitest'
import { failure } from '../core/asking.js'
import { json, providerPool, type Play } from '../core/provider.js'
import { opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const ANSWER = {
  model: 'nomic',
  embeddings: [
    [0.5, 0.25],
    [1, 0],
  ],
  prompt_eval_count: 8,
  total_duration: 14,
}

async function started(play: Play) {
  const provider = await provided(play)
  const driver = await opened({ baseURL: new URL(provider.baseURL).origin, use: 'embed', keepAlive: 60 })
  return { provider, driver }
}
const embed = async (driver: LlmDriver, input: readonly string[], more: object = {}): Promise<CoreEmbedReply> =>
  driver.embed!({ input, ...more }, fakeDriverCall())

describe('vectors of Ollama', () => {
  it('come one for each text, with the tokens that were counted', async () => {
    const { driver, provider } = await started((response) => json(response, ANSWER))
    expect(await embed(driver, ['a', 'b'], { dimensions: 2 })).toEqual({
      vectors: [Float32Array.of(0.5, 0.25), Float32Array.of(1, 0)],
      usage: { input: { total: 8 }, output: {}, raw: { prompt_eval_count: 8, total_duration: 14 } },
      model: 'nomic',
    })
    expect(provider.requests[0]).toMatchObject({
      url: '/api/embed',
      body: { model: 'test-1', input: ['a', 'b'], dimensions: 2, truncate: false, keep_alive: 60 },
    })
  })

  it('are asked for as providerOptions.ollama says', async () => {
    const { driver, provider } = await started((response) => json(response, ANSWER))
    await embed(driver, ['a', 'b'], { providerOptions: { ollama: { truncate: true, options: { num_ctx: 9 } } } })
    expect(provider.requests[0]?.body).toMatchObject({ truncate: true, options: { num_ctx: 9 } })
  })

  it('fail by status, and where what comes is none', async () => {
    const answers: [number, unknown][] = [
      [404, { error: 'model "x" not found' }],
      [200, { error: 'broken' }],
      [200, { embedding: [1] }],
      [200, { embeddings: [['1']] }],
      [200, { embeddings: [[1e39]] }],
    ]
    const { driver } = await started((response) => {
      const [status, body] = answers.shift()!
      json(response, body, { status })
    })
    const codes: string[] = []
    for (let n = 0; n < 5; n += 1) codes.push((await failure(embed(driver, ['a']))).code)
    expect(codes).toEqual([
      'AIOS_LLM_NOT_FOUND',
      'AIOS_LLM_SERVER',
      'AIOS_LLM_SERVER',
      'AIOS_LLM_SERVER',
      'AIOS_LLM_SERVER',
    ])
  })

  it('are given up with the reason of the caller, and the server is let go', async () => {
    const { driver, provider } = await started(() => undefined)
    const controller = new AbortController()
    const call = fakeDriverCall({ signal: controller.signal })
    const asked = Promise.resolve(driver.embed!({ input: ['a'] }, call))
    await provider.received(1)
    const reason = new Error('Enough.')
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
    await provider.released()
  })

  it('come from another endpoint where one refuses the key', async () => {
    const one = await provided((response) => json(response, { error: 'no' }, { status: 401 }))
    const two = await provided((response) => json(response, ANSWER))
    const endpoints = [one, two].map(({ baseURL }) => ({ baseURL: new URL(baseURL).origin }))
    const driver = await opened({ endpoints, use: 'embed' })
    expect((await embed(driver, ['a', 'b'])).vectors).toHaveLength(2)
    expect([one.requests.length, two.requests.length]).toEqual([1, 1])
  })

  it('are what llm.embed of a kernel returns', async () => {
    const provider = await provided((response) => json(response, ANSWER))
    const core = ollama('nomic', { baseURL: new URL(provider.baseURL).origin, use: 'embed' })
    await using kernel = await createKernel({ llm: core })
    const reply = await kernel.sys().llm.embed({ input: ['a', 'b'], model: 'nomic' })
    expect(reply).toMatchObject({ model: 'nomic', usage: { input: { total: 8 } } })
    expect(reply.vectors).toEqual([Float32Array.of(0.5, 0.25), Float32Array.of(1, 0)])
    await expect(kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Hi' }] })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
    })
  })
})

import { startAimock } from '@aios/ground-aimock'
import { createKernel, type LlmDriver } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { openai } from '@aios/llm/openai'
import { openAiCompatible } from '@aios/llm/openai-compatible'
import { afterEach, describe, expect, it } from 'vitest'
import { failure } from '../core/asking.js'
import { json, providerPool, type Body, type Play } from '../core/provider.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const base64 = (...values: readonly number[]): string =>
  Buffer.from(Float32Array.from(values).buffer).toString('base64')
const entry = (embedding: unknown, index?: number): Body => ({
  object: 'embedding',
  embedding,
  ...(index === undefined ? {} : { index }),
})
const list = (...data: readonly Body[]): Body => ({
  object: 'list',
  data,
  model: 'text-embedding-3-small',
  usage: { prompt_tokens: 5, total_tokens: 5 },
})

async function embedded(
  core: LlmDriver,
  request: { input: string[]; dimensions?: number; providerOptions?: Record<string, unknown> },
) {
  const kernel = await createKernel({ llm: core })
  try {
    return await kernel.sys().llm.embed(request)
  } finally {
    await kernel.close()
  }
}

async function asked(play: Play, api: 'chat' | 'responses' = 'chat') {
  const provider = await provided(play)
  const core = openai('text-embedding-3-small', {
    apiKey: 'sk-test',
    baseURL: provider.baseURL,
    api,
    limits: { maxAttempts: 1 },
  })
  return { provider, embed: (...input: string[]) => embedded(core, { input, dimensions: 2 }) }
}

describe('vectors of openai()', () => {
  it('are asked for as floats, in one request, of the length that is wanted', async () => {
    for (const api of ['chat', 'responses'] as const) {
      const { provider, embed } = await asked(
        (response) => json(response, list(entry([1, 2], 0), entry([3, 4], 1))),
        api,
      )
      const { vectors, usage, model } = await embed('a', 'b')
      expect(vectors).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)])
      expect(usage.input).toEqual({ total: 5 })
      expect(model).toBe('text-embedding-3-small')
      expect(provider.requests.map(({ url, body }) => ({ url, ...body }))).toEqual([
        {
          url: '/v1/embeddings',
          model: 'text-embedding-3-small',
          input: ['a', 'b'],
          encoding_format: 'float',
          dimensions: 2,
        },
      ])
    }
  })

  it('come in the order of the texts, whatever that of the answer', async () => {
    const { embed } = await asked((response) => json(response, list(entry([3, 4], 1), entry([1, 2], 0))))
    expect((await embed('a', 'b')).vectors).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)])
    const without = await asked((response) => json(response, list(entry([1, 2]), entry([3, 4]))))
    expect((await without.embed('a', 'b')).vectors).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)])
  })

  it('are read from base64 too, where a server sends nothing else', async () => {
    const values = [0.5, -1.25, 3e-5, 1e10]
    const { embed } = await asked((response) => json(response, list(entry(base64(...values), 0))))
    expect((await embed('a')).vectors).toEqual([Float32Array.from(values)])
  })

  it('are rejected where they are none', async () => {
    const bodies: unknown[] = [
      {},
      { data: 'x' },
      { data: [null] },
      list(entry(['1', '2'], 0)),
      // More than a float of 32 bits holds.
      list(entry([1e39], 0)),
      list(entry('AAA', 0)),
      list(entry('not base64!', 0)),
      list(entry('', 0)),
      list(entry(base64(Number.NaN), 0)),
      list(entry([1], 1)),
      list(entry([1], 0), entry([2], 0)),
    ]
    for (const body of bodies) {
      const { embed } = await asked((response) => json(response, body))
      expect(await failure(embed('a')), JSON.stringify(body)).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    }
  })

  it('are as many as the texts, and of one length', async () => {
    for (const body of [list(entry([1], 0)), list(entry([1], 0), entry([1, 2], 1)), list()]) {
      const { embed } = await asked((response) => json(response, body))
      expect((await failure(embed('a', 'b'))).code).toBe('AIOS_LLM_INVALID_OUTPUT')
    }
  })

  it('fail by the codes of every other request', async () => {
    const error = { message: 'Sorry.', type: 'x' }
    const limited = await asked((response) =>
      json(response, { error }, { status: 429, headers: { 'retry-after': '3' } }),
    )
    expect(await failure(limited.embed('a'))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 3_000 })
    const gateway = await asked((response) => json(response, { error: { ...error, code: 'context_length_exceeded' } }))
    expect(await failure(gateway.embed('a'))).toMatchObject({ code: 'AIOS_LLM_CONTEXT_OVERFLOW' })
  })

  it('are made by cores that say so, or whose model has the name', () => {
    const served = (core: LlmDriver) => [core.chat !== undefined, core.embed !== undefined]
    const compatible = (use?: 'chat' | 'embed' | 'both') =>
      openAiCompatible('m', { name: 'x', baseURL: 'http://127.0.0.1:9', use })
    expect(served(openai('text-embedding-3-large'))).toEqual([false, true])
    expect(served(openai('gpt-5-mini'))).toEqual([true, false])
    expect(served(openai('nomic', { use: 'embed' }))).toEqual([false, true])
    expect(served(openai('gpt-5-mini', { use: 'both' }))).toEqual([true, true])
    expect(served(compatible())).toEqual([true, false])
    expect(served(compatible('embed'))).toEqual([false, true])
    expect(served(compatible('both'))).toEqual([true, true])
  })

  it('are made by other servers, by their own name', async () => {
    const provider = await provided((response) => json(response, list(entry([1], 0))))
    const core = openAiCompatible('m', { name: 'lmstudio', baseURL: provider.baseURL, use: 'embed' })
    await core.open?.(fakeDriverServices())
    await core.embed!(
      { input: ['a'], providerOptions: { lmstudio: { user: 'me' }, openai: { user: 'you' } } },
      fakeDriverCall(),
    )
    expect(provider.requests[0]?.body).toEqual({ model: 'm', input: ['a'], encoding_format: 'float', user: 'me' })
    await core.close?.()
  })

  it('are those of an independent server, of full length although the SDK would ask for base64', async () => {
    const { mock, baseURL, close } = await startAimock()
    const wanted = Array.from({ length: 1_536 }, (_, n) => n / 1_536)
    mock.on({}, { embedding: wanted })
    const { vectors } = await embedded(openai('text-embedding-3-small', { apiKey: 'sk-test', baseURL }), {
      input: ['Hello'],
    })
    await close()
    expect(vectors).toEqual([Float32Array.from(wanted)])
  })
})

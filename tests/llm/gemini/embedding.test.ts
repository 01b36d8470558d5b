/** Vectors of Gemini's API, through both real SDKs. */
import { createKernel, type LlmDriver } from '@aios/kernel'
import type { CoreEmbedReply, RateSignal } from '@aios/kernel/driver'
import { fakeDriverCall } from '@aios/kernel/testing'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { failure } from '../core/asking.js'
import { opened } from '../core/opened.js'
import { json, providerPool, type Body, type Play } from '../core/provider.js'
import { CORES, KEY, rootOf } from './cores.js'
import { refusal } from './generated.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  vi.restoreAllMocks()
  await closeAll()
})

const vectors = (...values: readonly unknown[]): Body => ({ embeddings: values.map((each) => ({ values: each })) })
const textsOf = (body: Body): string[] => {
  const requests = body['requests'] as readonly { readonly content: { readonly parts: readonly { text: string }[] } }[]
  return requests.map(({ content }) => content.parts[0]!.text)
}
/** Answers every text with its own number. */
const numbered: Play = (response, { body }) => {
  json(response, vectors(...textsOf(body).map((text) => [Number(text), 1])))
}
const upTo = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`)

describe.each(CORES)('vectors of %s', (core, make) => {
  async function facing(play: Play) {
    const provider = await provided(play)
    const driver = await opened(make('gemini-embedding-001', { baseURL: rootOf(provider), apiKey: KEY }))
    const embed = async (input: readonly string[], more: object = {}, call = fakeDriverCall()) =>
      Promise.resolve<CoreEmbedReply>(driver.embed!({ input, ...more }, call))
    return { provider, driver, embed }
  }
  async function inKernel(play: Play) {
    const provider = await provided(play)
    const options = { baseURL: rootOf(provider), apiKey: KEY, limits: { maxAttempts: 1 } }
    const kernel = await createKernel({ llm: make('gemini-embedding-001', options) })
    onTestFinished(() => kernel.close())
    return { provider, embed: (...input: string[]) => kernel.sys().llm.embed({ input }) }
  }

  it('are asked for in one request, each text for itself, of the length and for the task that are wanted', async () => {
    const { provider, embed } = await facing((response) => json(response, vectors([1, 2], [3, 4])))
    const google = { taskType: 'RETRIEVAL_DOCUMENT', title: 'Letters' }
    const reply = await embed(['a', 'b'], { dimensions: 2, providerOptions: { google } })
    expect(reply).toEqual({
      vectors: [Float32Array.of(1, 2), Float32Array.of(3, 4)],
      usage: { input: {}, output: {} },
    })
    expect(provider.requests.map(({ url }) => url)).toEqual(['/v1beta/models/gemini-embedding-001:batchEmbedContents'])
    const wanted = (text: string) => ({
      model: 'models/gemini-embedding-001',
      content: { parts: [{ text }] },
      outputDimensionality: 2,
      ...google,
    })
    expect(provider.requests[0]?.body['requests']).toEqual([wanted('a'), wanted('b')])
    expect(provider.requests[0]?.headers['x-goog-api-key']).toBe(KEY)
  })

  it('are asked for a hundred at a time, and come in the order of the texts', async () => {
    const { provider, embed } = await facing(numbered)
    const reply = await embed(upTo(250))
    expect(reply.vectors).toEqual(upTo(250).map((text) => Float32Array.of(Number(text), 1)))
    expect(provider.requests.map(({ body }) => textsOf(body).length)).toEqual([100, 100, 50])
    expect(reply.usage).toEqual({ input: {}, output: {} })
    await embed(upTo(100))
    expect(provider.requests).toHaveLength(4)
  })

  it('are not moved on to other texts where an answer has one too few and the next one too many', async () => {
    let answers = 0
    const { embed } = await inKernel((response, { body }) => {
      const off = (answers += 1) === 1 ? -1 : 1
      json(response, vectors(...Array.from({ length: textsOf(body).length + off }, (_, n) => [n])))
    })
    expect(await failure(embed(...upTo(200)))).toMatchObject({ code: 'AIOS_LLM_INVALID_OUTPUT' })
    expect(answers).toBe(1)
  })

  it('are as many as the texts, of one length, and not empty', async () => {
    for (const body of [vectors([1]), vectors([1], [1, 2]), vectors(), vectors([], [])]) {
      const { embed } = await inKernel((response) => json(response, body))
      expect((await failure(embed('a', 'b'))).code, JSON.stringify(body)).toBe('AIOS_LLM_INVALID_OUTPUT')
    }
  })

  it('are rejected where they are none', async () => {
    const bodies = [
      '{}',
      '{"embeddings": 7}',
      '{"embeddings": [null]}',
      '{"embeddings": [{}]}',
      '{"embeddings": [{"values": ["1"]}]}',
      '{"embeddings": [{"values": [1e999]}]}',
      // More than a float of 32 bits holds.
      '{"embeddings": [{"values": [1e39]}]}',
      '{"embeddings": [{"values": [null]}]}',
      '<html>Welcome</html>',
    ]
    for (const body of bodies) {
      const { embed } = await facing((response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      })
      expect((await failure(embed(['a']))).code, body).toBe('AIOS_LLM_SERVER')
    }
  })

  it.each([
    [400, { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] }, 'AIOS_LLM_AUTH'],
    [400, { status: 'INVALID_ARGUMENT' }, 'AIOS_LLM_BAD_REQUEST'],
    [404, { status: 'NOT_FOUND' }, 'AIOS_LLM_NOT_FOUND'],
    [429, { status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '2s' }] }, 'AIOS_LLM_RATE_LIMIT'],
    [503, { status: 'UNAVAILABLE' }, 'AIOS_LLM_OVERLOADED'],
  ])('fail by the codes of every other request: a %i that says %j is %s', async (status, error, code) => {
    const { embed } = await facing((response) =>
      json(response, refusal(status, { message: `No, ${KEY}`, ...error }), { status }),
    )
    const observed: RateSignal[] = []
    const call = fakeDriverCall({ observe: (signal) => void observed.push(signal) })
    const failed = await failure(embed(['a'], {}, call))
    expect(failed).toMatchObject({ code, ...(status === 429 ? { retryAfterMs: 2_000 } : {}) })
    expect(observed.some(({ kind }) => kind === 'overload')).toBe(status === 429 || status === 503)
    expect(inspect(failed, { depth: null, showHidden: true })).not.toContain(KEY)
  })

  it('are given up with the reason of the caller between two requests, and the server is let go', async () => {
    const { provider, embed } = await facing((response, request) => {
      if (textsOf(request.body)[0] === '0') numbered(response, request)
    })
    const controller = new AbortController()
    const asked = embed(upTo(300), {}, fakeDriverCall({ signal: controller.signal }))
    await provider.received(2)
    const reason = new Error('Enough.')
    controller.abort(reason)
    expect(await failure(asked)).toBe(reason)
    await provider.released()
    expect(provider.requests).toHaveLength(2)
  })

  it('come from another endpoint where one refuses the key', async () => {
    const one = await provided((response) => json(response, refusal(401, {}), { status: 401 }))
    const two = await provided(numbered)
    const endpoints = [one, two].map((each) => ({ baseURL: rootOf(each), apiKey: KEY }))
    const driver = await opened(make('gemini-embedding-001', { endpoints }))
    expect((await driver.embed!({ input: upTo(150) }, fakeDriverCall())).vectors).toHaveLength(150)
    // A key that was refused is not tried again for the second hundred.
    expect([one.requests.length, two.requests.length]).toEqual([1, 2])
  })

  it('are made by models that are called so, or are said to be for it', () => {
    const served = (driver: LlmDriver) => [driver.chat !== undefined, driver.embed !== undefined]
    for (const name of ['gemini-embedding-001', 'models/gemini-embedding-2', 'text-embedding-004', 'embedding-001']) {
      expect(served(make(name)), name).toEqual([false, true])
    }
    expect(served(make('gemini-2.5-flash'))).toEqual([true, false])
    expect(served(make('my-tuned', { use: 'embed' }))).toEqual([false, true])
    expect(served(make('my-tuned', { use: 'both' }))).toEqual([true, true])
    expect(make('gemini-embedding-001').countTokens).toBeUndefined()
  })

  it('are what llm.embed of a kernel returns, with no number that nobody counted, and nothing is printed', async () => {
    const printed = vi.spyOn(console, 'warn')
    const { embed } = await inKernel(numbered)
    const reply = await embed('7', '8')
    expect(reply).toMatchObject({ model: 'gemini-embedding-001', warnings: [], usage: { input: {}, output: {} } })
    expect(reply.vectors).toEqual([Float32Array.of(7, 1), Float32Array.of(8, 1)])
    expect(printed).not.toHaveBeenCalled()
  })

  if (core === 'googleGenerativeAi()') {
    it('bring the tokens that the provider counted, summed only where every answer has them', async () => {
      const counts: (number | undefined)[] = [7, 5, 7, undefined]
      const { embed } = await facing((response, { body }) => {
        const promptTokenCount = counts.shift()
        json(response, { ...vectors(...textsOf(body).map(() => [1])), usageMetadata: { promptTokenCount } })
      })
      expect((await embed(upTo(101))).usage.input).toEqual({ total: 12 })
      expect((await embed(upTo(101))).usage.input).toEqual({})
    })
  }
})

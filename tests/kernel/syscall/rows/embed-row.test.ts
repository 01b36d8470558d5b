import type { CoreEmbedRequest, LlmDriver } from '@aios/kernel/driver'
import { createTestKernel } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { said } from '../cores.js'

const chatting: LlmDriver = { kind: 'llm', id: 'chatty', model: 'chatty-1', chat: () => said('Hi.') }

function embedding(id: string, asked: CoreEmbedRequest[] = [], more: Partial<LlmDriver> = {}): LlmDriver {
  return {
    kind: 'llm',
    id,
    model: `${id}-1`,
    embed: (request) => {
      asked.push(request)
      const vectors = request.input.map((text) => Float32Array.of(text.length, 1))
      return { vectors, usage: { input: { total: 7 }, output: {} } }
    },
    ...more,
  }
}

describe('llm.embed', () => {
  it('returns a vector for each text, from the first core that embeds', async () => {
    const asked: CoreEmbedRequest[] = []
    await using kernel = await createTestKernel({ llm: [chatting, embedding('e', asked)] })
    const reply = await kernel.sys().llm.embed({ input: ['a', 'bcd'], dimensions: 2 })
    expect(reply.vectors).toEqual([Float32Array.of(1, 1), Float32Array.of(3, 1)])
    expect(reply).toMatchObject({ model: 'e-1', warnings: [], meta: { attempts: [{ lane: 'llm/e' }] } })
    expect(asked).toEqual([{ input: ['a', 'bcd'], dimensions: 2 }])
  })

  it('goes to the core or model that is named', async () => {
    await using kernel = await createTestKernel({ llm: [embedding('one'), embedding('two')] })
    const { llm } = kernel.sys()
    expect((await llm.embed({ input: ['a'], model: 'two' })).model).toBe('two-1')
    expect((await llm.embed({ input: ['a'], model: 'two-1' })).model).toBe('two-1')
    await expect(llm.embed({ input: ['a'], model: 'three' })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: 'Expected a model among one, two, got "three".',
    })
  })

  it('leaves cores that only embed out of conversations, and the other way', async () => {
    await using kernel = await createTestKernel({ llm: [embedding('e'), chatting] })
    const messages = [{ role: 'user', content: 'Hi' }] as const
    expect((await kernel.sys().llm.chat({ messages })).text).toBe('Hi.')
    await expect(kernel.sys().llm.chat({ messages, model: 'e' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
    await using other = await createTestKernel({ llm: [chatting] })
    await expect(other.sys().llm.embed({ input: ['a'] })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: expect.stringContaining('None of the LLM cores serves calls for llm.embed') as unknown,
    })
  })

  it('counts tokens and money, and keeps to budgets and grants', async () => {
    const price = { inputUsdPerMTok: 1_000_000, outputUsdPerMTok: 9 }
    await using kernel = await createTestKernel({ llm: [embedding('e', [], { price })] })
    const child = kernel.spawn(async (sys) => sys.llm.embed({ input: ['a'] }), undefined)
    await child.result
    expect(child.usage).toMatchObject({ inputTokens: 7, outputTokens: 0, costUsd: 7 })
    const poor = kernel.run((sys) => sys.llm.embed({ input: ['a'.repeat(100)] }), undefined, { budget: { tokens: 20 } })
    await expect(poor).rejects.toMatchObject({ code: 'AIOS_BUDGET_EXCEEDED' })
    const barred = kernel.run((sys) => sys.llm.embed({ input: ['a'] }), undefined, { grants: { models: [] } })
    await expect(barred).rejects.toMatchObject({ code: 'AIOS_ACCESS_DENIED' })
  })

  it('is served in batches by a core that says so', async () => {
    const sizes: number[] = []
    const core: LlmDriver = {
      kind: 'llm',
      id: 'b',
      model: 'b-1',
      batches: {
        'llm.embed': {
          maxSize: 4,
          maxWaitMs: 10,
          async run(items) {
            sizes.push(items.length)
            for (const { resolve } of items)
              resolve({ vectors: [Float32Array.of(1)], usage: { input: {}, output: {} } })
          },
        },
      },
    }
    await using kernel = await createTestKernel({ llm: [core] })
    const { llm } = kernel.sys()
    await Promise.all(Array.from({ length: 4 }, () => llm.embed({ input: ['a'] })))
    expect(sizes).toEqual([4])
  })

  it.each([
    ['no vectors', undefined],
    ['too few', []],
    ['of other lengths', [Float32Array.of(1), Float32Array.of(1, 2)]],
    ['empty ones', [new Float32Array(0), new Float32Array(0)]],
    ['plain arrays', [[1], [2]]],
  ])('refuses an answer with %s', async (_what, vectors) => {
    const core = {
      ...embedding('e'),
      embed: () => ({ vectors, usage: { input: {}, output: {} } }),
    } as unknown as LlmDriver
    await using kernel = await createTestKernel({ llm: [core] })
    await expect(kernel.sys().llm.embed({ input: ['a', 'b'] })).rejects.toMatchObject({
      code: 'AIOS_LLM_INVALID_OUTPUT',
      message: expect.stringContaining('Expected 2 vectors of one length from core e') as unknown,
    })
  })

  it('refuses a request without texts', async () => {
    await using kernel = await createTestKernel({ llm: [embedding('e')] })
    for (const request of [{ input: [] }, { input: 'a' }, { input: [1] }, { input: ['a'], dimensions: 0 }])
      await expect(kernel.sys().call('llm.embed', request)).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
  })
})

describe('llms of a request', () => {
  const core = (id: string, backend?: string): LlmDriver => ({ ...chatting, id, model: `${id}-1`, backend })
  const messages = [{ role: 'user', content: 'Hi' }] as const

  it('means any of these cores, by id, by model, or by provider too', async () => {
    await using kernel = await createTestKernel({ llm: [core('a', 'x'), core('b', 'y'), core('c')] })
    const { llm } = kernel.sys()
    const modelFor = async (llms: { name: string; backend?: string }[]) =>
      (await llm.chat({ messages, llms })).meta.attempts[0]?.lane
    expect(await modelFor([{ name: 'gone' }, { name: 'b' }])).toBe('llm/b')
    expect(await modelFor([{ name: 'c-1' }])).toBe('llm/c')
    expect(
      await modelFor([
        { name: 'a', backend: 'y' },
        { name: 'b', backend: 'y' },
      ]),
    ).toBe('llm/b')
    await expect(llm.chat({ messages, llms: [{ name: 'a', backend: 'y' }] })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: 'Expected a model among a, b, c, got "a".',
    })
  })

  it('does not get past grants', async () => {
    await using kernel = await createTestKernel({ llm: [core('a'), core('b')] })
    const asked = kernel.run((sys) => sys.llm.chat({ messages, llms: [{ name: 'a' }] }), undefined, {
      grants: { models: ['b'] },
    })
    await expect(asked).rejects.toMatchObject({ code: 'AIOS_ACCESS_DENIED' })
  })

  it('stays with the router, as do requirements and the task', async () => {
    const seen: unknown[] = []
    const spy: LlmDriver = { ...chatting, chat: (request) => (seen.push(request), said('Hi.')) }
    await using kernel = await createTestKernel({ llm: [spy] })
    await kernel.sys().llm.chat({ messages, llms: [{ name: 'chatty' }], require: { maxUsd: 1 }, task: 'maths' })
    expect(seen).toEqual([{ messages }])
  })
})

import { describe, expect, it } from 'vitest'
import type { CoreRequest, LlmDriver, ToolDriver } from '@aios/kernel/driver'
import type { LlmRouter } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import { ASK, said } from '../cores.js'

const named = (id: string): LlmDriver => ({ kind: 'llm', id, model: `${id}-model`, chat: () => said(id) })

describe('a conversation', () => {
  it('may hold a call that named no tool, and what the model was told of it', async () => {
    await using kernel = await createTestKernel({ llm: named('a') })
    const call = { type: 'tool-call' as const, id: '1', name: '', input: {}, inputText: '{}', invalid: 'No name.' }
    const result = { type: 'tool-result' as const, id: '1', name: '', output: 'No such tool.', isError: true }
    const messages = [
      ...ASK.messages,
      { role: 'assistant' as const, content: [call] },
      { role: 'tool' as const, content: [result] },
    ]
    expect((await kernel.sys().llm.chat({ messages })).text).toBe('a')
  })
})

describe('routing', () => {
  it('takes the core whose id or model is asked for, else the first', async () => {
    await using kernel = await createTestKernel({ llm: [named('a'), named('b')] })
    const { llm } = kernel.sys()
    expect((await llm.chat(ASK)).text).toBe('a')
    expect((await llm.chat({ ...ASK, model: 'b' })).text).toBe('b')
    expect(await llm.chat({ ...ASK, model: 'b-model' })).toMatchObject({ text: 'b', model: 'b-model' })
    await expect(llm.chat({ ...ASK, model: 'c' })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: 'Expected a model among a, b, got "c".',
    })
  })

  it('offers only granted cores, and refuses one that is there but not granted', async () => {
    await using kernel = await createTestKernel({ llm: [named('a'), named('b')] })
    const grants = { models: ['b'] }
    expect((await kernel.run((sys) => sys.llm.chat(ASK), undefined, { grants })).text).toBe('b')
    for (const model of ['a', 'a-model']) {
      await expect(kernel.run((sys) => sys.llm.chat({ ...ASK, model }), undefined, { grants })).rejects.toMatchObject({
        code: 'AIOS_ACCESS_DENIED',
      })
    }
    await expect(
      kernel.run((sys) => sys.llm.chat({ ...ASK, model: 'zzz' }), undefined, { grants }),
    ).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
    await expect(kernel.run((sys) => sys.llm.chat(ASK), undefined, { grants: { models: [] } })).rejects.toMatchObject({
      code: 'AIOS_ACCESS_DENIED',
    })
  })

  it('asks a router, which sees how busy each core is', async () => {
    const seen: unknown[] = []
    const router: LlmRouter = {
      pick: (_request, cores, now) => {
        seen.push(
          cores.map(({ id, model, running, queued, concurrency, contextWindow, price }) => [
            id,
            model,
            running,
            queued,
            concurrency,
            contextWindow,
            price?.inputUsdPerMTok,
          ]),
          now,
        )
        return cores.at(-1)?.id
      },
    }
    await using kernel = await createTestKernel({
      router,
      llm: [
        named('a'),
        {
          ...named('b'),
          contextWindow: 8_000,
          price: { inputUsdPerMTok: 1, outputUsdPerMTok: 2 },
          limits: { concurrency: 3 },
        },
      ],
    })
    expect((await kernel.sys().llm.chat(ASK)).text).toBe('b')
    expect(seen).toEqual([
      [
        ['a', 'a-model', 0, 0, 8, undefined, undefined],
        ['b', 'b-model', 0, 0, 3, 8_000, 1],
      ],
      0,
    ])
  })

  it('rejects with AIOS_NO_DEVICE when the router takes none', async () => {
    await using kernel = await createTestKernel({ llm: named('a'), router: { pick: () => undefined } })
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: expect.stringContaining('none that the router would take') as string,
    })
  })

  it('wraps what a router throws', async () => {
    await using kernel = await createTestKernel({
      llm: named('a'),
      router: {
        pick: () => {
          throw new Error('lost')
        },
      },
    })
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({
      code: 'AIOS_DRIVER_FAILED',
      cause: { message: 'lost' },
    })
  })
})

describe('tools of a chat', () => {
  const tools = {
    kind: 'tool',
    id: 't',
    list: () => [],
    prepare: () => ({ conflictKeys: [], run: () => 1 }),
    resolve: (name: string) => ({
      name: `local/${name}`,
      source: 'local',
      description: 'Adds.',
      inputSchema: { type: 'object' },
    }),
  } as ToolDriver

  it('are described to the core under the names the caller used; inline ones as they are', async () => {
    const seen: CoreRequest[] = []
    await using kernel = await createTestKernel({
      tools,
      llm: {
        ...named('a'),
        chat: (request) => {
          seen.push(request)
          return said('x')
        },
      },
    })
    const inline = { name: 'look', description: 'Looks.', inputSchema: {} }
    await kernel.sys().llm.chat({ ...ASK, model: 'a', tools: ['add', inline] })
    expect(seen).toEqual([
      { ...ASK, tools: [{ name: 'add', description: 'Adds.', inputSchema: { type: 'object' } }, inline] },
    ])
  })

  it('need a tool device only where they are names', async () => {
    await using kernel = await createTestKernel({ llm: named('a') })
    await expect(kernel.sys().llm.chat({ ...ASK, tools: ['add'] })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: expect.stringContaining('describe tool "add"') as string,
    })
  })
})

describe('files in a request', () => {
  it('count towards the bound of a budget by their bytes', async () => {
    await using kernel = await createTestKernel({ llm: named('a') })
    const message = (bytes: number) => ({
      messages: [
        {
          role: 'user' as const,
          content: [
            { type: 'file' as const, mediaType: 'image/png', data: new Uint8Array(bytes) },
            { type: 'file' as const, mediaType: 'image/png', data: 'é' },
            { type: 'tool-call' as const, id: '1', name: 'n', input: {}, inputText: '{}' },
            { type: 'tool-result' as const, id: '1', name: 'n', output: 'x' },
          ],
        },
      ],
      tools: [{ name: 'n', description: 'd', inputSchema: {} }],
      maxOutputTokens: 10,
    })
    const run = (bytes: number): Promise<unknown> =>
      kernel.run((sys) => sys.llm.chat(message(bytes)), undefined, { budget: { tokens: 1_000 } })
    await expect(run(10)).resolves.toMatchObject({ text: 'a' })
    await expect(run(5_000)).rejects.toMatchObject({ code: 'AIOS_BUDGET_EXCEEDED' })
  })
})

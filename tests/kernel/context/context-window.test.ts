import { contextWindow, prune, type ContextStep, type Message } from '@aios/kernel'
import type { CoreRequest, LlmDriver } from '@aios/kernel/driver'
import { recordEvents } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { said } from '../syscall/cores.js'
import { heldTools } from '../fake-drivers.js'
import { testBed } from '../test-bed.js'

const user = (text: string): Message => ({ role: 'user', content: text })
const assistant = (text: string): Message => ({ role: 'assistant', content: text })
const long = 'x'.repeat(400)
/** Three turns of about 800 tokens each, and a question. */
const talk: readonly Message[] = [
  { role: 'system', content: 'Be brief.' },
  ...[1, 2, 3].flatMap((turn) => [user(`${turn} ${long}`), assistant(`${turn} ${long}`)]),
  user('And now?'),
]
const CHATS = ['llm.chat', 'llm.stream']
const texts = (request: CoreRequest | undefined) =>
  request?.messages.map(({ content }) => (typeof content === 'string' ? content.slice(0, 8) : '')) ?? []
const answering = (options: Partial<LlmDriver> = {}): LlmDriver & { readonly requests: CoreRequest[] } => {
  const requests: CoreRequest[] = []
  return {
    kind: 'llm',
    id: 'core',
    model: 'core-1',
    requests,
    chat: (request) => {
      requests.push(request)
      return said('ok')
    },
    ...options,
  }
}

describe('contextWindow', () => {
  it('drops the oldest turns of a chat and tells by an event and a warning', async () => {
    const core = scriptedCore(['ok'], { contextWindow: 2_000 })
    const kernel = await testBed({ llm: core })
    kernel.use(contextWindow({ reserveOutputTokens: 200 }), CHATS)
    const events = recordEvents(kernel, 'context:trimmed')
    const sys = kernel.sys({ name: 'talker' })
    const reply = await sys.llm.chat({ messages: talk })
    expect(texts(core.requests[0])).toEqual(['Be brief', '2 xxxxxx', '2 xxxxxx', '3 xxxxxx', '3 xxxxxx', 'And now?'])
    const [trimmed] = events.of('context:trimmed')
    expect(trimmed).toMatchObject({
      id: reply.meta.syscallId,
      pid: sys.pid,
      name: 'llm.chat',
      windowTokens: 2_000,
      reservedTokens: 200,
      source: 'estimated',
    })
    expect(trimmed?.steps).toEqual([
      { step: 'prune', messages: 2, parts: 0, tokens: (trimmed?.beforeTokens ?? 0) - (trimmed?.afterTokens ?? 0) },
    ])
    expect(trimmed?.beforeTokens).toBeGreaterThan(1_800)
    expect(trimmed?.afterTokens).toBeLessThanOrEqual(1_800)
    expect(reply.warnings).toEqual([
      { setting: 'context', message: expect.stringMatching(/^Trimmed from \d+ to \d+ .* prune dropped 2 messages\.$/) },
    ])
    expect(talk).toHaveLength(8)
  })

  it('does the same for a stream, and warns in its final reply', async () => {
    const core = scriptedCore([{ tokens: ['o', 'k'] }], { contextWindow: 2_000 })
    const kernel = await testBed({ llm: core })
    kernel.use(contextWindow({ reserveOutputTokens: 200 }), CHATS)
    const stream = kernel.sys().llm.stream({ messages: talk })
    let text = ''
    for await (const part of stream) if (part.type === 'text-delta') text += part.text
    expect(text).toBe('ok')
    expect(core.requests[0]?.messages).toHaveLength(6)
    expect((await stream.result).warnings).toMatchObject([{ setting: 'context' }])
  })

  it('leaves a call alone that fits, also among other calls and without a match', async () => {
    const core = answering({ contextWindow: 10_000 })
    const kernel = await testBed({ llm: core })
    kernel.use(contextWindow())
    const events = recordEvents(kernel, 'context:trimmed')
    const reply = await kernel.sys().llm.chat({ messages: talk })
    expect(core.requests[0]?.messages).toBe(talk)
    expect(reply.warnings).toEqual([])
    expect(events.of('context:trimmed')).toEqual([])
    await expect(kernel.sys().tool.list()).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
  })

  it('does nothing where no window is known, unless maxTokens says one', async () => {
    const core = answering()
    const kernel = await testBed({ llm: core })
    const remove = kernel.use(contextWindow(), CHATS)
    await kernel.sys().llm.chat({ messages: talk })
    remove()
    kernel.use(contextWindow({ maxTokens: 1_200 }), CHATS)
    await kernel.sys().llm.chat({ messages: talk })
    expect(core.requests.map(({ messages }) => messages.length)).toEqual([8, 4])
  })

  it('takes the smaller of maxTokens and the window of the core', async () => {
    for (const [maxTokens, contextWindow_] of [
      [1_200, 9_000],
      [9_000, 1_200],
    ] as const) {
      const core = answering({ contextWindow: contextWindow_ })
      const kernel = await testBed({ llm: core })
      kernel.use(contextWindow({ maxTokens, reserveOutputTokens: 300 }), CHATS)
      await kernel.sys().llm.chat({ messages: talk })
      expect(core.requests[0]?.messages).toHaveLength(4)
    }
  })

  it('reserves what the request asks for, else the least of the core, the limits and a quarter', async () => {
    const reserved = async (given: Partial<LlmDriver>, maxOutputTokens?: number) => {
      const kernel = await testBed({ llm: answering({ contextWindow: 2_000, ...given }) })
      kernel.use(contextWindow(), CHATS)
      const events = recordEvents(kernel, 'context:trimmed')
      await kernel.sys().llm.chat({ messages: talk, maxOutputTokens })
      return events.of('context:trimmed')[0]?.reservedTokens
    }
    expect(await reserved({}, 700)).toBe(700)
    expect(await reserved({})).toBe(500)
    expect(await reserved({ maxOutputTokens: 300 })).toBe(300)
  })

  it('fits a request that names a model into that one, and one that names none into the smallest it may go to', async () => {
    const small = answering({ id: 'small', model: 'small-1', contextWindow: 1_200 })
    const large = answering({ id: 'large', model: 'large-1', contextWindow: 9_000 })
    const kernel = await testBed({ llm: [large, small] })
    kernel.use(contextWindow({ reserveOutputTokens: 300 }), CHATS)
    await kernel.sys().llm.chat({ messages: talk, model: 'large-1' })
    await kernel.sys().llm.chat({ messages: talk, model: 'small' })
    expect([large.requests[0]?.messages.length, small.requests[0]?.messages.length]).toEqual([8, 4])
    await kernel.sys({ name: 'a', grants: { models: ['large'] } }).llm.chat({ messages: talk })
    expect(large.requests[1]?.messages).toHaveLength(8)
    await kernel.sys().llm.chat({ messages: talk })
    expect([...large.requests, ...small.requests].map(({ messages }) => messages.length).sort()).toEqual([4, 4, 8, 8])
  })

  it('asks the tokenizer of the core, and only where the bound leaves a doubt', async () => {
    const asked: CoreRequest[] = []
    const core = answering({
      contextWindow: 1_000,
      countTokens: async (request) => {
        asked.push(request)
        return request.messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4), 0)
      },
    })
    const kernel = await testBed({ llm: core })
    kernel.use(contextWindow({ reserveOutputTokens: 100 }), CHATS)
    const events = recordEvents(kernel, 'context:trimmed')
    await kernel.sys().llm.chat({ messages: [user('Hi')] })
    expect(asked).toHaveLength(0)
    await kernel.sys().llm.chat({ messages: talk })
    expect(asked).toHaveLength(1)
    expect(core.requests[1]?.messages).toBe(talk)
    await kernel.sys().llm.chat({ messages: talk, maxOutputTokens: 5 })
    await kernel.sys().llm.chat({ messages: [...talk, user('y'.repeat(2_800))] })
    expect(events.of('context:trimmed')).toMatchObject([{ source: 'core', steps: [{ step: 'prune' }] }])
    expect(events.of('context:trimmed')[0]?.afterTokens).toBeLessThanOrEqual(900)
  })

  it('rejects with the cause where the tokenizer of the core fails or lies', async () => {
    const counts: (() => number)[] = [
      () => -1,
      () => {
        throw new Error('no tokenizer')
      },
    ]
    for (const countTokens of counts) {
      const kernel = await testBed({ llm: answering({ contextWindow: 1_000, countTokens }) })
      kernel.use(contextWindow(), CHATS)
      await expect(kernel.sys().llm.chat({ messages: talk })).rejects.toMatchObject({ code: 'AIOS_HOOK_FAILED' })
    }
  })

  it('trusts what the provider reported for the beginning of the same conversation', async () => {
    const core = answering({
      contextWindow: 3_000,
      chat: () => ({ ...said('ok'), usage: { input: { total: 600 }, output: { total: 1 } } }),
    })
    const seen: number[] = []
    const kernel = await testBed({
      llm: {
        ...core,
        chat: (request, call) => {
          seen.push(request.messages.length)
          return core.chat?.(request, call) as never
        },
      },
    })
    kernel.use(contextWindow({ reserveOutputTokens: 0 }), CHATS)
    const events = recordEvents(kernel, 'context:trimmed')
    const { llm } = kernel.sys()
    await llm.chat({ messages: talk })
    // By the bound alone it would not fit any more; the provider counted 600 tokens for what was sent before.
    const longer = [...talk, assistant('y'.repeat(1_500)), user('So?')]
    await llm.chat({ messages: longer })
    expect(seen).toEqual([8, 10])
    await llm.chat({ messages: structuredClone(longer) })
    expect(seen[2]).toBeLessThan(10)
    expect(events.of('context:trimmed')).toMatchObject([{ source: 'estimated' }])
  })

  it('counts the tools of the request, named ones too', async () => {
    const core = answering({ contextWindow: 3_000 })
    const kernel = await testBed({ llm: core })
    kernel.use(contextWindow({ reserveOutputTokens: 0 }), CHATS)
    const tools = [{ name: 't', description: 'd'.repeat(1_000), inputSchema: {} }]
    await kernel.sys().llm.chat({ messages: talk, tools })
    expect(core.requests[0]?.messages).toHaveLength(6)
    await expect(kernel.sys().llm.chat({ messages: talk, tools: ['none'] })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
    })
  })

  it('describes named tools to the tokenizer as the core will get them, and asks it about files in any case', async () => {
    const asked: CoreRequest[] = []
    const countTokens = (request: CoreRequest): number => {
      asked.push(request)
      return 10
    }
    const core = answering({ contextWindow: 3_000, countTokens })
    const kernel = await testBed({ llm: core, tools: heldTools() })
    kernel.use(contextWindow(), CHATS)
    await kernel.sys().llm.chat({ messages: [user('x'.repeat(3_000))], tools: ['local/hold'] })
    expect(asked).toMatchObject([{ tools: [{ name: 'local/hold', description: 'Waits.' }] }])
    await kernel.sys().llm.chat({
      messages: [
        { role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: 'https://a.example/a.png' }] },
      ],
    })
    expect(asked).toHaveLength(2)
  })

  it('rejects what cannot be made to fit with the arithmetic, before any core sees it', async () => {
    const core = answering({ contextWindow: 1_000 })
    const kernel = await testBed({ llm: core })
    kernel.use(contextWindow({ reserveOutputTokens: 100 }), CHATS)
    // A hook further out sees the refusal as it is.
    kernel.use({ before: () => undefined, around: (_call, next) => next() }, CHATS)
    const { llm } = kernel.sys()
    const tooLong = { messages: [user(long.repeat(5))] }
    const refused = { code: 'AIOS_LLM_CONTEXT_OVERFLOW', details: { limitTokens: 900, afterTokens: 2_016 } }
    await expect(llm.chat(tooLong)).rejects.toMatchObject(refused)
    await expect(llm.stream(tooLong).result).rejects.toMatchObject(refused)
    expect(core.requests).toHaveLength(0)
  })

  it('keeps what is pinned', async () => {
    const core = answering({ contextWindow: 1_500 })
    const kernel = await testBed({ llm: core })
    kernel.use(contextWindow({ reserveOutputTokens: 0 }), CHATS)
    const pinned = talk.map((message, index) => (index === 1 ? { ...message, pinned: true } : message))
    await kernel.sys().llm.chat({ messages: pinned })
    expect(texts(core.requests[0])).toEqual(['Be brief', '1 xxxxxx', '3 xxxxxx', '3 xxxxxx', 'And now?'])
    const part = { type: 'text' as const, text: `1 ${long}`, pinned: true }
    await kernel.sys().llm.chat({ messages: [{ role: 'user', content: [part] }, ...talk.slice(2)] })
    expect(core.requests[1]?.messages[0]?.content).toEqual([part])
  })

  it('runs a step of the user, and rejects with what it throws as cause', async () => {
    const core = answering({ contextWindow: 1_000 })
    const kernel = await testBed({ llm: core })
    const keepLast: ContextStep = {
      name: 'keepLast',
      apply: ({ messages }) => ({
        messages: messages.slice(-1),
        droppedMessages: messages.length - 1,
        droppedParts: 0,
      }),
    }
    const remove = kernel.use(contextWindow({ steps: [keepLast] }), CHATS)
    const { warnings } = await kernel.sys().llm.chat({ messages: talk })
    expect(warnings[0]?.message).toContain('keepLast dropped 7 messages')
    remove()
    const bad: ContextStep = {
      name: 'bad',
      apply: () => {
        throw new Error('broken step')
      },
    }
    kernel.use(contextWindow({ steps: [bad, prune()] }), CHATS)
    await expect(kernel.sys().llm.chat({ messages: talk })).rejects.toMatchObject({
      code: 'AIOS_HOOK_FAILED',
      message: 'Hook contextWindow failed: Error: broken step',
    })
  })

  it('refuses options that cannot be', () => {
    const bad: readonly [unknown, string][] = [
      [{ maxTokens: 0 }, '"maxTokens"'],
      [{ maxTokens: 1.5 }, '"maxTokens"'],
      [{ reserveOutputTokens: -1 }, '"reserveOutputTokens"'],
      [{ maxTokens: 5, reserveOutputTokens: 5 }, '"reserveOutputTokens"'],
      [{ steps: [() => undefined] }, '"steps[0]"'],
      [{ keepToolResults: 3 }, '"keepToolResults"'],
    ]
    for (const [options, name] of bad) {
      expect(() => contextWindow(options as never)).toThrow(
        expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(name) }),
      )
    }
  })
})

import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { AiosError, createKernel, type ChatRequest } from '@aios/kernel'
import type { LlmDriver, MemoryDriver } from '@aios/kernel/driver'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { ASK, heldCore, said, sayingCore } from './cores.js'

const core = sayingCore('ok')

/** A memory device that gives back what it is asked, at once. */
const mirror = {
  kind: 'memory',
  id: 'mirror',
  add: same,
  get: same,
  update: same,
  remove: same,
  retrieve: same,
} as unknown as MemoryDriver
function same(request: unknown): unknown {
  return request
}

describe('trap', () => {
  it('starts a call in the same tick when its lane is free', async () => {
    const held = heldCore()
    await using kernel = await createTestKernel({ llm: held })
    const call = kernel.sys().llm.chat(ASK)
    expect(held.held).toHaveLength(1)
    held.held[0]?.answer(said('x'))
    expect((await call).text).toBe('x')
  })

  it('rejects for whatever a driver or an agent throws, also what nobody can print', async () => {
    const unprintable: readonly (() => unknown)[] = [
      () => Object.create(null) as unknown,
      () =>
        Object.defineProperty(new Error('x'), 'message', {
          get() {
            throw new Error('No.')
          },
        }),
      () =>
        new Proxy(new Error('p'), {
          get() {
            throw new Error('No.')
          },
        }),
      () => Object.assign(new Error('e'), { name: { toString: () => ({}) } }),
    ]
    for (const make of unprintable) {
      const throwing: LlmDriver = {
        ...core,
        chat() {
          throw make()
        },
      }
      await using kernel = await createTestKernel({ llm: throwing })
      await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({ code: 'AIOS_DRIVER_FAILED' })
      const sys = kernel.sys()
      const child = await sys.agent.spawn({
        agent: () => {
          throw make()
        },
      })
      await expect(sys.agent.wait({ pid: child.pid })).rejects.toMatchObject({ code: 'AIOS_AGENT_FAILED' })
    }
  })

  it('estimates what a conversation takes whose tools returned what JSON cannot write', async () => {
    const circular: Record<string, unknown> = { n: 1n }
    circular['self'] = circular
    const uncounted: LlmDriver = { ...core, chat: () => ({ ...said('ok'), usage: { input: {}, output: {} } }) }
    await using kernel = await createTestKernel({ llm: uncounted })
    for (const output of [Array.from({ length: 500 }, (_, n) => BigInt(n)), circular, new Map([[1, new Set([2n])]])]) {
      const result = { type: 'tool-result' as const, id: 'c', name: 't', output }
      const messages = [...ASK.messages, { role: 'tool' as const, content: [result] }]
      expect((await kernel.sys().llm.chat({ messages })).text).toBe('ok')
      const { usage } = await kernel.sys().llm.stream({ messages }).result
      expect(usage).toMatchObject({ estimated: true, output: { total: 1 } })
      expect(usage.input.total).toBeGreaterThan(Array.isArray(output) ? 500 : 1)
    }
  })

  it.each([
    [{ messages: [] }, /Expected an array that is not empty for "messages", got an array of 0/],
    [{}, /for "messages", got undefined/],
    [undefined, /Expected an object, got undefined/],
    [7, /Expected an object, got 7/],
    [{ ...ASK, temprature: 1 }, /Expected only the keys messages, .*got "temprature"/],
    [{ ...ASK, temperature: 3 }, /Expected a number from 0 to 2 for "temperature", got 3/],
    [{ ...ASK, temperature: Number.NaN }, /for "temperature"/],
    [{ ...ASK, maxOutputTokens: 0 }, /Expected a whole number from 1 for "maxOutputTokens", got 0/],
    [{ ...ASK, stop: 'x' }, /Expected an array for "stop", got "x"/],
    [{ ...ASK, toolChoice: 'maybe' }, /Expected "auto", "none", "required" or \{ tool: name \} for "toolChoice"/],
    [{ ...ASK, responseFormat: { type: 'xml' } }, /for "responseFormat"/],
    [
      { messages: [{ role: 'robot', content: 'x' }] },
      /one of "system", "user", "assistant", "tool" for "messages\[0\].role", got "robot"/,
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'txt' }] }] },
      /a part whose type is one of .* for "messages\[0\]\.content\[0\]"/,
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      /Expected a string for "messages\[0\]\.content\[0\]\.text", got undefined/,
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'file', mediaType: 'a/b', data: 7 }] }] },
      /Expected a string or a Uint8Array/,
    ],
    [{ ...ASK, tools: [{ name: 'x' }] }, /for "tools\[0\]\.description"/],
  ])(
    'refuses the request %j with AIOS_INVALID_SYSCALL, saying what was expected and what came',
    async (request, message) => {
      await using kernel = await createTestKernel({ llm: core })
      const call = kernel.sys().llm.chat(request as ChatRequest)
      await expect(call).rejects.toMatchObject({
        code: 'AIOS_INVALID_SYSCALL',
        message: expect.stringMatching(message) as string,
      })
      expect(kernel.stats().outstanding).toBe(0)
    },
  )

  it.each([
    [{ deadlineMs: -1 }, /Expected a number from 0 for "deadlineMs", got -1/],
    [{ priority: 8 }, /Expected a whole number from 0 to 7 for "priority", got 8/],
    [{ signal: {} }, /Expected an AbortSignal for "signal"/],
    [{ idempotencyKey: '' }, /Expected a string of 1 to 256 characters for "idempotencyKey"/],
    [{ timeout: 1 }, /Expected only the keys signal, deadlineMs, priority, idempotencyKey, got "timeout"/],
  ])('refuses the options %j with AIOS_INVALID_OPTION', async (options, message) => {
    await using kernel = await createTestKernel({ llm: core })
    const call = kernel.sys().llm.chat(ASK, options as object)
    await expect(call).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringMatching(message) as string,
    })
  })

  it('counts an option that is undefined as absent', async () => {
    await using kernel = await createTestKernel({ llm: core })
    expect(
      (await kernel.sys().llm.chat({ ...ASK, model: undefined }, { signal: undefined, deadlineMs: undefined })).text,
    ).toBe('ok')
  })

  it('opens every row by name through sys.call, and lists the names when there is no such row', async () => {
    await using kernel = await createTestKernel({ llm: core, memory: mirror })
    expect(await kernel.sys().call('memory.get', { id: 'x' })).toEqual({ id: 'x', namespace: 'default' })
    await expect(kernel.sys().call('memory.forget')).rejects.toMatchObject({
      code: 'AIOS_UNKNOWN_SYSCALL',
      message: expect.stringContaining('memory.retrieve') as string,
    })
    const stream = (await kernel.sys().call('llm.stream', ASK)) as {
      readonly result: Promise<{ readonly text: string }>
    }
    expect((await stream.result).text).toBe('ok')
  })

  it('does not let an agent reach the kernel through its sys', async () => {
    await using kernel = await createTestKernel({ llm: core })
    const sys = kernel.sys()
    expect(Object.keys(sys)).toEqual([])
    expect(Object.getOwnPropertyNames(sys.llm)).toEqual([])
  })

  it('says AIOS_NO_DEVICE, and how to add one, for every family without its device', async () => {
    await using kernel = await createKernel()
    const sys = kernel.sys()
    await expect(sys.llm.chat(ASK)).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: expect.stringMatching(/three ways: createKernel.*OPENAI_API_KEY.*scriptedCore/) as string,
    })
    await expect(sys.memory.get({ id: 'x' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
    await expect(sys.storage.read({ path: 'x' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
    await expect(sys.tool.call({ name: 'x' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
    await expect(sys.tool.list()).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
  })

  it('wraps what a driver throws as AIOS_DRIVER_FAILED with the cause, and keeps an AiosError as it is', async () => {
    const broken = new Error('boom')
    const refused = new AiosError('AIOS_LLM_AUTH', 'wrong key')
    const errors = [broken, refused]
    await using kernel = await createTestKernel({
      llm: {
        ...core,
        chat: () => {
          throw errors.shift()
        },
      },
    })
    const events = recordEvents(kernel, 'driver:failed')
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({ code: 'AIOS_DRIVER_FAILED', cause: broken })
    await expect(kernel.sys().llm.chat(ASK)).rejects.toBe(refused)
    expect(events.of('driver:failed')).toMatchObject([{ device: 'c', message: 'Error: boom' }])
  })

  it('takes only the first settlement of a thenable that calls back twice', async () => {
    const twice = {
      then(done: (value: unknown) => void, fail: (error: unknown) => void) {
        done(said('once'))
        done(said('twice'))
        fail(new Error('no'))
      },
    }
    await using kernel = await createTestKernel({ llm: { ...core, chat: () => twice as never } })
    expect((await kernel.sys().llm.chat(ASK)).text).toBe('once')
    expect(kernel.stats()).toMatchObject({ settled: 1, outstanding: 0, lanes: [{ running: 0 }] })
  })

  it('runs a queued call in the async context of its caller, and an immediate one too', async () => {
    const where = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const held = heldCore({ limits: { concurrency: 1 } })
    const chat = held.chat
    await using kernel = await createTestKernel({
      llm: {
        ...held,
        chat: (request, call) => {
          seen.push(where.getStore())
          return chat?.(request, call) as Promise<never>
        },
      },
    })
    const sys = kernel.sys()
    const first = where.run('first', () => sys.llm.chat(ASK))
    const second = where.run('second', () => sys.llm.chat(ASK))
    held.held[0]?.answer(said('1'))
    await first
    held.held[1]?.answer(said('2'))
    await second
    expect(seen).toEqual(['first', 'second'])
  })

  it('runs listeners in no async context', async () => {
    const where = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    await using kernel = await createTestKernel({ llm: core })
    kernel.on('syscall:settled', () => {
      seen.push(where.getStore())
    })
    kernel.on('process:spawned', () => {
      seen.push(where.getStore())
    })
    await where.run('caller', async () => {
      await kernel.sys().llm.chat(ASK)
      await kernel.run((sys) => sys.llm.chat(ASK), undefined)
    })
    expect(seen).toEqual([undefined, undefined, undefined, undefined])
  })

  it('charges usage to the call, the process and all its ancestors, and estimates what a core did not report', async () => {
    await using kernel = await createTestKernel({
      llm: {
        ...core,
        price: { inputUsdPerMTok: 1_000_000, outputUsdPerMTok: 2_000_000 },
        chat: () => ({ ...said('four'), usage: { input: { total: 3 }, output: {} } }),
      },
    })
    const events = recordEvents(kernel, 'syscall:settled')
    const parent = kernel.spawn(async (sys) => {
      const child = await sys.agent.spawn({ agent: async (inner: typeof sys) => (await inner.llm.chat(ASK)).usage })
      return sys.agent.wait(child)
    }, undefined)
    await expect(parent.result).rejects.toThrow(/Expected only the keys pid/)
    const other = kernel.spawn(async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: async (inner: typeof sys) => (await inner.llm.chat(ASK)).usage })
      return sys.agent.wait({ pid })
    }, undefined)
    expect(await other.result).toEqual({ input: { total: 3 }, output: {} })
    expect(other.usage).toMatchObject({ inputTokens: 3, outputTokens: 1, costUsd: 5 })
    expect(events.of('syscall:settled').findLast(({ name }) => name === 'llm.chat')).toMatchObject({
      usage: { estimated: true },
      costUsd: 5,
      slices: 1,
    })
  })
})

import { AsyncLocalStorage } from 'node:async_hooks'
import { AiosError, defineSyscall } from '@aios/kernel'
import { recordEvents } from '@aios/kernel/testing'
import type { BatchItem, DriverCall } from '@aios/kernel/driver'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { heldCore, heldStorage, heldTools, noteOf, reply, watch } from '../../fake-drivers.js'
import { row, start, testBed } from '../../test-bed.js'
import { batchingMemory } from './batching-memory.js'

const prompt = (content: string) => ({ messages: [{ role: 'user' as const, content }] })
const never = (): Promise<void> => new Promise(() => undefined)

describe('a call of a batch', () => {
  it('settles as soon as the driver says so, while the others run on', async () => {
    const memory = batchingMemory({ maxSize: 3 })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const calls = ['1', '2', '3'].map((content) => watch(sys.memory.add({ content })))
    memory.item('2').resolve(noteOf('2'))
    memory.item('3').reject(new Error('bad'))
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(['pending', 'fulfilled', 'AIOS_DRIVER_FAILED'])
    expect(calls[1]!.value).toMatchObject({ content: '2' })
    expect(calls[2]!.error).toMatchObject({ cause: new Error('bad') })
    memory.item('1').reject(new AiosError('AIOS_NOT_FOUND', 'Gone.'))
    await kernel.clock.settle()
    expect(calls[0]!.outcome).toBe('AIOS_NOT_FOUND')
  })

  it('keeps what was said of it first', async () => {
    const memory = batchingMemory({ maxSize: 2, run: async () => Promise.reject(new Error('late')) })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const calls = ['1', '2'].map((content) => watch(sys.memory.add({ content })))
    memory.item('1').resolve(noteOf('1'))
    memory.item('1').reject(new Error('no'))
    memory.item('1').resolve(noteOf('other'))
    await kernel.clock.settle()
    expect(calls[0]!.value).toMatchObject({ content: '1' })
    expect(calls[1]).toMatchObject({ outcome: 'AIOS_DRIVER_FAILED', error: { cause: new Error('late') } })
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
  })

  it('fails with what run throws, if nothing was said of it', async () => {
    const memory = batchingMemory({
      maxSize: 2,
      run: (items) => {
        items[0]!.resolve(noteOf('kept'))
        throw new AiosError('AIOS_NOT_FOUND', 'No disk.')
      },
    })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const calls = ['1', '2'].map((content) => watch(sys.memory.add({ content })))
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(['fulfilled', 'AIOS_NOT_FOUND'])
  })

  it('fails with a sentence that names the row, if run is done and has said nothing of it', async () => {
    const memory = batchingMemory({ maxSize: 2, run: (items) => void items[1]!.resolve(noteOf('2')) })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const calls = ['1', '2'].map((content) => watch(sys.memory.add({ content })))
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(['AIOS_DRIVER_FAILED', 'fulfilled'])
    expect(String(calls[0]!.error)).toContain('memory.add')
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
  })

  it('is a syscall of its own: caller, events, record, duration', async () => {
    const memory = batchingMemory({ maxSize: 2 })
    const kernel = await testBed({ memory })
    const events = recordEvents(kernel)
    const [a, b] = [await start(kernel, { name: 'a' }), await start(kernel, { name: 'b' })]
    void watch(a.sys.memory.add({ content: '1' }))
    await kernel.clock.advance(20)
    void watch(b.sys.memory.add({ content: '2' }))
    const calls = ['1', '2'].map((content) => memory.item(content).call)
    expect(calls.map(({ pid, agent, namespace }) => [pid, agent, namespace])).toEqual([
      [a.process.pid, 'a', 'a'],
      [b.process.pid, 'b', 'b'],
    ])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
    await kernel.clock.advance(5)
    memory.finish()
    await kernel.clock.settle()
    const settled = events.all.filter(({ name }) => name === 'syscall:settled')
    expect(settled.map(({ data }) => data)).toMatchObject([
      { pid: a.process.pid, outcome: 'fulfilled', startedAt: 20, endedAt: 25, createdAt: 0 },
      { pid: b.process.pid, outcome: 'fulfilled', startedAt: 20, endedAt: 25, createdAt: 20 },
    ])
  })
})

describe('a batch of several kinds', () => {
  it('is split by key; the kinds run side by side on the one slot', async () => {
    const memory = batchingMemory({ maxSize: 4, key: ({ content }) => content.charAt(0), limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const calls = ['a1', 'b1', 'a2', 'b2'].map((content) => watch(sys.memory.add({ content })))
    expect(memory.runs).toEqual([
      ['a1', 'a2'],
      ['b1', 'b2'],
    ])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1 })
    memory.finish('a1', 'a2', 'b1')
    await kernel.clock.settle()
    expect(calls.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'pending'])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1 })
    memory.finish('b2')
    await kernel.clock.settle()
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
  })

  it('loses only the call whose key throws', async () => {
    const key = ({ content }: { readonly content: string }): string => {
      if (content === 'bad') throw new Error('no key')
      return ''
    }
    const memory = batchingMemory({ maxSize: 3, key })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const calls = ['1', 'bad', '2'].map((content) => watch(sys.memory.add({ content })))
    expect(memory.runs).toEqual([['1', '2']])
    memory.finish()
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(['fulfilled', 'AIOS_DRIVER_FAILED', 'fulfilled'])
    expect(calls[1]!.error).toMatchObject({ cause: new Error('no key') })
  })

  it('leaves out a call that ended while another kind was handed over', async () => {
    const stop = new AbortController()
    const memory = batchingMemory({
      maxSize: 3,
      key: ({ content }) => content.charAt(0),
      run: () => {
        stop.abort(new Error('stop'))
        return never()
      },
    })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    void watch(sys.memory.add({ content: 'a' }))
    const stopped = watch(sys.memory.add({ content: 'b1' }, { signal: stop.signal }))
    void watch(sys.memory.add({ content: 'b2' }))
    expect(memory.runs).toEqual([['a'], ['b2']])
    await kernel.clock.settle()
    expect(stopped.error).toEqual(new Error('stop'))
  })

  it('is run in no async context, whoever called', async () => {
    const store = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const memory = batchingMemory({
      maxSize: 2,
      key: () => {
        seen.push(store.getStore())
        return ''
      },
      run: async (items) => {
        seen.push(store.getStore())
        await Promise.resolve()
        seen.push(store.getStore())
        for (const item of items) item.resolve(noteOf('x'))
      },
    })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const inside: unknown[] = []
    await store.run('caller', () =>
      Promise.all(
        ['1', '2'].map(async (content) => {
          await sys.memory.add({ content })
          inside.push(store.getStore())
        }),
      ),
    )
    expect([seen, inside]).toEqual([
      [undefined, undefined, undefined, undefined],
      ['caller', 'caller'],
    ])
  })
})

describe('every family', () => {
  it('can be batched: chat, on a core that has neither chat nor stream', async () => {
    const { chat: _chat, ...base } = heldCore()
    const core = {
      ...base,
      batches: {
        'llm.chat': {
          maxSize: 2,
          run: (items: readonly BatchItem<unknown, ReturnType<typeof reply>>[]) => {
            for (const [index, item] of items.entries()) item.resolve(reply(10 * (index + 1), 1))
          },
        },
      },
    }
    const kernel = await testBed({ llm: core })
    const { sys, process } = await start(kernel)
    const replies = await Promise.all(['1', '2'].map((content) => sys.llm.chat(prompt(content))))
    expect(replies.map(({ text, usage }) => [text, usage.input.total])).toEqual([
      ['ok', 10],
      ['ok', 20],
    ])
    expect(row(kernel, process.pid).usage).toMatchObject({ inputTokens: 30, outputTokens: 2 })
    const stream = watch(sys.llm.stream(prompt('3')).result)
    await kernel.clock.settle()
    expect(stream.outcome).toBe('AIOS_UNSUPPORTED')
  })

  it('can be batched: storage and tools', async () => {
    const [files, outputs]: [unknown[], unknown[]] = [[], []]
    const storage = {
      ...heldStorage(),
      batches: {
        'storage.list': {
          maxSize: 2,
          run: (items: readonly BatchItem<unknown, never[]>[]) => {
            files.push(items.map(({ request }) => request))
            for (const item of items) item.resolve([])
          },
        },
      },
    }
    const tools = {
      ...heldTools(),
      batches: {
        'tool.call': {
          maxSize: 2,
          run: (items: readonly BatchItem[]) => {
            outputs.push(items.map(({ request }) => request))
            for (const [index, item] of items.entries()) item.resolve(index)
          },
        },
      },
    }
    const kernel = await testBed({ storage, tools })
    const { sys } = await start(kernel)
    await Promise.all([sys.storage.list(), sys.storage.list({ path: 'a' })])
    const calls = await Promise.all(['1', '2'].map((as) => sys.tool.call({ name: 'hold', input: { as } })))
    expect(files).toEqual([[{}, { path: 'a' }]])
    expect(outputs).toEqual([['1', '2'].map((as) => ({ name: 'local/hold', input: { as } }))])
    expect(calls).toEqual([0, 1].map((output) => ({ name: 'local/hold', output })))
  })

  it('can be batched: rows of third parties that share a lane', async () => {
    const runs: unknown[] = []
    const made = (name: string, batched: boolean) =>
      defineSyscall({
        name: `vector.${name}`,
        request: z.object({ text: z.string().default('none') }),
        lane: 'vector',
        ...(batched && {
          batch: {
            maxSize: 2,
            run: (items: readonly BatchItem<{ text: string }, string>[]) => {
              runs.push([name, items.map(({ request }) => request.text)])
              for (const item of items) item.resolve(item.request.text.toUpperCase())
            },
          },
        }),
        execute: ({ text }) => text,
      })
    const kernel = await testBed({ syscalls: [made('plain', false), made('embed', true)] })
    const { sys } = await start(kernel)
    const call = (name: string, request: unknown) => sys.call(`vector.${name}` as never, request)
    const plain = await call('plain', { text: 'a' })
    const embedded = await Promise.all([call('embed', { text: 'a' }), call('embed', {})])
    expect([plain, embedded, runs]).toEqual(['a', ['A', 'NONE'], [['embed', ['a', 'none']]]])
  })

  it('has its nested calls served on the slot of their host, each as a batch of its own', async () => {
    const nested: unknown[] = []
    const memory = batchingMemory({
      maxSize: 2,
      limits: { concurrency: 1 },
      run: async (items) => {
        for (const { call, request, resolve } of items) {
          if (request.content === '1') nested.push(await call.sys.memory.add({ content: 'nested' }))
          resolve(noteOf(request.content))
        }
      },
    })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    await Promise.all(['1', '2'].map((content) => sys.memory.add({ content })))
    expect(memory.runs).toEqual([['1', '2'], ['nested']])
    expect(nested).toMatchObject([{ content: 'nested' }])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
  })
})

describe('what a driver declares', () => {
  const declared = (batches: unknown) => {
    const booted = testBed({ memory: { ...batchingMemory(), batches } as never })
    return expect(booted).rejects
  }
  const run = (_items: unknown): void => undefined

  it.each([
    [{ 'memory.ad': { run } }, 'memory.ad'],
    [{ 'llm.chat': { run } }, 'llm.chat'],
    [{ 'memory.add': {} }, 'run'],
    [{ 'memory.add': { run, maxsize: 3 } }, 'maxsize'],
    [{ 'memory.add': { run, maxSize: 0 } }, 'maxSize'],
    [{ 'memory.add': { run, maxSize: 1.5 } }, 'maxSize'],
    [{ 'memory.add': { run, maxWaitMs: -1 } }, 'maxWaitMs'],
    [{ 'memory.add': { run, maxWaitMs: Infinity } }, 'maxWaitMs'],
    [{ 'memory.add': { run, key: 'model' } }, 'key'],
    ['memory.add', 'batches'],
  ])('is refused if it is %j', async (batches, named) => {
    await declared(batches).toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining(named) as string,
    })
  })

  it('is refused for llm.stream, and for a core that has no way to chat', async () => {
    const core = (batches: unknown) => ({ kind: 'llm' as const, id: 'x', model: 'x', batches }) as never
    for (const batches of [{ 'llm.stream': { run } }, {}, undefined])
      await expect(testBed({ llm: core(batches) })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })

  it('is refused in a syscall without a lane, or with an unknown key', async () => {
    const made = (lane: string | undefined, batch: unknown) =>
      defineSyscall({
        name: 'vector.embed',
        request: z.object({}),
        lane,
        batch: batch as never,
        execute: (_request: unknown, _call: DriverCall) => 1,
      })
    for (const row of [made(undefined, { run }), made('vector', { run, size: 1 })])
      await expect(testBed({ syscalls: [row] })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})

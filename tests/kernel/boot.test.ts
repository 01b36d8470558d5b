import { createKernel, DEFAULT_LIMITS, defineSyscall, fifo, priority } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { heldCore, heldMemory, heldTools, watch } from './fake-drivers.js'
import { start, testBed } from './test-bed.js'

const define = (rest: object = {}) =>
  defineSyscall({ name: 'my.verb', request: z.object({}), execute: () => 'done', ...rest })

async function refusal(options: Parameters<typeof createKernel>[0]): Promise<string> {
  const error: unknown = await createKernel(options).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  return (error as Error).message
}

describe('createKernel', () => {
  it('chooses nothing: without options there is no device', async () => {
    const kernel = await createKernel()
    expect([kernel.ps(), kernel.stats().lanes]).toEqual([[], []])
    await kernel.close()
  })

  it('takes one core or several', async () => {
    const one = await testBed({ llm: heldCore({ id: 'a' }) })
    const two = await testBed({ llm: [heldCore({ id: 'a' }), heldCore({ id: 'b' })] })
    const none = await testBed({ llm: [] })
    expect([one, two, none].map((kernel) => kernel.stats().lanes.length)).toEqual([1, 2, 0])
  })

  it('names its runs unlike any other kernel', async () => {
    const runs = await Promise.all(
      [testBed(), testBed()].map(async (booted) => {
        const kernel = await booted
        await start(kernel)
        return kernel.ps()[0]!.runId
      }),
    )
    expect(runs[0]).not.toBe(runs[1])
  })

  it('takes an option or a limit that is undefined for one that is absent', async () => {
    const kernel = await testBed({
      llm: undefined,
      memory: undefined,
      limits: { mailboxDepth: undefined, exitedProcesses: 0 },
    } as never)
    await kernel.run(() => null, undefined)
    expect(kernel.ps()).toEqual([])
    const { sys } = await start(kernel)
    await sys.agent.send({ to: sys.pid, message: 1 })
    expect(DEFAULT_LIMITS.mailboxDepth).toBe(1_000)
  })
})

describe('the default router', () => {
  it('takes the core whose id or model was asked for, else the first', async () => {
    const cores = [heldCore({ id: 'a', model: 'm1' }), heldCore({ id: 'b', model: 'm2' })]
    const kernel = await testBed({ llm: cores })
    const { sys } = await start(kernel)
    const ask = (content: string, model?: string) =>
      watch(sys.llm.chat({ messages: [{ role: 'user', content }], ...(model !== undefined && { model }) }))
    void [ask('none'), ask('id', 'b'), ask('model', 'm2'), ask('first', 'm1')]
    const unknown = ask('unknown', 'm3')
    await kernel.clock.settle()
    expect(cores.map(({ held }) => held.started)).toEqual([
      ['none', 'first'],
      ['id', 'model'],
    ])
    expect(unknown.outcome).toBe('AIOS_NO_DEVICE')
  })
})

describe('policies', () => {
  it('go to their lanes: one core by its id, all cores by llm, round robin to the rest', async () => {
    const kernel = await testBed({
      llm: [heldCore({ id: 'a' }), heldCore({ id: 'b' })],
      memory: heldMemory(),
      tools: heldTools(),
      policies: { llm: fifo(), 'llm/b': priority(), memory: priority() },
    })
    expect(kernel.stats().lanes.map(({ lane, policy }) => [lane, policy])).toEqual([
      ['llm/a', 'fifo'],
      ['llm/b', 'priority'],
      ['memory', 'priority'],
      ['tool', 'roundRobin'],
    ])
  })

  it('are made once a lane, which they are told', async () => {
    const lanes: unknown[] = []
    const create = (lane: { readonly id: string; readonly concurrency: number }) => {
      lanes.push([lane.id, lane.concurrency])
      return fifo().create(lane)
    }
    await testBed({
      memory: heldMemory({ limits: { concurrency: 3 } }),
      policies: { memory: { name: 'mine', create } },
    })
    expect(lanes).toEqual([['memory', 3]])
  })

  it('may name a device that is not there yet, but no lane that can never be', async () => {
    const kernel = await testBed({ policies: { storage: fifo(), 'llm/later': fifo() } })
    expect(kernel.stats().lanes).toEqual([])
    expect(await refusal({ policies: { momory: fifo() } })).toBe(
      'Expected policies for llm, llm/<core id>, memory, storage, tool or a lane of your own, got "momory".',
    )
  })

  it('may name the lane of a third party', async () => {
    const kernel = await testBed({ syscalls: [define({ lane: 'mine' })], policies: { mine: fifo() } })
    expect(kernel.stats().lanes).toMatchObject([{ lane: 'mine', policy: 'fifo', concurrency: 64 }])
  })
})

describe('the lanes of third parties', () => {
  it('have the limits that one of their rows gives, and are shared by rows that name them', async () => {
    const started: string[] = []
    const hold = (name: string) => () => {
      started.push(name)
      return new Promise(() => undefined)
    }
    const one = define({ name: 'my.one', lane: 'mine', limits: { concurrency: 1, depth: 1 }, execute: hold('one') })
    const two = define({ name: 'my.two', lane: 'mine', execute: hold('two') })
    const kernel = await testBed({ syscalls: [one, two] })
    const { sys } = await start(kernel)
    void watch(sys.call('my.one', {}))
    void watch(sys.call('my.two', {}))
    const third = watch(sys.call('my.two', {}))
    await kernel.clock.settle()
    expect([started, third.outcome]).toEqual([['one'], 'AIOS_QUEUE_FULL'])
  })

  it.each<[object[], string]>([
    [[{ lane: 'llm' }], 'Expected a lane of its own for syscall "my.verb", got "llm", which belongs to the kernel.'],
    [
      [{ lane: 'llm/mine' }],
      'Expected a lane of its own for syscall "my.verb", got "llm/mine", which belongs to the kernel.',
    ],
    [[{ lane: 'tool' }], 'Expected a lane of its own for syscall "my.verb", got "tool", which belongs to the kernel.'],
    [[{ limits: { depth: 1 } }], 'Syscall "my.verb" has limits but no lane; name a lane.'],
    [
      [{ lane: 'mine', limits: { concurrency: 0 } }],
      'Expected a whole number from 1, or Infinity for "syscall my.verb, limits.concurrency", got 0.',
    ],
    [
      [{ lane: 'mine' }, { name: 'my.other', lane: 'mine', limits: { depth: 1 } }],
      'Expected limits of lane "mine" in one row only, got them again in "my.other".',
    ],
    [[{}, {}], 'Expected each syscall once, got "my.verb" twice.'],
    [[{ name: 'pid.x' }], 'Expected a family other than pid, signal, call, got "pid.x".'],
    [[{ name: 'llm.chat' }], 'Expected each syscall once, got "llm.chat" twice.'],
    [
      [
        {
          request: {
            '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => Promise.resolve({ value }) },
          },
        },
      ],
      'Expected the schema of syscall "my.verb" to validate synchronously, got a promise. Do the asynchronous part in execute.',
    ],
  ])('are refused where they make no sense, number %#', async (rows, problem) => {
    expect(await refusal({ syscalls: rows.map(define) })).toBe(problem)
  })

  it('leave the drivers unopened when they are refused', async () => {
    const memory = heldMemory()
    await refusal({ memory, syscalls: [define({ lane: 'tool' })] })
    expect([memory.held.opened, memory.held.closed]).toEqual([0, 0])
  })
})

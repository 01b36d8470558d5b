import { describe, expect, it } from 'vitest'
import { fifo, hybrid, roundRobin, type PolicyDefinition, type Service, type Task } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { tokenEngine } from '@aios/llm/testing'
import { ask, heard, textOf } from './ground.js'

const engine = (resume: 'state' | 'prefix', tokens = 40) =>
  tokenEngine({ resume, tokens, tokenMs: 10, limits: { concurrency: 1 } })

/** Is `fifo` with slices of ten tokens, that notes what it is told of service. */
function noting(): PolicyDefinition & { readonly told: (readonly [string, string, Service | undefined])[] } {
  const told: (readonly [string, string, Service | undefined])[] = []
  const note = (what: string) => (task: Task, service?: Service) => {
    told.push([what, task.owner.name, service])
  }
  return {
    name: 'noting',
    told,
    create: (lane) =>
      Object.assign(fifo().create(lane), {
        preempts: (_: Task, slice: { outputTokens: number }) => slice.outputTokens >= 10,
        started: (task: Task) => {
          told.push(['started', task.owner.name, { inputTokens: task.inputTokens, outputTokens: 0 }])
        },
        served: note('served'),
        settled: (task: Task) => {
          told.push(['settled', task.owner.name, undefined])
        },
      }),
  }
}

describe('a cut answer in the books', () => {
  it.each(['state', 'prefix'] as const)(
    'keeps its reservation until it is over, and is charged once (%s)',
    async (resume) => {
      await using kernel = await createTestKernel({
        llm: engine(resume),
        policies: { llm: roundRobin({ quantumTokens: 10 }) },
      })
      const poor = kernel.spawn(
        async (sys) => {
          const long = sys.llm.chat({ ...ask('Tell me.'), maxOutputTokens: 40 })
          // What is left of the budget does not do for this one until the first is over.
          const second = sys.llm.chat({ ...ask('And?'), maxOutputTokens: 40 })
          return [await long, await second] as const
        },
        undefined,
        { name: 'poor', budget: { tokens: 160 } },
      )
      const other = kernel.sys({ name: 'other' }).llm.chat(ask('Tell me more.'))
      await kernel.clock.runAll()
      const [long, second] = await poor.result
      await other
      expect(second.meta.waitMs).toBeGreaterThanOrEqual(400)
      const row = kernel.ps().find(({ pid }) => pid === poor.pid)
      const sum = (side: 'input' | 'output') => (long.usage[side].total ?? 0) + (second.usage[side].total ?? 0)
      expect(row?.usage).toMatchObject({ inputTokens: sum('input'), outputTokens: sum('output') })
      expect(long.usage.output.total).toBe(40)
    },
  )

  it('counts the time on the core as execution and the pauses as waiting', async () => {
    await using kernel = await createTestKernel({
      llm: engine('state'),
      policies: { llm: roundRobin({ quantumTokens: 10 }) },
    })
    const events = recordEvents(kernel, 'syscall:settled')
    const both = Promise.all(['one', 'two'].map((name) => kernel.sys({ name }).llm.chat(ask('Tell me.'))))
    await kernel.clock.runAll()
    for (const { meta } of await both) {
      expect(meta.executionMs).toBe(400)
      expect(meta.waitMs).toBeGreaterThanOrEqual(300)
      expect(meta.attempts).toHaveLength(1)
    }
    const [first] = events.of('syscall:settled')
    expect(first).toMatchObject({ startedAt: first?.createdAt, waitMs: expect.any(Number) as number })
    expect((first?.waitMs ?? 0) + 400).toBe(first?.turnaroundMs)
    expect(kernel.stats().lanes[0]?.wait.max).toBeGreaterThanOrEqual(300)
  })

  it('charges what is read again to whoever got the slot, and the agent for its input once', async () => {
    const policy = noting()
    await using kernel = await createTestKernel({ llm: engine('prefix', 14), policies: { llm: policy } })
    const both = Promise.all(['one', 'two'].map((name) => kernel.sys({ name }).llm.chat(ask('Tell me of the kernel.'))))
    await kernel.clock.runAll()
    const [one] = await both
    const started = policy.told.filter(([what, name]) => what === 'started' && name === 'one')
    expect(started.map(([, , service]) => service?.inputTokens)).toEqual([expect.any(Number), 0])
    const surcharge = policy.told.find(
      ([what, name, service]) => what === 'served' && name === 'two' && (service?.inputTokens ?? 0) > 10,
    )
    expect(surcharge).toBeDefined()
    expect(one?.usage.overhead).toBeGreaterThan(10)
    const served = policy.told
      .filter(([what, name]) => what === 'served' && name === 'one')
      .map(([, , service]) => service?.outputTokens ?? 0)
    expect(served.reduce((sum, tokens) => sum + tokens, 0)).toBe(one?.usage.output.total)
  })

  it('is cut at most three times where it is read again, and not when little is left of it', async () => {
    const core = engine('prefix', 400)
    await using kernel = await createTestKernel({ llm: core, policies: { llm: roundRobin({ quantumTokens: 10 }) } })
    const events = recordEvents(kernel, 'syscall:preempted')
    const both = Promise.all(['one', 'two'].map((name) => kernel.sys({ name }).llm.chat(ask('Tell me.'))))
    await kernel.clock.runAll()
    await both
    expect(events.of('syscall:preempted')).toHaveLength(6)
    const short = ['one', 'two'].map((name) =>
      kernel.sys({ name }).llm.chat({ ...ask('Tell me all of it, and then more of the same.'), maxOutputTokens: 16 }),
    )
    await kernel.clock.runAll()
    await Promise.all(short)
    expect(events.of('syscall:preempted')).toHaveLength(6)
  })
})

describe('a policy without slices', () => {
  it('cuts nothing on a core that is told again what it said', async () => {
    await using kernel = await createTestKernel({ llm: engine('prefix', 400), policies: { llm: hybrid() } })
    const events = recordEvents(kernel, 'syscall:preempted')
    const long = kernel.sys({ name: 'long' }).llm.chat(ask('Tell me.'))
    await kernel.clock.advance(3_000)
    const short = kernel.sys({ name: 'short', priority: 7 }).llm.chat(ask('In brief?'))
    await kernel.clock.runAll()
    await Promise.all([long, short])
    expect(events.names).toEqual([])
  })

  it('gives slices from when it is replaced by one that does, also to calls that run', async () => {
    const core = engine('state', 100)
    await using kernel = await createTestKernel({ llm: core, policies: { llm: fifo() } })
    const long = heard(kernel.sys({ name: 'long' }).llm.stream(ask('Tell me.')))
    const short = kernel.sys({ name: 'short' }).llm.chat({ ...ask('In brief?'), maxOutputTokens: 5 })
    await kernel.clock.advance(200)
    kernel.setPolicy('llm', roundRobin({ quantumTokens: 10 }))
    await kernel.clock.advance(100)
    expect((await short).meta.waitMs).toBeLessThan(250)
    await kernel.clock.runAll()
    expect(textOf(await long)).toBe(core.answerTo(ask('Tell me.')))
    expect(kernel.clock.pending).toBe(0)
  })
})

describe('roundRobin()', () => {
  it.each([
    { quantumMs: 0 },
    { quantumMs: -1 },
    { quantumMs: Number.NaN },
    { quantumTokens: 0 },
    { quantumTokens: 1.5 },
  ])('refuses %o', (options) => {
    expect(() => roundRobin(options)).toThrow(/Expected a .* in roundRobin\(\)/)
  })

  it('refuses two quanta', () => {
    expect(() => roundRobin({ quantumMs: 10, quantumTokens: 10 })).toThrow(
      'Expected quantumMs or quantumTokens in roundRobin(), got both.',
    )
  })
})

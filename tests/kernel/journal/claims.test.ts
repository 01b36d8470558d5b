import { describe, expect, it } from 'vitest'
import { createKernel, ramRecords, readRun, listRuns, type Agent, type Kernel, type KernelOptions } from '@aios/kernel'
import type { RecordStore } from '@aios/kernel/driver'
import { virtualClock, type VirtualClock } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'

const ask = (text: string): { messages: { role: 'user'; content: string }[] } => ({
  messages: [{ role: 'user', content: text }],
})
const echo: Agent<string, string> = async (sys, text) => (await sys.llm.chat(ask(text))).text

async function kernelOn(records: RecordStore, options: Partial<KernelOptions> = {}): Promise<Kernel> {
  return createKernel({
    llm: scriptedCore(
      Array.from(
        { length: 100 },
        () =>
          ({ messages }) =>
            `said ${messages.at(-1)?.content as string}`,
      ),
    ),
    records,
    journal: true,
    ...options,
  })
}

/** Turns the clock until a promise has settled. */
async function turning<T>(clock: VirtualClock, promise: Promise<T>, stepMs = 100): Promise<T> {
  let settled = false
  const done = (): void => {
    settled = true
  }
  promise.then(done, done)
  for (let turn = 0; turn < 1_000 && !settled; turn += 1) {
    await clock.settle()
    if (!settled) await clock.advance(stepMs)
  }
  if (!settled) throw new Error('It did not settle.')
  return promise
}

describe('a run that several ask for', () => {
  it('runs once for all who ask for it in one kernel', async () => {
    const core = scriptedCore(['only'])
    const kernel = await kernelOn(ramRecords(), { llm: core })
    const answers = await Promise.all([1, 2, 3].map(() => kernel.run(echo, 'x', { runId: 'one' })))
    expect(answers).toEqual(['only', 'only', 'only'])
    await kernel.close()
  })

  it('rejects for all of them alike when it fails', async () => {
    const kernel = await kernelOn(ramRecords())
    const fails: Agent<string, never> = () => {
      throw new RangeError('no')
    }
    const both = await Promise.allSettled([
      kernel.run(fails, 'x', { runId: 'f' }),
      kernel.run(fails, 'x', { runId: 'f' }),
    ])
    for (const { reason } of both as PromiseRejectedResult[])
      expect(reason).toMatchObject({ name: 'RangeError', message: 'no' })
    await expect(kernel.run(fails, 'x', { runId: 'f' })).rejects.toMatchObject({ name: 'RangeError', message: 'no' })
    await kernel.close()
  })

  it('is refused to one who asks with another input', async () => {
    const kernel = await kernelOn(ramRecords())
    await kernel.run(echo, 'x', { runId: 'i' })
    await expect(kernel.run(echo, 'y', { runId: 'i' })).rejects.toMatchObject({ code: 'AIOS_IDEMPOTENCY_CONFLICT' })
    await kernel.close()
  })

  it('is refused with an input that cannot be stored, before anything runs', async () => {
    const kernel = await kernelOn(ramRecords())
    const agent: Agent<unknown, number> = () => 1
    await expect(kernel.run(agent, { act: () => 1 }, { runId: 'n' })).rejects.toMatchObject({
      code: 'AIOS_NOT_CLONEABLE',
    })
    await kernel.close()
  })

  it('needs a journal, and a root', async () => {
    const plain = await createKernel()
    expect(() => plain.spawn(echo, 'x', { runId: 'r' })).toThrow(/journal/)
    await plain.close()
    const kernel = await kernelOn(ramRecords())
    const parent: Agent<string, unknown> = (sys) => sys.agent.spawn({ agent: echo, input: 'x', runId: 'child' })
    await expect(kernel.run(parent, 'x')).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await kernel.close()
  })

  it('is left to a living kernel, and its answer returned by the other when it is there', async () => {
    const records = ramRecords()
    const clock = virtualClock()
    const first = await kernelOn(records, { clock })
    let go: (() => void) | undefined
    let runs = 0
    const slow: Agent<string, string> = async (sys, text) => {
      runs += 1
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return echo(sys, text)
    }
    const one = first.run(slow, 'x', { runId: 'shared' })
    await clock.settle()
    const second = await kernelOn(records, { clock })
    const two = second.run(slow, 'x', { runId: 'shared' })
    await clock.advance(5_000)
    expect(await second.recover({ agents: { agent: slow } })).toEqual({ processes: [], unrecovered: [] })
    go?.()
    expect(await turning(clock, one)).toBe('said x')
    expect(await turning(clock, two)).toBe('said x')
    expect(runs).toBe(1)
    await first.close()
    await second.close()
  })

  it('passes to another kernel when its own says nothing for longer than its lease; the old one then writes nothing', async () => {
    const records = ramRecords()
    const stopped = virtualClock()
    const first = await kernelOn(records, { clock: stopped })
    let go: (() => void) | undefined
    const slow: Agent<string, string> = async (sys, text) => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return echo(sys, text)
    }
    const one = first.run(slow, 'x', { runId: 'taken' })
    await stopped.settle()
    // The first kernel stands still, as a machine that sleeps; the second comes a minute later.
    const clock = virtualClock(60_000)
    const second = await kernelOn(records, { clock })
    expect(await turning(clock, second.run(echo, 'x', { runId: 'taken' }))).toBe('said x')
    const before = await readRun(records, 'taken')
    go?.()
    await expect(turning(stopped, one)).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    expect(await readRun(records, 'taken')).toEqual(before)
    await first.close()
    await second.close()
  })

  it('has its answer before whoever asked learns of it', async () => {
    const records = ramRecords()
    const kernel = await kernelOn(records)
    await kernel.run(echo, 'x', { runId: 'done' })
    const { header, lines } = await readRun(records, 'done')
    expect(header).toMatchObject({ runId: 'done', name: 'agent', state: 'fulfilled' })
    expect(lines.map(({ kind }) => kind)).toEqual(['start', 'call', 'end'])
    await kernel.close()
  })
})

describe('runs that are taken up', () => {
  it('go on with the name, the options and the pid they had', async () => {
    const records = ramRecords()
    const first = await kernelOn(records)
    const stuck: Agent<number, never> = async (sys) => {
      await sys.llm.chat(ask('a'))
      return new Promise<never>(() => undefined)
    }
    const process = first.spawn(stuck, 7, { name: 'worker', namespace: 'space', priority: 5, budget: { calls: 3 } })
    await new Promise((resolve) => setTimeout(resolve, 30))
    const { pid } = process
    await first.close()
    const second = await kernelOn(records)
    const seen: unknown[] = []
    const goesOn: Agent<number, string> = async (sys, input) => {
      await sys.llm.chat(ask('a'))
      const { name, namespace, priority, budget, usage } = second.ps().find((row) => row.pid === sys.pid) ?? {}
      seen.push({ input, pid: sys.pid, name, namespace, priority, budget, calls: usage?.calls })
      await sys.llm.chat(ask('b'))
      await sys.llm.chat(ask('c'))
      return sys.llm.chat(ask('d')).then(
        () => 'not spent',
        (error: unknown) => (error as { code: string }).code,
      )
    }
    const { processes, unrecovered } = await second.recover({ agents: { worker: goesOn } })
    expect(unrecovered).toEqual([])
    expect(await processes[0]?.result).toBe('AIOS_BUDGET_EXCEEDED')
    expect(seen).toEqual([
      { input: 7, pid, name: 'worker', namespace: 'space', priority: 5, budget: { calls: 3 }, calls: 1 },
    ])
    await second.close()
  })

  it('are named if no agent is given for them, and stay open', async () => {
    const records = ramRecords()
    const first = await kernelOn(records)
    first.spawn(() => new Promise<never>(() => undefined), 1, { name: 'lost', runId: 'l' })
    await new Promise((resolve) => setTimeout(resolve, 30))
    await first.close()
    const second = await kernelOn(records)
    const { processes, unrecovered } = await second.recover({ agents: { other: echo } })
    expect(processes).toEqual([])
    expect(unrecovered).toEqual([
      { runId: 'l', name: 'lost', why: 'no-agent', message: 'Expected an agent named "lost" among other.' },
    ])
    const again = await second.recover({ agents: { lost: () => 'found' } })
    expect(await again.processes[0]?.result).toBe('found')
    await second.close()
  })

  it('are listed with their states', async () => {
    const records = ramRecords()
    const kernel = await kernelOn(records)
    await kernel.run(echo, 'x', { runId: 'good' })
    await kernel
      .run(
        () => {
          throw new Error('bad')
        },
        0,
        { runId: 'bad' },
      )
      .catch(() => undefined)
    const victim = kernel.spawn(() => new Promise<never>(() => undefined), 0, { runId: 'killed' })
    await new Promise((resolve) => setTimeout(resolve, 30))
    victim.kill()
    await victim.result.catch(() => undefined)
    const states: Record<string, string> = {}
    for await (const { runId, state } of listRuns(records)) states[runId] = state
    expect(states).toEqual({ bad: 'threw', good: 'fulfilled', killed: 'killed' })
    await kernel.close()
  })
})

describe('a store that does not answer any more', () => {
  /** A store of which some methods never settle, once that is wanted. */
  function silent(records: RecordStore, isSilent: () => boolean): RecordStore {
    return new Proxy(records, {
      get(target, key: keyof RecordStore) {
        const member: unknown = target[key]
        if (typeof member !== 'function') return member
        const bound = member.bind(target) as (...given: unknown[]) => unknown
        return ['batch', 'remove', 'size'].includes(key)
          ? (...given: unknown[]) => (isSilent() ? new Promise(() => undefined) : bound(...given))
          : bound
      },
    })
  }

  it('does not keep a kernel from closing', async () => {
    const clock = virtualClock()
    let isSilent = false
    const kernel = await kernelOn(
      silent(ramRecords(), () => isSilent),
      { clock },
    )
    await turning(clock, kernel.run(echo, 'x'))
    isSilent = true
    await turning(clock, kernel.close())
    expect(kernel.ps().every(({ state }) => state === 'exited')).toBe(true)
  })
})

describe('a run that is killed while it is claimed', () => {
  it('has ended, and keeps its first line', async () => {
    const records = ramRecords()
    const kernel = await kernelOn(records)
    const process = kernel.spawn(echo, 'x', { runId: 'early' })
    process.kill()
    await process.result.catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 30))
    const { header, lines } = await kernel.readRun('early')
    expect(header.state).toBe('killed')
    expect(lines.map(({ kind }) => kind)).toEqual(['start', 'end'])
    await kernel.close()
  })
})

describe('the id of a run that nobody named', () => {
  it('does not start the run a second time while it lives', async () => {
    const clock = virtualClock()
    const kernel = await kernelOn(ramRecords(), { clock })
    let go: (() => void) | undefined
    let starts = 0
    const slow: Agent<string, string> = async (sys, text) => {
      starts += 1
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return echo(sys, text)
    }
    const first = kernel.spawn(slow, 'x')
    await clock.advance(100)
    const { runId } = kernel.ps().find(({ pid }) => pid === first.pid) ?? { runId: '' }
    const second = kernel.run(slow, 'x', { runId })
    await clock.advance(1_000)
    go?.()
    expect(await turning(clock, first.result)).toBe('said x')
    expect(await turning(clock, second)).toBe('said x')
    expect(starts).toBe(1)
    await kernel.close()
  })
})

import {
  defineSyscall,
  listRuns,
  ramRecords,
  replay,
  type Agent,
  type KernelOptions,
  type RecordStore,
} from '@aios/kernel'
import { createTestKernel, type TestKernel } from '@aios/kernel/testing'
import { embeddedMemory } from '@aios/memory'
import { defineTool, tools } from '@aios/tools'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { shut } from '../test-bed.js'

/** Milliseconds that a detached process waits for, long after its root has ended. */
const LATER = 60_000

/** Does one thing at once, another later. */
const keeper: Agent<unknown, unknown> = async (sys, input) => {
  const before = await sys.random.int({ min: 3, max: 3 })
  await sys.clock.sleep({ ms: LATER })
  return [input, before, await sys.random.int({ min: 4, max: 4 })]
}
const root: Agent<unknown, unknown> = async (sys) => {
  await sys.agent.spawn({ name: 'keeper', detached: true, input: { list: [1, 2] }, agent: keeper })
  await sys.random.next()
  return 'root is done'
}

async function kernelOn(records: RecordStore, options: Partial<KernelOptions> = {}): Promise<TestKernel> {
  // The store stays open between two lives.
  await records.open()
  const kernel = await createTestKernel({ records, journal: true, ...options } as Parameters<
    typeof createTestKernel
  >[0])
  onTestFinished(() => shut(kernel))
  return kernel
}

/** Lets a root end and its kernel close. */
async function leave(
  records: RecordStore,
  agent: Agent<unknown, unknown> = root,
  options: Partial<KernelOptions> = {},
): Promise<void> {
  const kernel = await kernelOn(records, options)
  const result = kernel.run(agent, 'input', { runId: 'r', name: 'root', budget: { calls: 10 } })
  await kernel.clock.advance(1_000)
  await result
  await kernel.clock.advance(1_000)
  await shut(kernel)
}

async function states(records: RecordStore): Promise<Readonly<Record<string, string>>> {
  const all: Record<string, string> = {}
  for await (const { runId, state } of listRuns(records)) all[runId] = state
  return all
}

async function count(records: RecordStore, space: string): Promise<number> {
  return (await records.size(space)).records
}

describe('a detached process whose root has ended', () => {
  it('has a run of its own, that says where it comes from', async () => {
    const records = ramRecords()
    await leave(records)
    expect(await states(records)).toEqual({ r: 'fulfilled', 'r/orphan-1': 'running' })
    const kernel = await kernelOn(records)
    const { header, lines } = await kernel.readRun('r/orphan-1')
    expect(header).toMatchObject({ name: 'keeper', from: { runId: 'r', path: '1' }, callId: 'r/1' })
    expect(lines.map((line) => [line.n, 'row' in line ? line.row : line.kind, line.path])).toEqual([
      [1, 'start', ''],
      [2, 'random.int', '1'],
      [3, 'clock.sleep', '2'],
    ])
  })

  it('is taken up by its own name, with its pid, and ends with what it came to', async () => {
    const records = ramRecords()
    await leave(records)
    const kernel = await kernelOn(records)
    const { pid } = (await kernel.readRun('r/orphan-1')).header
    const { processes, unrecovered } = await kernel.recover({ agents: { keeper } })
    expect(unrecovered).toEqual([])
    await kernel.clock.advance(1_000)
    expect(processes.map((each) => [each.name, each.runId, each.pid, each.parentPid])).toEqual([
      ['keeper', 'r/orphan-1', pid, 0],
    ])
    expect((await kernel.readRun('r/orphan-1')).header).toMatchObject({
      from: { runId: 'r', path: '1' },
      callId: 'r/1',
    })
    await kernel.clock.advance(LATER)
    expect(await processes[0]?.result).toEqual([{ list: [1, 2] }, 3, 4])
    expect(await states(records)).toEqual({ r: 'fulfilled', 'r/orphan-1': 'fulfilled' })
    expect(await kernel.recover({ agents: { keeper } })).toEqual({ processes: [], unrecovered: [] })
  })

  it('is told of where its name has no agent, and waits for a kernel that has one', async () => {
    const records = ramRecords()
    await leave(records)
    const kernel = await kernelOn(records)
    const { processes, unrecovered } = await kernel.recover({ agents: { root } })
    expect(processes).toEqual([])
    expect(unrecovered).toMatchObject([{ runId: 'r/orphan-1', name: 'keeper', why: 'no-agent' }])
    expect((await kernel.recover({ agents: { keeper } })).processes).toHaveLength(1)
  })

  it('leaves the answer of its root where it was: it is returned at once', async () => {
    const records = ramRecords()
    await leave(records)
    const kernel = await kernelOn(records)
    expect(await kernel.run(root, 'input', { runId: 'r' })).toBe('root is done')
    expect(await replay(await kernel.readRun('r'), root)).toMatchObject({ outcome: 'fulfilled', value: 'root is done' })
  })

  it('is not begun by the id of its run, which gives its answer once it has ended', async () => {
    const records = ramRecords()
    await leave(records)
    const kernel = await kernelOn(records)
    const input = { list: [1, 2] }
    await expect(kernel.run(keeper, input, { runId: 'r/orphan-1' })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining('Take it up by kernel.recover({ agents: { "keeper": … } })') as string,
    })
    await kernel.recover({ agents: { keeper } })
    await kernel.clock.advance(2 * LATER)
    const answer = [input, 3, 4]
    expect(await kernel.run(keeper, input, { runId: 'r/orphan-1' })).toEqual(answer)
    expect(await replay(await kernel.readRun('r/orphan-1'), keeper)).toMatchObject({ value: answer })
  })

  it('goes on in its kernel as before, and ends its run with it', async () => {
    const records = ramRecords()
    const kernel = await kernelOn(records)
    expect(await kernel.run(root, 'input', { runId: 'r', name: 'root' })).toBe('root is done')
    const living = kernel.ps().find(({ state }) => state !== 'exited')
    expect(living).toMatchObject({ name: 'keeper', runId: 'r/orphan-1' })
    await kernel.clock.advance(2 * LATER)
    expect(await states(records)).toEqual({ r: 'fulfilled', 'r/orphan-1': 'fulfilled' })
    const { lines } = await kernel.readRun('r/orphan-1')
    expect(lines.map((line) => ('row' in line ? `${line.kind} ${line.row} ${line.path}` : line.kind))).toEqual([
      ...['start', 'call random.int 1', 'open clock.sleep 2', 'call clock.sleep 2', 'call random.int 3', 'end'],
    ])
  })

  it('is over when it is killed', async () => {
    const records = ramRecords()
    await leave(records)
    const kernel = await kernelOn(records)
    const { processes } = await kernel.recover({ agents: { keeper } })
    await kernel.clock.advance(1_000)
    processes[0]?.kill()
    await kernel.clock.advance(1_000)
    expect(await states(records)).toEqual({ r: 'fulfilled', 'r/orphan-1': 'killed' })
  })

  it('goes on as its root is killed, with a run of its own', async () => {
    const records = ramRecords()
    const first = await kernelOn(records)
    const process = first.spawn<unknown, unknown>(
      async (sys) => {
        await root(sys, undefined)
        await sys.clock.sleep({ ms: LATER })
      },
      'input',
      { runId: 'r', name: 'root' },
    )
    await first.clock.advance(1_000)
    process.kill()
    await first.clock.advance(1_000)
    await shut(first)
    expect(await states(records)).toEqual({ r: 'killed', 'r/orphan-1': 'running' })
    const second = await kernelOn(records)
    const { processes } = await second.recover({ agents: { keeper } })
    await second.clock.advance(2 * LATER)
    expect(await processes[0]?.result).toEqual([{ list: [1, 2] }, 3, 4])
  })

  it('keeps what it spawned itself in its run, detached or not, whose functions come back with it', async () => {
    const records = ramRecords()
    const family: Agent<unknown, unknown> = async (sys) => {
      const spawn = async (detached: boolean): Promise<number> =>
        (
          await sys.agent.spawn({
            name: 'nameless',
            detached,
            input: detached,
            agent: (own, input) => keeper(own, input),
          })
        ).pid
      const pids = [await spawn(true), await spawn(false)]
      return Promise.all(pids.map((pid) => sys.agent.wait({ pid })))
    }
    await leave(records, async (sys) => {
      await sys.agent.spawn({ name: 'family', detached: true, agent: family })
    })
    expect(await states(records)).toEqual({ r: 'fulfilled', 'r/orphan-1': 'running' })
    const kernel = await kernelOn(records)
    const { processes } = await kernel.recover({ agents: { family } })
    await kernel.clock.advance(2 * LATER)
    expect(await processes[0]?.result).toEqual([
      [true, 3, 4],
      [false, 3, 4],
    ])
    expect(await states(records)).toEqual({ r: 'fulfilled', 'r/orphan-1': 'fulfilled' })
  })

  it('is left for the next life when its root is killed while both go through the last', async () => {
    const records = ramRecords()
    const waiting: Agent<unknown, unknown> = async (sys) => {
      await root(sys, undefined)
      await sys.clock.sleep({ ms: LATER })
    }
    const first = await kernelOn(records)
    first.run(waiting, 'input', { runId: 'r', name: 'root' }).catch(() => undefined)
    await first.clock.advance(1_000)
    await shut(first)
    const second = await kernelOn(records)
    const process = second.spawn<unknown, unknown>(
      async (sys) => {
        await sys.agent.spawn({ name: 'keeper', detached: true, input: { list: [1, 2] }, agent: keeper })
        process.kill()
        await sys.random.next()
      },
      'input',
      { runId: 'r', name: 'root' },
    )
    await second.clock.advance(1_000)
    expect(await states(records)).toEqual({ r: 'killed', 'r/orphan-1': 'running' })
    expect(second.ps().every(({ state }) => state === 'exited')).toBe(true)
    const { processes } = await second.recover({ agents: { keeper } })
    await second.clock.advance(2 * LATER)
    expect(await processes[0]?.result).toEqual([{ list: [1, 2] }, 3, 4])
  })
})

describe('what a detached process has from those above it', () => {
  const whose = defineSyscall({
    name: 'whose.call',
    request: z.object({}),
    effect: 'repeatable',
    execute: (_, { namespace, runId, key }) => ({ namespace, runId, key }),
  })
  const asks: Agent<unknown, unknown> = async (sys) => {
    await sys.clock.sleep({ ms: LATER })
    return sys.call('whose.call', {})
  }

  it('comes back: namespace, tenant, ids of its calls', async () => {
    const records = ramRecords()
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.agent.spawn({ name: 'asks', detached: true, priority: 6, agent: asks })
      return 'done'
    }
    const first = await kernelOn(records, { syscalls: [whose] })
    await first.run(agent, 'input', { runId: 'r', name: 'root', namespace: 'notes', tenant: 'acme', weight: 2 })
    await first.clock.advance(1_000)
    await shut(first)
    const second = await kernelOn(records, { syscalls: [whose] })
    const { lines } = await second.readRun('r/orphan-1')
    expect(lines[0]).toMatchObject({
      options: { text: expect.stringContaining('"namespace":"notes","tenant":"acme"') as string },
    })
    const { processes } = await second.recover({ agents: { asks } })
    await second.clock.advance(1_000)
    expect(second.ps()).toMatchObject([{ name: 'asks', namespace: 'notes', tenant: 'acme', priority: 6 }])
    await second.clock.advance(2 * LATER)
    expect(await processes[0]?.result).toEqual({ namespace: 'notes', runId: 'r', key: 'r/1.2' })
  })

  it('comes back: grants of a root that granted less', async () => {
    const records = ramRecords()
    const ping = tools([
      defineTool({ name: 'ping', description: 'Answers.', input: z.object({}), execute: () => 'pong' }),
    ])
    const pings: Agent<unknown, unknown> = async (sys) => {
      await sys.clock.sleep({ ms: LATER })
      return (await sys.tool.call({ name: 'ping', input: {} })).output
    }
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.agent.spawn({ name: 'pings', detached: true, agent: pings })
    }
    const first = await kernelOn(records, { tools: ping })
    await first.run(agent, 'input', { runId: 'r', grants: { tools: [] } })
    await first.clock.advance(1_000)
    await shut(first)
    const second = await kernelOn(records, { tools: ping })
    const { processes } = await second.recover({ agents: { pings } })
    await second.clock.advance(2 * LATER)
    await expect(processes[0]?.result).rejects.toMatchObject({ code: 'AIOS_ACCESS_DENIED' })
  })

  it('comes back: what is left of the budget that all of them have together', async () => {
    const records = ramRecords()
    const spends: Agent<unknown, number> = async (sys) => {
      await sys.call('whose.call', {})
      await sys.clock.sleep({ ms: LATER })
      for (let made = 1; ; made += 1) {
        try {
          await sys.call('whose.call', {})
        } catch {
          return made
        }
        await sys.clock.sleep({ ms: 1_000 })
      }
    }
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.agent.spawn({ name: 'spends', detached: true, agent: spends })
      await sys.agent.spawn({ name: 'spends', detached: true, agent: spends })
      await sys.call('whose.call', {})
      await sys.clock.sleep({ ms: 100 })
    }
    const options = { syscalls: [whose] }
    const unbroken = await kernelOn(ramRecords(), options)
    void unbroken.run(agent, 'input', { name: 'root', budget: { calls: 10 } })
    await unbroken.clock.advance(2 * LATER)
    const { usage } = unbroken.ps().find(({ name }) => name === 'root') ?? {}
    expect(usage?.calls).toBe(5)

    await leave(records, agent, options)
    const kernel = await kernelOn(records, options)
    const { processes } = await kernel.recover({ agents: { spends } })
    await kernel.clock.advance(2 * LATER)
    const made = await Promise.all(processes.map(({ result }) => result as Promise<number>))
    // Ten calls: two spawns, one of the root, one of each at first; five are left.
    expect(made.reduce((sum, each) => sum + each - 1, 0)).toBe(5)
  })

  it('keeps it from being taken up where it was kept out of the journal', async () => {
    const records = ramRecords()
    const journal = { redact: ({ name }: { name: string }) => (name === 'agent.spawn' ? { request: true } : undefined) }
    await leave(records, root, { journal })
    const kernel = await kernelOn(records)
    const { unrecovered } = await kernel.recover({ agents: { keeper } })
    expect(unrecovered).toMatchObject([
      { runId: 'r/orphan-1', why: 'unreadable', message: expect.stringContaining('redacted') as string },
    ])
    expect(JSON.stringify(await kernel.readRun('r/orphan-1'))).not.toContain('list')
  })
})

describe('the run that a detached process left', () => {
  it('is not pruned before that of the process', async () => {
    const records = ramRecords()
    const journal = { keepRuns: 0 }
    await leave(records, root, { journal })
    const second = await kernelOn(records, { journal })
    const another = async (runId: string): Promise<void> => {
      await second.run(() => 'another', 'input', { runId })
      await second.clock.advance(1_000)
    }
    await another('one')
    await another('two')
    expect(await states(records)).toEqual({ r: 'fulfilled', 'r/orphan-1': 'running', two: 'fulfilled' })
    const { processes } = await second.recover({ agents: { keeper } })
    await second.clock.advance(2 * LATER)
    expect(await processes[0]?.result).toEqual([{ list: [1, 2] }, 3, 4])
    await another('three')
    expect(await states(records)).toEqual({ three: 'fulfilled' })
    expect(await count(records, 'journal/orphans')).toBe(0)
  })

  it('keeps its keys in the devices until the process has ended too', async () => {
    const records = ramRecords()
    const notes: Agent<unknown, unknown> = async (sys) => {
      const { id } = await sys.memory.add({ content: 'apple' })
      await sys.clock.sleep({ ms: LATER })
      return id
    }
    const agent: Agent<unknown, unknown> = async (sys) => {
      await sys.agent.spawn({ name: 'notes', detached: true, agent: notes })
      await sys.memory.add({ content: 'pear' })
    }
    await leave(records, agent, { memory: embeddedMemory() })
    expect(await count(records, 'memory/embedded/keys')).toBe(2)
    const kernel = await kernelOn(records, { memory: embeddedMemory() })
    expect(await count(records, 'memory/embedded/keys')).toBe(2)
    await kernel.recover({ agents: { notes } })
    await kernel.clock.advance(2 * LATER)
    expect([await count(records, 'memory/embedded/keys'), await count(records, 'journal/leaving')]).toEqual([0, 0])
    expect(await count(records, 'memory/embedded/notes')).toBe(2)
  })
})

/** Ageing bounds what waits: once a call has waited through all classes, nobody who came later goes before it. */
import { createKernel, fifo, priority, roundRobin } from '@aios/kernel'
import type { Kernel, PolicyDefinition, Sys, SyscallRecord } from '@aios/kernel'
import type { MemoryDriver, MemoryNote } from '@aios/kernel/driver'
import { virtualClock, type VirtualClock } from '@aios/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const AGEING_MS = 20
const CLASSES = 8
const SERVICE_MS = 10
const numRuns = 40 * Number(process.env['AIOS_FUZZ'] ?? 1)

/** Is one call that comes: after how long, from whom, how urgent. */
interface Arrival {
  readonly gapMs: number
  readonly agent: number
  readonly urgency: number
}

interface Load {
  readonly slots: number
  readonly arrivals: readonly Arrival[]
}

/** Serves each call in the same time, as many at once as it has slots. */
function slowMemory(clock: VirtualClock, slots: number): MemoryDriver {
  const note = { id: 'n' } as MemoryNote
  const add = (): Promise<MemoryNote> =>
    new Promise((resolve) => {
      clock.after(SERVICE_MS, () => {
        resolve(note)
      })
    })
  const no = (): never => {
    throw new Error('Only add is served here.')
  }
  return {
    kind: 'memory',
    id: 'slow',
    limits: { concurrency: slots },
    add,
    get: no,
    update: no,
    remove: no,
    retrieve: no,
  }
}

async function boot(policy: PolicyDefinition, slots: number): Promise<{ kernel: Kernel; clock: VirtualClock }> {
  const clock = virtualClock()
  return {
    clock,
    kernel: await createKernel({ clock, memory: slowMemory(clock, slots), policies: { memory: policy } }),
  }
}

/** Runs a load to its end and returns the account of every call that had to queue. */
async function serve(policy: PolicyDefinition, { slots, arrivals }: Load): Promise<readonly SyscallRecord[]> {
  const { kernel, clock } = await boot(policy, slots)
  const records: SyscallRecord[] = []
  kernel.on('syscall:settled', (record) => void records.push(record))
  const agents: Sys[] = Array.from({ length: 4 }, (_, index) => kernel.sys({ name: `a${index}` }))
  for (const { gapMs, agent, urgency } of arrivals) {
    await clock.advance(gapMs)
    void agents[agent]!.memory.add({ content: 'x' }, { priority: urgency as 0 })
  }
  await clock.runAll()
  await kernel.close()
  expect(records).toHaveLength(arrivals.length)
  return records.filter(({ queuedAt }) => queuedAt !== undefined)
}

/** Draws more work than the slots can do, so that queues grow and only ageing lets the least urgent through. */
const overload: fc.Arbitrary<Load> = fc.record({
  slots: fc.integer({ min: 1, max: 3 }),
  arrivals: fc.array(
    fc.record({
      gapMs: fc.integer({ min: 0, max: 5 }),
      agent: fc.nat(3),
      urgency: fc.oneof({ weight: 1, arbitrary: fc.nat(6) }, { weight: 3, arbitrary: fc.constant(7) }),
    }),
    { minLength: 20, maxLength: 80, size: 'max' },
  ),
})

/** Lists the calls that came later than a call and yet started before it, after it had waited `boundMs`. */
function overtakers(call: SyscallRecord, all: readonly SyscallRecord[], boundMs: number): readonly SyscallRecord[] {
  const overdueAt = call.queuedAt! + boundMs
  return all.filter(
    ({ queuedAt, startedAt }) => queuedAt! > call.queuedAt! && startedAt! >= overdueAt && startedAt! < call.startedAt!,
  )
}

async function never(policy: PolicyDefinition, boundMs: number): Promise<void> {
  const property = fc.asyncProperty(overload, async (load) => {
    const queued = await serve(policy, load)
    for (const call of queued) expect(overtakers(call, queued, boundMs)).toEqual([])
  })
  await fc.assert(property, { numRuns })
}

describe('a call that has waited eight steps of ageing is overtaken by nobody who came later', () => {
  it('under priority', () => never(priority({ ageingMs: AGEING_MS }), CLASSES * AGEING_MS))

  it('under round robin over agents', () => never(roundRobin({ ageingMs: AGEING_MS }), CLASSES * AGEING_MS))

  it('and at once under fifo', () => never(fifo(), 0))
})

it('a call of the lowest class starts within eight steps and the work that was there before it', async () => {
  for (const policy of [priority({ ageingMs: AGEING_MS }), roundRobin({ ageingMs: AGEING_MS })]) {
    const flood = Array.from({ length: 100 }, () => ({ gapMs: SERVICE_MS / 2, agent: 1, urgency: 7 }))
    const arrivals = [{ gapMs: 0, agent: 1, urgency: 7 }, { gapMs: 0, agent: 0, urgency: 0 }, ...flood]
    const [low] = (await serve(policy, { slots: 1, arrivals })).filter(({ priority: urgency }) => urgency === 0)
    expect(low!.waitMs).toBeLessThanOrEqual(CLASSES * AGEING_MS + 2 * SERVICE_MS)
    expect(low!.waitMs).toBeGreaterThan(SERVICE_MS)
  }
})

it('without ageing the lowest class waits until nothing else does', async () => {
  const flood = Array.from({ length: 60 }, () => ({ gapMs: SERVICE_MS / 2, agent: 1, urgency: 7 }))
  const arrivals = [{ gapMs: 0, agent: 1, urgency: 7 }, { gapMs: 0, agent: 0, urgency: 0 }, ...flood]
  const queued = await serve(priority({ ageingMs: Number.POSITIVE_INFINITY }), { slots: 1, arrivals })
  const low = queued.find(({ priority: urgency }) => urgency === 0)!
  expect(queued.filter(({ startedAt }) => startedAt! > low.startedAt!)).toEqual([])
})

it('one agent with a hundred calls delays a call of another agent by one', async () => {
  const hog = Array.from({ length: 100 }, () => ({ gapMs: 0, agent: 0, urgency: 3 }))
  const queued = await serve(roundRobin(), { slots: 1, arrivals: [...hog, { gapMs: 0, agent: 1, urgency: 3 }] })
  expect(queued.find(({ agent }) => agent === 'a1')!.waitMs).toBeLessThanOrEqual(2 * SERVICE_MS)
})

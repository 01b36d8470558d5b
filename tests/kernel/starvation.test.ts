/**
 * Ageing bounds what waits. Under `priority` a call that has waited through all classes goes before whoever came later. Under
 * policies that share between process trees the tree does, in each class: it ages from when it was last served there, so
 * that a thousand calls of one have no more claim than a single one.
 */
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

/** Serves each call in the same time, as many at once as it has slots; tells `onStart` of each while it starts. */
function slowMemory(clock: VirtualClock, slots: number, onStart: (content: string) => void): MemoryDriver {
  const note = { id: 'n' } as MemoryNote
  const add = ({ content }: { readonly content: string }): Promise<MemoryNote> =>
    new Promise((resolve) => {
      onStart(content)
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

async function boot(
  policy: PolicyDefinition,
  slots: number,
  onStart: (content: string) => void = () => undefined,
): Promise<{ kernel: Kernel; clock: VirtualClock }> {
  const clock = virtualClock()
  return {
    clock,
    kernel: await createKernel({ clock, memory: slowMemory(clock, slots, onStart), policies: { memory: policy } }),
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

/** Says since when a call ages. */
type Since = (call: SyscallRecord, all: readonly SyscallRecord[]) => number

const sinceItCame: Since = ({ queuedAt }) => queuedAt!

/** Since it came, or since its agent was last served in its class. */
const sinceItsTurn: Since = (call, all) => {
  const own = all.filter(({ pid, priority: urgency }) => pid === call.pid && urgency === call.priority)
  const served = own.filter(({ id, startedAt }) => id < call.id && startedAt! < call.startedAt!)
  return Math.max(call.queuedAt!, ...served.map(({ startedAt }) => startedAt!))
}

async function never(policy: PolicyDefinition, boundMs: number, since: Since): Promise<void> {
  const property = fc.asyncProperty(overload, async (load) => {
    const queued = await serve(policy, load)
    for (const call of queued) {
      const [from, before] = [since(call, queued), call.startedAt!]
      const overtaking = (each: SyscallRecord): boolean => each.startedAt! >= from + boundMs && each.startedAt! < before
      expect(queued.filter((each) => overtaking(each) && since(each, queued) > from)).toEqual([])
    }
  })
  await fc.assert(property, { numRuns })
}

describe('a call that has waited eight steps of ageing is overtaken by nobody who came later', () => {
  it('under priority', () => never(priority({ ageingMs: AGEING_MS }), CLASSES * AGEING_MS, sinceItCame))

  it('under round robin over agents', () =>
    never(roundRobin({ ageingMs: AGEING_MS }), CLASSES * AGEING_MS, sinceItsTurn))

  it('and at once under fifo', () => never(fifo(), 0, sinceItCame))
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

/** Is a lane whose slots an adversary never lets go idle, and the calls that others make there. */
interface Siege {
  readonly slots: number
  /** Calls of class 7 that the adversary has waiting; it makes the next in the moment in which one starts. */
  readonly backlog: number
  readonly adversaries: number
  readonly victims: readonly Arrival[]
}

/** Far beyond every bound: an adversary that has won until then gives up, so that the run ends. */
const HORIZON_MS = 3_000

const victim = (urgency: fc.Arbitrary<number>): fc.Arbitrary<Arrival> =>
  fc.record({ gapMs: fc.nat(60), agent: fc.nat(2), urgency })

/** Draws a victim of every class in any order, and some more. */
const sieges: fc.Arbitrary<Siege> = fc.record({
  slots: fc.integer({ min: 1, max: 2 }),
  backlog: fc.integer({ min: 2, max: 6 }),
  adversaries: fc.integer({ min: 1, max: 3 }),
  victims: fc
    .tuple(
      fc.tuple(...Array.from({ length: CLASSES }, (_, urgency) => victim(fc.constant(urgency)))),
      fc.array(victim(fc.nat(CLASSES - 1)), { maxLength: 6 }),
    )
    .chain(([one, more]) => {
      const victims = [...one, ...more]
      return fc.shuffledSubarray(victims, { minLength: victims.length, maxLength: victims.length })
    }),
})

/** Lets the victims come while the adversary holds out; returns the account of every call that had to queue. */
async function besiege(policy: PolicyDefinition, siege: Siege): Promise<readonly SyscallRecord[]> {
  let [holdsOut, turn, open] = [true, 0, siege.victims.length]
  const attack = (): void => {
    const sys = hostile[(turn += 1) % hostile.length]!
    if (holdsOut) void sys.memory.add({ content: 'hostile' }, { priority: 7 })
  }
  const { kernel, clock } = await boot(policy, siege.slots, (content) => {
    if (content === 'hostile') attack()
    else open -= 1
  })
  const hostile = Array.from({ length: siege.adversaries }, (_, index) => kernel.sys({ name: `hostile ${index}` }))
  const agents = Array.from({ length: 3 }, (_, index) => kernel.sys({ name: `victim ${index}` }))
  const records: SyscallRecord[] = []
  kernel.on('syscall:settled', (record) => void records.push(record))
  for (let call = 0; call < siege.backlog; call += 1) attack()
  for (const { gapMs, agent, urgency } of siege.victims) {
    await clock.advance(gapMs)
    void agents[agent]!.memory.add({ content: 'victim' }, { priority: urgency as 0 })
  }
  while (open > 0 && clock.now() < HORIZON_MS) await clock.advance(SERVICE_MS)
  holdsOut = false
  await clock.runAll()
  await kernel.close()
  return records.filter(({ queuedAt }) => queuedAt !== undefined)
}

const isVictim = ({ agent }: SyscallRecord): boolean => agent.startsWith('victim')

/** Counts the calls that waited already when a call came, or came in the same moment. */
function before(call: SyscallRecord, all: readonly SyscallRecord[]): number {
  const there = ({ queuedAt, startedAt }: SyscallRecord) => queuedAt! <= call.queuedAt! && startedAt! >= call.queuedAt!
  return all.filter((each) => each !== call && there(each)).length
}

/**
 * Wants each victim to start within `steps(class, ahead) * ageingMs`, where `ahead` of its agent's were before it in its class, after which nobody who came later goes before it, and the
 * time that the slots need for those who were there before it and for one call more: what they just have.
 */
async function withstands(policy: PolicyDefinition, steps: (urgency: number, ahead: number) => number): Promise<void> {
  const property = fc.asyncProperty(sieges, async (siege) => {
    const queued = await besiege(policy, siege)
    const victims = queued.filter(isVictim)
    expect(victims).toHaveLength(siege.victims.length)
    for (const call of victims) {
      const rounds = Math.ceil((before(call, queued) + 1) / siege.slots)
      const ahead = victims.filter(
        (each) => each.pid === call.pid && each.priority === call.priority && each.id < call.id,
      )
      const bound = steps(call.priority, ahead.length) * AGEING_MS + rounds * SERVICE_MS
      expect(call.waitMs).toBeLessThanOrEqual(bound)
      // The adversary was there all the time: nothing but age has raised the call above it.
      expect(call.waitMs).toBeGreaterThanOrEqual((CLASSES - 1 - call.priority) * AGEING_MS)
    }
  })
  await fc.assert(property, { numRuns })
}

describe('a victim of any class starts though an adversary has a call of the top class for every slot that comes free', () => {
  it('under priority, after one step for each class above its own', () =>
    withstands(priority({ ageingMs: AGEING_MS }), (urgency) => CLASSES - 1 - urgency))

  it('under round robin over agents, after eight steps for itself and each call that its agent has before it in its class', () =>
    withstands(roundRobin({ ageingMs: AGEING_MS }), (_, ahead) => CLASSES * (1 + ahead)))

  it('but without ageing not before the adversary gives up', async () => {
    for (const policy of [priority, roundRobin]) {
      const victims = [{ gapMs: 1, agent: 0, urgency: 6 }]
      const siege = { slots: 1, backlog: 2, adversaries: 1, victims }
      const queued = await besiege(policy({ ageingMs: Number.POSITIVE_INFINITY }), siege)
      expect(queued.find(isVictim)!.startedAt).toBeGreaterThanOrEqual(HORIZON_MS)
    }
  })
})

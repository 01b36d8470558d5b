import {
  criticalPath,
  deadline,
  fairShare,
  fifo,
  hybrid,
  leastAttained,
  predictedShortest,
  priority,
  roundRobin,
  type PolicyDefinition,
  type SchedulingPolicy,
  type Task,
} from '@aios/kernel'
import { policyConformance } from '@aios/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TestOwner, TestTask } from '../kernel/scheduler/task.js'
import { runs } from '../setup/runs.js'

const AGEING_MS = 50
const AGEING = [priority, roundRobin, fairShare, leastAttained, hybrid, criticalPath, deadline, predictedShortest]
const POLICIES = [
  fifo(),
  fifo({ batchIntervalMs: 30 }),
  ...AGEING.flatMap((policy) => [policy(), policy({ ageingMs: AGEING_MS })]),
]

for (const [index, definition] of POLICIES.entries()) {
  describe(`${definition.name}, number ${index + 1}`, () => {
    for (const { name, run } of policyConformance(definition)) it(name, run)
  })
}

type Made = TestTask

function makeTask(
  id: number,
  { pid, priority: level, queuedAt }: { pid: number; priority: number; queuedAt: number },
  owners: TestOwner[],
): Made {
  const owner = (owners[pid] ??= new TestOwner(pid))
  return new TestTask(id, owner, { priority: level, queuedAt, inputTokens: 1 + id })
}

const operation = fc.record({
  verb: fc.oneof(
    { weight: 5, arbitrary: fc.constant('enqueue' as const) },
    { weight: 3, arbitrary: fc.constant('dequeue' as const) },
    { weight: 1, arbitrary: fc.constant('remove' as const) },
  ),
  pid: fc.nat(3),
  priority: fc.nat(7),
  pause: fc.constantFrom(0, 0, 1, 7, 60),
  which: fc.nat(999),
})

/** Runs operations; calls back before each task is served, with what was held, and checks what is always so. */
function play(
  definition: PolicyDefinition,
  operations: readonly (typeof operation extends fc.Arbitrary<infer T> ? T : never)[],
  onServe: (served: Made, before: readonly Made[], now: number) => void,
): void {
  const policy: SchedulingPolicy = definition.create({ id: 'test', concurrency: 1 })
  const owners: TestOwner[] = []
  let held: Made[] = []
  let now = 0
  for (const [id, { verb, pid, priority: level, pause, which }] of operations.entries()) {
    now += pause
    if (verb === 'enqueue') {
      const task = makeTask(id, { pid, priority: level, queuedAt: now }, owners)
      policy.enqueue(task, now)
      held.push(task)
    } else if (verb === 'dequeue') {
      const task = policy.dequeue(now) as Made | undefined
      expect(task === undefined).toBe(held.length === 0)
      if (task === undefined) continue
      expect(held).toContain(task)
      onServe(task, held, now)
      policy.started?.(task, now)
      policy.served?.(task, { inputTokens: -(which % 2), outputTokens: which }, now)
      if (which % 3 > 0) policy.settled?.(task, now)
      held = held.filter((each) => each !== task)
    } else {
      const task = held[which % Math.max(1, held.length)]
      if (task !== undefined) expect(policy.remove(task)).toBe(true)
      held = held.filter((each) => each !== task)
    }
    expect(policy.size).toBe(held.length)
  }
}

const histories = fc.array(operation, { maxLength: 80, size: 'max' })
const always = (test: (operations: Parameters<typeof play>[1]) => void) => {
  fc.assert(fc.property(histories, test), { numRuns: runs(40, 5_000) })
}

describe('whatever comes and goes', () => {
  it('fifo serves the oldest', () => {
    always((operations) => {
      play(fifo(), operations, (served, before) => {
        expect(served).toBe(before[0])
      })
    })
  })

  it('priority serves the highest class and within it the oldest, while nothing has aged', () => {
    always((operations) => {
      play(priority({ ageingMs: Infinity }), operations, (served, before) => {
        const top = Math.max(...before.map((task) => task.priority))
        expect(served).toBe(before.find((task) => task.priority === top))
      })
    })
  })

  it('priority serves whoever is highest after ageing, and among those the one that waited longest', () => {
    const risen = (task: Made, now: number) =>
      Math.min(7, task.priority + Math.floor((now - task.queuedAt) / AGEING_MS))
    always((operations) => {
      play(priority({ ageingMs: AGEING_MS }), operations, (served, before, now) => {
        const top = Math.max(...before.map((task) => risen(task, now)))
        expect(risen(served, now)).toBe(top)
        const oldest = Math.min(...before.filter((task) => risen(task, now) === top).map((task) => task.queuedAt))
        expect(served.queuedAt).toBe(oldest)
      })
    })
  })

  it('round robin serves the highest class, and of an agent the oldest first, while nothing has aged', () => {
    always((operations) => {
      play(roundRobin({ ageingMs: Infinity }), operations, (served, before) => {
        const top = before.filter((task) => task.priority === Math.max(...before.map((each) => each.priority)))
        expect(served).toBe(top.find((task) => task.owner === served.owner))
      })
    })
  })

  it('round robin serves nobody twice in a class while another agent waits in it all the time', () => {
    always((operations) => {
      const last = new Map<number, { readonly owner: object; readonly waiting: ReadonlySet<Made> }>()
      play(roundRobin({ ageingMs: Infinity }), operations, (served, before) => {
        const others = before.filter((task) => task.priority === served.priority && task.owner !== served.owner)
        const previous = last.get(served.priority)
        if (previous?.owner === served.owner) expect(others.some((task) => previous.waiting.has(task))).toBe(false)
        last.set(served.priority, { owner: served.owner, waiting: new Set(others) })
      })
    })
  })

  it('every policy with classes serves the highest one, so that nobody waits for a lower one but for the calls that run', () => {
    for (const definition of AGEING.map((policy) => policy({ ageingMs: Infinity }))) {
      always((operations) => {
        play(definition, operations, (served, before) => {
          expect(served.priority).toBe(Math.max(...before.map((task) => task.priority)))
        })
      })
    }
  })

  it('priority serves no task after a younger one once it has waited 8 steps', () => {
    always((operations) => {
      play(priority({ ageingMs: AGEING_MS }), operations, (served, before, now) => {
        const overdue = before.filter((task) => now - task.queuedAt >= 8 * AGEING_MS)
        for (const task of overdue) expect(task.queuedAt).toBeGreaterThanOrEqual(served.queuedAt)
      })
    })
  })

  it('ageing serves no tree that was served in a class while another one has waited there 8 steps longer', () => {
    for (const definition of AGEING.slice(1).map((policy) => policy({ ageingMs: AGEING_MS }))) {
      always((operations) => {
        const lastServed = new Map<string, number>()
        const lineOf = ({ owner, priority: level }: Made) => `${owner.tree.id} ${level}`
        const withoutRemovals = operations.filter(({ verb }) => verb !== 'remove')
        play(definition, withoutRemovals, (served, before, now) => {
          const since = (task: Made) => {
            const oldest = before.find((each) => lineOf(each) === lineOf(task)) as Made
            return Math.max(oldest.queuedAt, lastServed.get(lineOf(task)) ?? 0)
          }
          const overdue = before.filter((task) => now - since(task) >= 8 * AGEING_MS)
          for (const task of overdue) expect(since(task)).toBeGreaterThanOrEqual(since(served))
          lastServed.set(lineOf(served), now)
        })
      })
    }
  })
})

describe('the suite itself turns a broken policy away', () => {
  const broken = (change: (policy: SchedulingPolicy) => Partial<SchedulingPolicy>): PolicyDefinition =>
    Object.freeze({
      name: 'broken',
      create() {
        const policy = fifo().create({ id: 'test', concurrency: 1 })
        const given = {
          get size() {
            return policy.size
          },
          enqueue: (task: Task, now: number) => {
            policy.enqueue(task, now)
          },
          dequeue: (now: number) => policy.dequeue(now),
          remove: (task: Task) => policy.remove(task),
        }
        return Object.defineProperties(given, Object.getOwnPropertyDescriptors(change(policy)))
      },
    })
  const failures = async (definition: PolicyDefinition) => {
    const failed: string[] = []
    for (const { name, run } of policyConformance(definition)) await run().catch(() => failed.push(name))
    return failed
  }

  it('passes the policy that they are broken from', async () => {
    expect(await failures(broken(() => ({})))).toEqual([])
  })

  it.each([
    ['a size that is off by one', broken((policy) => ({ size: policy.size }))],
    ['tasks that are lost', broken((policy) => ({ dequeue: (now) => (policy.dequeue(now), policy.dequeue(now)) }))],
    ['a remove that lies', broken(() => ({ remove: () => true }))],
    ['a queue that idles', broken((policy) => ({ dequeue: (now) => (now % 2 ? undefined : policy.dequeue(now)) }))],
  ])('%s', async (_name, definition) => {
    expect(await failures(definition)).not.toEqual([])
  })

  it('one that starves', async () => {
    const strict = priority({ ageingMs: Infinity })
    expect(await failures(strict)).toEqual(['lets no task wait for younger ones without end'])
  })

  it('one that can be changed, and one that shares its queue between lanes', async () => {
    const shared = fifo().create({ id: 'test', concurrency: 1 })
    expect(await failures({ ...fifo() })).toEqual(['is immutable, has a name, and makes an empty queue'])
    expect(await failures(Object.freeze({ name: 'shared', create: () => shared }))).toContain(
      'keeps the lanes it is made for apart',
    )
  })
})

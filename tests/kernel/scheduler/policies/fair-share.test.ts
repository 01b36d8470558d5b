import { fairShare, hybrid, type PolicyDefinition } from '@aios/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../setup/runs.js'
import type { TestOwner, TestTask } from '../task.js'
import { ServedLane } from './served-lane.js'

/** Scales the search: `npm run proof` makes it a million runs, in about four minutes. */
const FUZZ = Number(process.env['AIOS_FUZZ'] ?? runs(1, 350))
const SLOTS = 4
const INPUT = 100
const OUTPUT = 60
const OUTPUT_WEIGHT = 4
/** Most tokens that run at once. */
const RUNNING = SLOTS * (INPUT + OUTPUT)

const script = fc.record({
  weights: fc.array(fc.constantFrom(1, 2, 3.5), { minLength: 2, maxLength: 5 }),
  steps: fc.array(
    fc.record({
      inputTokens: fc.integer({ min: 0, max: INPUT }),
      outputTokens: fc.integer({ min: 0, max: OUTPUT }),
      starts: fc.boolean(),
      which: fc.nat(999),
    }),
    { minLength: 30, maxLength: 120 },
  ),
  /** The first two always wait; the others come and go. */
  visits: fc.array(fc.nat(999), { maxLength: 120 }),
})

interface Client {
  readonly owners: readonly TestOwner[]
  readonly weight: number
  readonly backlogged: boolean
  waiting: number
  served: number
}

/** Runs a random history on a lane of several slots. Returns the widest gap between the two that always have calls waiting. */
function widestGap(
  definition: PolicyDefinition,
  { weights, steps, visits }: typeof script extends fc.Arbitrary<infer T> ? T : never,
  makeOwners: (lane: ServedLane, weight: number, at: number) => readonly TestOwner[],
): number {
  const lane = new ServedLane(definition)
  const clients: Client[] = weights.map((weight, at) => ({
    owners: makeOwners(lane, weight, at),
    weight,
    backlogged: at < 2,
    waiting: 0,
    served: 0,
  }))
  const of = (task: TestTask) => clients.find(({ owners }) => owners.includes(task.owner))!
  const running: { readonly task: TestTask; left: number }[] = []
  const gaps: number[] = []
  const give = (client: Client, service: number) => {
    client.served += service
    const [one, other] = clients as [Client, Client]
    gaps.push(one.served / one.weight - other.served / other.weight)
  }
  for (const [at, step] of steps.entries()) {
    const { inputTokens, outputTokens } = step
    for (const client of clients) {
      const wanted = client.backlogged ? 6 : visits[at] !== undefined && visits[at] % 3 === 0 ? 2 : 0
      while (client.waiting < wanted) {
        lane.ask(client.owners[(at + client.waiting) % client.owners.length]!, { inputTokens, outputTokens })
        client.waiting += 1
      }
    }
    if (step.starts && running.length < SLOTS) {
      const task = lane.begin()!
      of(task).waiting -= 1
      running.push({ task, left: outputTokens })
      give(of(task), task.inputTokens)
    } else if (running.length > 0) {
      const call = running[step.which % running.length]!
      const more = Math.min(call.left, 1 + (step.which % 40))
      call.left -= more
      lane.policy.served!(call.task, { inputTokens: 0, outputTokens: more }, lane.now)
      give(of(call.task), OUTPUT_WEIGHT * more)
      if (call.left > 0) continue
      lane.policy.settled!(call.task, lane.now)
      running.splice(running.indexOf(call), 1)
    }
  }
  return Math.max(...gaps) - Math.min(...gaps)
}

const bound = (weights: readonly number[]) =>
  (2 * Math.max(INPUT, OUTPUT_WEIGHT * RUNNING)) / Math.min(weights[0]!, weights[1]!)

describe('the service of two that always have calls waiting stays within 2 max(wp Lin, wq M)', () => {
  it('between trees of a tenant, by weight', () => {
    fc.assert(
      fc.property(script, (history) => {
        const gap = widestGap(fairShare({ ageingMs: Infinity }), history, (lane, weight) => [lane.spawn({ weight })])
        expect(gap).toBeLessThanOrEqual(bound(history.weights))
      }),
      { numRuns: 1_500 * FUZZ },
    )
  })

  it.each([fairShare, hybrid])('between tenants, by weight, whatever their number of trees: %o', (policy) => {
    fc.assert(
      fc.property(script, (history) => {
        const gap = widestGap(policy({ ageingMs: Infinity }), history, (lane, weight, at) => {
          const tenant = { name: `tenant ${at}`, weight }
          return Array.from({ length: 1 + ((at * 7) % 5) }, () => lane.spawn({ tenant }))
        })
        expect(gap).toBeLessThanOrEqual(bound(history.weights))
      }),
      { numRuns: 750 * FUZZ },
    )
  })
})

describe('fair share', () => {
  it('serves trees in proportion to their weights', () => {
    const lane = new ServedLane(fairShare())
    for (const weight of [1, 3]) lane.ask(lane.spawn({ name: `w${weight}`, weight }), { inputTokens: 10 }, 100)
    const served = lane.order(100)
    expect(served.filter((name) => name === 'w3')).toHaveLength(75)
  })

  it('counts an output token four times, or as it is told', () => {
    const shares = [fairShare(), fairShare({ inputWeight: 4, outputWeight: 1 })].map((definition) => {
      const lane = new ServedLane(definition)
      lane.ask(lane.spawn({ name: 'in' }), { inputTokens: 10 }, 100)
      lane.ask(lane.spawn({ name: 'out' }), { inputTokens: 0, outputTokens: 10 }, 100)
      return lane.order(50).filter((name) => name === 'in').length
    })
    expect(shares).toEqual([40, 10])
  })

  it('lifts who comes back from idle to the least of those who wait, so that nobody saves up', () => {
    const lane = new ServedLane(fairShare())
    const [busy, idle] = [lane.spawn({ name: 'busy' }), lane.spawn({ name: 'idle' })]
    lane.ask(busy, { inputTokens: 10 }, 1_000)
    lane.order(500)
    lane.ask(idle, { inputTokens: 10 }, 500)
    expect(lane.order(20).filter((name) => name === 'idle')).toHaveLength(10)
  })

  it('holds nothing against who was served while nobody else asked', () => {
    const lane = new ServedLane(fairShare())
    const [early, late] = [lane.spawn({ name: 'early' }), lane.spawn({ name: 'late' })]
    for (let n = 0; n < 100; n += 1) lane.serveAtOnce(early, { inputTokens: 1_000 })
    lane.ask(late, { inputTokens: 10 }, 100)
    lane.ask(early, { inputTokens: 10 }, 100)
    expect(lane.order(20).filter((name) => name === 'early')).toHaveLength(10)
  })

  it('gives a tree with a hundred agents what it gives a tree with one', () => {
    const lane = new ServedLane(fairShare())
    const hog = lane.spawn({ name: 'hog' })
    const crowd = [hog, ...Array.from({ length: 99 }, () => lane.spawn({ name: 'hog', parent: hog }))]
    for (const agent of crowd) lane.ask(agent, { inputTokens: 10 }, 2)
    lane.ask(lane.spawn({ name: 'single' }), { inputTokens: 10 }, 50)
    expect(lane.order(80).filter((name) => name === 'single')).toHaveLength(40)
  })

  it('keeps what a tenant owes when its trees end, so that beginning anew clears nothing', () => {
    const lane = new ServedLane(fairShare())
    const cheat = { name: 'cheat', weight: 1 }
    lane.ask(lane.spawn({ name: 'honest', tenant: { name: 'honest', weight: 1 } }), { inputTokens: 10 }, 200)
    let served = 0
    let root = lane.spawn({ name: 'cheat', tenant: cheat })
    lane.ask(root, { inputTokens: 50 })
    for (let n = 0; n < 120; n += 1) {
      if (lane.serve()!.owner !== root) continue
      served += 1
      lane.end(root)
      root = lane.spawn({ name: 'cheat', tenant: cheat })
      lane.ask(root, { inputTokens: 50 })
    }
    expect(served).toBe(20)
  })

  it('keeps its balance when a core reports what is no number', () => {
    const lane = new ServedLane(fairShare())
    const [a, b] = [lane.spawn({ name: 'a' }), lane.spawn({ name: 'b' })]
    lane.serveAtOnce(a, { inputTokens: NaN, outputTokens: Infinity })
    for (const owner of [a, b]) lane.ask(owner, { inputTokens: 10 }, 50)
    expect(lane.order(50).filter((name) => name === 'a')).toHaveLength(25)
  })

  it.each([
    [{ inputWeight: -1 }, /from 0 for "inputWeight", got -1/],
    [{ outputWeight: NaN }, /"outputWeight", got NaN/],
    [{ ageingMs: 0 }, /above 0 for "ageingMs", got 0/],
    [{ quantum: 5 }, /got "quantum" in fairShare\(\)/],
  ])('refuses %o', (options, message) => {
    expect(() => fairShare(options as never)).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringMatching(message) as string }),
    )
  })
})

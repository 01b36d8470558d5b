/** The simulator itself, and what the policies are for, on small crowds: the full figures are `npm run sim`. */
import {
  criticalPath,
  fairShare,
  fifo,
  hybrid,
  leastAttained,
  predictedShortest,
  priority,
  roundRobin,
  type PolicyDefinition,
} from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../sampling/seeded-random.js'
import { simulate, type Outcome } from './engine/simulation.js'
import { under } from './experiment.js'
import { figuresOf } from './figure/figures.js'
import { AiosBatchLane } from './rival/aios-batch-lane.js'
import { clairvoyant } from './rival/clairvoyant.js'
import { syntheticTrace } from './workload/azure-trace.js'
import { fanOut, hog, sequential, type Source } from './workload/workloads.js'

const SLOTS = 16
const POLICIES = [
  fifo(),
  priority(),
  roundRobin(),
  fairShare(),
  leastAttained(),
  criticalPath(),
  predictedShortest(),
  hybrid(),
]

function source(seed: number): Source {
  const random = seededRandom(seed)
  return { random, trace: syntheticTrace(random, 2_000) }
}

const crowd = (seed: number) => sequential(source(seed), { programs: 600, slots: SLOTS, load: 1.5 })
const run = (policy: PolicyDefinition, programs = crowd(1)): Outcome =>
  simulate({ programs, lane: under(policy, SLOTS) })
const slowdown = (outcome: Outcome): number => figuresOf('', outcome).slowdownMean

describe('a simulation', () => {
  it('finds the same from the same seed, and something else from another', () => {
    const [first, again, other] = [run(hybrid()), run(hybrid()), run(hybrid(), crowd(2))]
    expect(again).toEqual(first)
    expect(other.hash).not.toBe(first.hash)
  })

  it('takes for a program that is alone what that program takes alone', () => {
    const [program] = crowd(3)
    expect(slowdown(run(fifo(), [program!]))).toBeCloseTo(1, 9)
  })

  it.each(POLICIES)('under $name starts every call once and ends every program', (policy) => {
    for (const programs of [crowd(1), fanOut(source(4), { programs: 100, slots: SLOTS, load: 1 }), hog(source(5))]) {
      const started = new Map<number, number>()
      const onStart = ({ id }: { id: number }) => void started.set(id, (started.get(id) ?? 0) + 1)
      const { fates, calls } = simulate({ programs, lane: under(policy, SLOTS), onStart })
      const asked = programs.flatMap(({ steps }) => steps.flatMap((step) => step.calls)).length
      expect([calls, started.size, new Set(started.values())]).toEqual([asked, asked, new Set([1])])
      expect(fates.filter(({ endedAt }) => Number.isNaN(endedAt))).toEqual([])
    }
  })
})

describe('when more is asked for than there is', () => {
  it('hybrid holds programs up far less than first come, first served, and the loop of the original most of all', () => {
    const programs = crowd(1)
    const batch = simulate({ programs, lane: (host) => new AiosBatchLane(SLOTS, host) })
    const [best, ours, theirs] = [run(clairvoyant(), programs), run(hybrid(), programs), run(fifo(), programs)]
    expect(slowdown(best)).toBeLessThanOrEqual(slowdown(ours))
    expect(slowdown(ours)).toBeLessThan(1.25 * slowdown(best))
    expect(slowdown(theirs)).toBeGreaterThan(1.5 * slowdown(ours))
    expect(slowdown(batch)).toBeGreaterThan(4 * slowdown(ours))
  })

  it.each([roundRobin(), fairShare(), leastAttained(), hybrid()])(
    '$name keeps an agent that posts 5,000 calls, through as many children, from holding up the others',
    (policy) => {
      const programs = hog(source(7))
      const [ours, theirs] = [run(policy, programs), run(fifo(), programs)]
      expect(figuresOf('', theirs).waitP99).toBeGreaterThan(100 * figuresOf('', ours).waitP99)
      expect(ours.makespan).toBeLessThan(1.01 * theirs.makespan)
    },
  )
})

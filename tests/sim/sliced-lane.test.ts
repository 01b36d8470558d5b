/** The simulated lane of a core that saves its state. */
import { fifo, leastAttained, roundRobin } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../sampling/seeded-random.js'
import type { LaneHost } from './engine/lane-like.js'
import { simulate, type Outcome } from './engine/simulation.js'
import { SlicedLane } from './engine/sliced-lane.js'
import { under } from './experiment.js'
import { figuresOf } from './figure/figures.js'
import { syntheticTrace } from './workload/azure-trace.js'
import { hostedModel, type Program } from './workload/program.js'
import { sequential } from './workload/workloads.js'

const crowd = (): readonly Program[] => {
  const random = seededRandom(1)
  return sequential({ random, trace: syntheticTrace(random, 2_000) }, { programs: 400, slots: 1, load: 0.9 })
}

/** Runs programs on one slot; returns what came of it and how often answers were cut. */
function sliced(
  policy: Parameters<typeof under>[0],
  switchMs: number,
  programs = crowd(),
): { outcome: Outcome; cuts: number } {
  let lane: SlicedLane | undefined
  const outcome = simulate({
    programs,
    lane: (host: LaneHost) => (lane = new SlicedLane(policy, { slots: 1, switchMs }, host)),
  })
  return { outcome, cuts: lane?.cuts ?? 0 }
}

const asking = (name: string, arrivesAt: number, output: number): Program => ({
  name,
  tenant: 'default',
  arrivesAt,
  counted: true,
  steps: [{ calls: [{ input: 0, output }], gapMs: 0 }],
})

describe('a simulated core that saves its state', () => {
  it('does the same as any other when nothing is cut', () => {
    const plain = simulate({ programs: crowd(), lane: under(fifo(), 1) })
    const { outcome, cuts } = sliced(fifo(), 50)
    expect(cuts).toBe(0)
    expect(outcome.hash).toBe(plain.hash)
    expect(outcome.makespan).toBeCloseTo(plain.makespan, 3)
  })

  it('takes for an answer what it takes, and for each cut the time to save and to restore', () => {
    const programs = [asking('long', 0, 256), asking('other', 1, 256)]
    const { outcome, cuts } = sliced(roundRobin({ quantumMs: 1 }), 50, programs)
    expect(cuts).toBe(14)
    expect(outcome.makespan).toBeCloseTo(2 * hostedModel({ input: 0, output: 256 }) + cuts * 100, 3)
  })

  it('lets short programs pass long ones that run', () => {
    const whole = figuresOf('', simulate({ programs: crowd(), lane: under(leastAttained(), 1) }))
    const { outcome, cuts } = sliced(leastAttained(), 50)
    const cut = figuresOf('', outcome)
    expect(cuts).toBeGreaterThan(50)
    expect(cuts).toBeLessThan(outcome.calls)
    expect(cut.slowdownMean).toBeLessThan(whole.slowdownMean)
    expect(cut.waitP50).toBeLessThan(whole.waitP50 / 2)
  })
})

import { describe, expect, it } from 'vitest'
import { roundRobin } from '@aios/kernel'
import { ServedLane } from './served-lane.js'

describe('roundRobin with a quantum', () => {
  const spent = { ms: 100, outputTokens: 10 }

  it.each([
    [{ quantumMs: 100 }, { ms: 100, outputTokens: 1 }, { ms: 99, outputTokens: 1_000 }],
    [{ quantumTokens: 10 }, { ms: 1, outputTokens: 10 }, { ms: 9_999, outputTokens: 9 }],
  ])('ends a slice of %o when it is over, and not before', (quantum, over, short) => {
    const lane = new ServedLane(roundRobin(quantum))
    const [one, two] = [lane.spawn(), lane.spawn()]
    const running = lane.make(one)
    lane.ask(two)
    expect(lane.policy.preempts?.(running, over, lane.now)).toBe(true)
    expect(lane.policy.preempts?.(running, short, lane.now)).toBe(false)
  })

  it('ends none when nobody waits, or only what is less urgent', () => {
    const lane = new ServedLane(roundRobin({ quantumTokens: 10 }))
    const [one, two] = [lane.spawn(), lane.spawn()]
    const running = lane.make(one, { priority: 3 })
    expect(lane.policy.preempts?.(running, spent, lane.now)).toBe(false)
    lane.ask(two, { priority: 2 })
    expect(lane.policy.preempts?.(running, spent, lane.now)).toBe(false)
    lane.now += 10_000
    expect(lane.policy.preempts?.(running, spent, lane.now)).toBe(true)
  })

  it('is a policy without slices when none was given', () => {
    expect(new ServedLane(roundRobin()).policy.preempts).toBeUndefined()
  })
})

import { deadline } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { ServedLane } from './served-lane.js'

/** Lets the lane learn how long calls of an agent run. */
function teach(lane: ServedLane, name: string, { runMs, calls = 10 }: { runMs: number; calls?: number }): void {
  const owner = lane.spawn({ name })
  for (let n = 0; n < calls; n += 1) lane.serveAtOnce(owner, { runMs })
}

describe('calls with a deadline', () => {
  it('go in order of their deadlines, before those without', () => {
    const lane = new ServedLane(deadline())
    const a = lane.spawn()
    const dues = [Infinity, 500, 100, Infinity, 300]
    const tasks = dues.flatMap((dueAt) => lane.ask(a, { dueAt }))
    expect(dues.map(() => lane.serve())).toEqual([2, 4, 1, 0, 3].map((at) => tasks[at]))
  })

  it('go by least slack once it is known how long they take', () => {
    const lane = new ServedLane(deadline())
    teach(lane, 'slow', { runMs: 400 })
    teach(lane, 'quick', { runMs: 10 })
    const due = lane.now + 1_000
    lane.ask(lane.spawn({ name: 'quick' }), { dueAt: due })
    lane.ask(lane.spawn({ name: 'slow' }), { dueAt: due + 200 })
    expect(lane.order(2)).toEqual(['slow', 'quick'])
  })

  it('are given up when they would be late even if they were quick, and only then', () => {
    const lane = new ServedLane(deadline())
    teach(lane, 'agent', { runMs: 100 })
    const owner = lane.spawn({ name: 'agent' })
    const [hopeless] = lane.ask(owner, { dueAt: lane.now + 90 })
    const [possible] = lane.ask(owner, { dueAt: lane.now + 110 })
    expect([lane.policy.shed!(lane.now), lane.policy.shed!(lane.now)]).toEqual([hopeless, undefined])
    expect(lane.policy.size).toBe(1)
    expect(lane.serve()).toBe(possible)
  })

  it('are not given up on the evidence of a few calls, or of those that were slow', () => {
    const lane = new ServedLane(deadline())
    teach(lane, 'new', { runMs: 1_000, calls: 7 })
    teach(lane, 'mixed', { runMs: 50, calls: 8 })
    teach(lane, 'mixed', { runMs: 1_000, calls: 24 })
    for (const [priority, name] of ['new', 'mixed'].entries())
      lane.ask(lane.spawn({ name }), { priority, dueAt: lane.now + 100 })
    expect(lane.policy.shed!(lane.now)).toBeUndefined()
  })

  it('are given up in any class once their time has come', () => {
    const lane = new ServedLane(deadline())
    const tasks = [0, 7].flatMap((priority) => lane.ask(lane.spawn(), { priority, dueAt: 50 }))
    lane.ask(lane.spawn(), { priority: 3 })
    expect([lane.policy.shed!(49), lane.policy.shed!(50), lane.policy.shed!(50), lane.policy.shed!(50)]).toEqual([
      undefined,
      ...tasks,
      undefined,
    ])
  })

  it('keep more deadlines under overload than the order of arrival would', () => {
    const lane = new ServedLane(deadline())
    teach(lane, 'agent', { runMs: 10 })
    const owner = lane.spawn({ name: 'agent' })
    // Twice what can be done: 100 calls of 10 ms each, all due within 500 ms.
    for (let n = 0; n < 100; n += 1) lane.ask(owner, { runMs: 10, dueAt: lane.now + 5 * (100 - n) })
    let kept = 0
    for (;;) {
      while (lane.policy.shed!(lane.now) !== undefined);
      const task = lane.serve()
      if (task === undefined) break
      if (lane.now <= task.dueAt) kept += 1
    }
    expect(kept).toBeGreaterThanOrEqual(45)
  })
})

it('refuses options that are not there', () => {
  expect(() => deadline({ shed: false } as never)).toThrow(/only the keys ageingMs, got "shed" in deadline\(\)/)
})

/** Properties of the model by itself: what must hold whatever happens. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { history, play, type History } from './arbitrary-history.js'
import { callsOf, onSlots, living, outstanding, type State } from './state.js'
import { step } from './step.js'
import { waitGraphHasCycle } from './wait-graph.js'

const runs = { numRuns: 100 * Number(process.env['AIOS_FUZZ'] ?? 1) }

function afterEach(check: (s: State, setup: History['setup']) => void): void {
  const property = fc.property(history(), (given) => {
    for (const { state } of play(given)) check(state, given.setup)
  })
  fc.assert(property, runs)
}

describe('whatever happens', () => {
  it('the wait-for graph has no cycle', () => {
    afterEach((s) => {
      expect(waitGraphHasCycle(s)).toBe(false)
    })
  })

  it('a lane runs no more calls than it has slots, and leaves none free while calls wait', () => {
    afterEach((s, { lanes }) => {
      for (const [name, { concurrency = 1 }] of Object.entries(lanes)) {
        const running = onSlots(s, name).length
        expect(running).toBeLessThanOrEqual(concurrency)
        if (s.lanes[name]!.queue.length > 0) expect(running).toBe(concurrency)
      }
    })
  })

  it('no key has two owners', () => {
    afterEach((s) => {
      const locks = callsOf(s).flatMap((c) => c.locks)
      expect(new Set(locks).size).toBe(locks.length)
    })
  })

  it('reservations are those of the calls on devices', () => {
    afterEach((s) => {
      const expected = callsOf(s).reduce((sum, c) => sum + (c.isOnDevice ? c.reserved : 0), 0)
      const roots = Object.values(s.processes).filter((p) => p.payer === 0)
      expect(roots.reduce((sum, p) => sum + p.reserved, 0)).toBe(expected)
    })
  })

  it('after a close and a while nothing is left', () => {
    const property = fc.property(history(), (given) => {
      const last = [...play(given)].at(-1)?.state
      if (last === undefined) return
      const end = step(step(last, { type: 'close' }), { type: 'advance', ms: 100 })
      expect(outstanding(end)).toEqual([])
      expect(living(end)).toEqual([])
      expect(callsOf(end).filter((c) => c.isOnDevice || c.locks.length > 0)).toEqual([])
      expect(
        Object.values(end.processes)
          .map((p) => p.reserved)
          .filter(Boolean),
      ).toEqual([])
    })
    fc.assert(property, runs)
  })

  it('histories reach every kind of ending', () => {
    const seen = new Set<string>()
    for (const given of fc.sample(history(60), { numRuns: 300, seed: 1 })) {
      for (const { state } of play(given)) for (const c of callsOf(state)) seen.add(c.phase).add(c.outcome ?? '')
    }
    const phases = ['gated', 'waiting', 'locking', 'queued', 'parked', 'running', 'held', 'settled']
    const codes = 'AGENT_FAILED BUDGET_EXCEEDED CLOSED DEADLINE_EXCEEDED DRIVER_FAILED NO_SUCH_PROCESS PROCESS_EXITED'
    const more = 'PROCESS_KILLED QUEUE_FULL WAIT_CYCLE'
    const named = `${codes} ${more}`.split(' ').map((code) => `AIOS_${code}`)
    expect([...seen].sort()).toEqual(['', ...phases, ...named, 'ok', 'reason'].sort())
  })
})

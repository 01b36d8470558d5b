import { describe, expect, it } from 'vitest'
import { abort, advance, after, child, done, exit, failed, kill, on, spawn, standing } from './history.js'
import type { Setup } from './state.js'

const WIDE: Setup = { lanes: { llm: { concurrency: 8 } }, abandonAfterMs: 100 }
const SPENT = 'AIOS_BUDGET_EXCEEDED'
const ask = (id: number, pid: number, ...[input, output]: [number, number]) => on('llm', id, pid, { input, output })

describe('a budget of calls', () => {
  it('rejects the call beyond it, and that call only', () => {
    const s = after([spawn(1, { calls: 2 }), on('memory', 2, 1), on('memory', 3, 1), on('memory', 4, 1), done(2)])
    expect(standing(s)).toEqual({ 2: 'ok', 3: 'running', 4: SPENT })
  })

  it('counts the calls of descendants', () => {
    const s = after([spawn(1, { calls: 2 }), child(2, 1), on('memory', 3, 2), on('memory', 4, 2)])
    expect(standing(s)).toEqual({ 2: 'ok', 3: 'running', 4: SPENT })
  })

  it('counts the calls of a detached child', () => {
    const s = after([
      spawn(1, { calls: 2 }),
      child(2, 1, { isDetached: true }),
      exit(1),
      on('memory', 3, 2),
      on('memory', 4, 2),
    ])
    expect(standing(s)).toEqual({ 2: 'ok', 3: 'running', 4: SPENT })
  })
})

describe('a budget of tokens', () => {
  it('reserves input and output when a call starts, on every ancestor', () => {
    const s = after([spawn(1, { tokens: 100 }), child(2, 1), ask(3, 2, 10, 30)], WIDE)
    expect([s.processes[1]!.reserved, s.processes[2]!.reserved]).toEqual([40, 40])
  })

  it('charges what was used and gives the rest back', () => {
    const s = after([spawn(1, { tokens: 100 }), ask(2, 1, 10, 30), done(2, 15)], WIDE)
    expect(s.processes[1]).toMatchObject({ reserved: 0, used: { tokens: 15 } })
  })

  it('gives everything back on failure, kill and abandonment', () => {
    const before = [spawn(1, { tokens: 100 }), child(2, 1), ask(3, 2, 10, 30)]
    for (const rest of [[failed(3)], [kill(2), advance(100)], [abort(3), advance(100)]]) {
      expect(after([...before, ...rest], WIDE).processes[1]).toMatchObject({ reserved: 0, used: { tokens: 0 } })
    }
  })

  it('holds the reservation of an aborted call until its driver settles', () => {
    const s = after([spawn(1, { tokens: 100 }), ask(2, 1, 10, 30), abort(2)], WIDE)
    expect(s.processes[1]!.reserved).toBe(40)
  })

  it('parks off the lane what would fit after outstanding reservations settle', () => {
    const before = [spawn(1, { tokens: 100 }), ask(2, 1, 10, 50), ask(3, 1, 10, 50), spawn(4), ask(5, 4, 1, 1)]
    const narrow: Setup = { lanes: { llm: { concurrency: 2 } } }
    expect(standing(after(before, narrow))).toEqual({ 2: 'running', 3: 'parked', 5: 'running' })
    expect(standing(after([...before, done(5), done(2, 20)], narrow))[3]).toBe('running')
  })

  it('rejects what cannot fit even then', () => {
    const s = after(
      [spawn(1, { tokens: 100 }), ask(2, 1, 10, 50), ask(3, 1, 100, 50), done(2, 50), ask(4, 1, 60, 1)],
      WIDE,
    )
    expect(standing(s)).toEqual({ 2: 'ok', 3: SPENT, 4: SPENT })
  })

  it('rejects a parked call that cannot fit any more', () => {
    const s = after([spawn(1, { tokens: 100 }), ask(2, 1, 10, 50), ask(3, 1, 60, 10), done(2, 60)], WIDE)
    expect(standing(s)).toEqual({ 2: 'ok', 3: SPENT })
  })

  it('clips the output to what is left only when nothing else is outstanding', () => {
    const alone = after([spawn(1, { tokens: 100 }), ask(2, 1, 10, 500)], WIDE)
    expect(alone.calls[2]).toMatchObject({ phase: 'running', reserved: 100 })
    const second = after([spawn(1, { tokens: 100 }), ask(2, 1, 10, 20), ask(3, 1, 10, 500)], WIDE)
    expect(standing(second)[3]).toBe('parked')
  })

  it('charges what goes over a reservation in full, and blocks the next call', () => {
    const s = after([spawn(1, { tokens: 100 }), ask(2, 1, 10, 30), done(2, 150), ask(3, 1, 1, 1)], WIDE)
    expect(s.processes[1]!.used.tokens).toBe(150)
    expect(standing(s)[3]).toBe(SPENT)
  })

  it('needs room on all ancestors or reserves on none', () => {
    const s = after([spawn(1, { tokens: 20 }), child(2, 1, { tokens: 1_000 }), ask(3, 2, 30, 10)], WIDE)
    expect(standing(s)[3]).toBe(SPENT)
    expect([s.processes[1]!.reserved, s.processes[2]!.reserved]).toEqual([0, 0])
  })

  it('is still drawn on by a detached child', () => {
    const s = after([spawn(1, { tokens: 100 }), child(2, 1, { isDetached: true }), exit(1), ask(3, 2, 10, 30)], WIDE)
    expect(s.processes[1]!.reserved).toBe(40)
  })
})

import { describe, expect, it } from 'vitest'
import { abort, after, child, kill, on, receive, send, SINGLE, spawn, standing, wait } from './history.js'
import { initial, type State } from './state.js'
import { step } from './step.js'
import { closesCycle, waitGraphHasCycle } from './wait-graph.js'

const CYCLE = 'AIOS_WAIT_CYCLE'

describe('a wait that would close a cycle is rejected', () => {
  it('when a process waits for itself', () => {
    expect(standing(after([spawn(1), wait(2, 1, 1)]))[2]).toBe(CYCLE)
  })

  it('when it waits for itself while another call of it may still go on: that call cannot end the process', () => {
    expect(standing(after([spawn(1), on('memory', 2, 1), wait(3, 1, 1)]))[3]).toBe(CYCLE)
  })

  it('when two processes wait for each other', () => {
    const s = after([spawn(1), spawn(2), wait(3, 1, 2), wait(4, 2, 1)])
    expect(standing(s)).toEqual({ 3: 'waiting', 4: CYCLE })
  })

  it('when the way back is long', () => {
    const s = after([spawn(1), child(2, 1), child(3, 2), wait(4, 1, 2), wait(5, 2, 3), wait(6, 3, 1)])
    expect(standing(s)[6]).toBe(CYCLE)
  })

  it('when both wait for a message of the other', () => {
    const s = after([spawn(1), spawn(2), receive(3, 1, { from: 2 }), receive(4, 2, { from: 1 })])
    expect(standing(s)).toEqual({ 3: 'waiting', 4: CYCLE })
  })

  it('but not when the other has a call under way that may make it send', () => {
    const s = after([spawn(1), spawn(2), on('memory', 3, 1), receive(4, 1, { from: 2 }), receive(5, 2, { from: 1 })])
    expect(standing(s)).toEqual({ 3: 'running', 4: 'waiting', 5: 'waiting' })
  })

  it('but not when one of them takes a message of anyone', () => {
    const s = after([spawn(1), spawn(2), receive(3, 1), receive(4, 2, { from: 1 })])
    expect(standing(s)).toEqual({ 3: 'waiting', 4: 'waiting' })
  })

  it('when the holder of the only slot waits for who wants it', () => {
    const s = after([spawn(1), spawn(2), on('tool', 3, 1), on('tool', 4, 2), wait(5, 1, 2, { parent: 3 })])
    expect(standing(s)).toEqual({ 3: 'running', 4: 'queued', 5: CYCLE })
  })

  it('when who wants the only slot is waited for by its holder', () => {
    const s = after([spawn(1), spawn(2), on('tool', 3, 1), wait(5, 1, 2, { parent: 3 }), on('tool', 4, 2)])
    expect(standing(s)).toEqual({ 3: 'running', 4: CYCLE, 5: 'waiting' })
  })

  it('but not while another slot may become free', () => {
    const s = after(
      [
        spawn(1),
        spawn(2),
        spawn(6),
        on('tool', 3, 1),
        on('tool', 7, 6),
        wait(5, 1, 2, { parent: 3 }),
        on('tool', 4, 2),
      ],
      {
        lanes: { tool: { concurrency: 2 } },
      },
    )
    expect(standing(s)[4]).toBe('queued')
  })

  it('but not while a call that was given up still holds a slot', () => {
    const two = { lanes: { tool: { concurrency: 2 } } }
    const before = [spawn(1), spawn(2), spawn(3), on('tool', 4, 1), on('tool', 5, 3), abort(5)]
    expect(standing(after([...before, wait(6, 1, 2, { parent: 4 }), on('tool', 7, 2)], two))[7]).toBe('queued')
  })

  it('when two nested calls want the keys that the other chain holds', () => {
    const s = after(
      [
        spawn(1),
        on('tool', 2, 1, { keys: ['a'] }),
        on('tool', 3, 1, { keys: ['b'] }),
        on('tool', 4, 1, { keys: ['b'], parent: 2 }),
        on('tool', 5, 1, { keys: ['a'], parent: 3 }),
      ],
      { lanes: { tool: { concurrency: 2 } } },
    )
    expect(standing(s)).toEqual({ 2: 'running', 3: 'running', 4: 'locking', 5: CYCLE })
  })
})

describe('waitGraphHasCycle', () => {
  /** A state that no history leads to: both wait for each other. */
  function knot(): State {
    const s = after([spawn(1), spawn(2), wait(3, 1, 2), wait(4, 2, 1)])
    const phase = 'waiting'
    return { ...s, calls: { ...s.calls, 4: { ...s.calls[4]!, phase } } }
  }

  it('finds the cycle that step would not have let happen', () => {
    expect(waitGraphHasCycle(knot())).toBe(true)
    expect(closesCycle(knot(), knot().calls[4]!)).toBe(true)
  })

  it('finds none in what step makes', () => {
    expect(waitGraphHasCycle(initial(SINGLE))).toBe(false)
    expect(waitGraphHasCycle(after([spawn(1), spawn(2), wait(3, 1, 2), wait(4, 2, 1), send(5, 1, 2)]))).toBe(false)
  })

  it('finds none once a kill has broken it', () => {
    expect(waitGraphHasCycle(step(knot(), kill(1)))).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import {
  abort,
  advance,
  after,
  all,
  child,
  done,
  failed,
  on,
  resume,
  setPriority,
  spawn,
  standing,
  suspend,
} from './history.js'
import { onSlots } from './state.js'

describe('a lane of the model', () => {
  it('starts a call at once when a slot is free, and queues it when none is', () => {
    const s = after([spawn(1), on('memory', 2, 1), on('memory', 3, 1), on('storage', 4, 1)])
    expect(standing(s)).toEqual({ 2: 'running', 3: 'queued', 4: 'running' })
    expect([onSlots(s, 'memory').length, s.lanes['memory']!.queue]).toEqual([1, [3]])
  })

  it('starts as many calls as it has slots', () => {
    const s = after([spawn(1), on('memory', 2, 1), on('memory', 3, 1), on('memory', 4, 1)], {
      lanes: { memory: { concurrency: 2 } },
    })
    expect(standing(s)).toEqual({ 2: 'running', 3: 'running', 4: 'queued' })
  })

  it('starts the next call when the driver settles', () => {
    const s = after([spawn(1), on('memory', 2, 1), on('memory', 3, 1), done(2)])
    expect(standing(s)).toEqual({ 2: 'ok', 3: 'running' })
  })

  it('rejects with the driver error of a call and goes on', () => {
    const s = after([spawn(1), on('memory', 2, 1), on('memory', 3, 1), failed(2)])
    expect(standing(s)).toEqual({ 2: 'AIOS_DRIVER_FAILED', 3: 'running' })
  })

  it('starts class 7 first, whatever came first', () => {
    const queued = [on('memory', 3, 1, { priority: 0 }), on('memory', 4, 1), on('memory', 5, 1, { priority: 7 })]
    const s = after([spawn(1), on('memory', 2, 1), ...queued, done(2), done(5), done(4)])
    expect(s.starts).toEqual([2, 5, 4, 3])
  })

  it('gives agents of one class turns, one call each', () => {
    const queued = [on('memory', 4, 1), on('memory', 5, 1), on('memory', 6, 2), on('memory', 7, 2)]
    const s = after([spawn(1), spawn(2), on('memory', 3, 1), ...queued, done(3), done(4), done(6), done(5)])
    expect(s.starts).toEqual([3, 4, 6, 5, 7])
  })

  it('starts calls of one class in the order they came under priority, whoever makes them', () => {
    const queued = [on('memory', 4, 1), on('memory', 5, 1), on('memory', 6, 2), on('memory', 7, 2, { priority: 7 })]
    const s = after([spawn(1), spawn(2), on('memory', 3, 1), ...queued, done(3), done(7), done(4), done(5)], {
      lanes: { memory: { concurrency: 1, policy: 'priority' } },
    })
    expect(s.starts).toEqual([3, 7, 4, 5, 6])
  })

  it('starts calls in the order they came under fifo, whatever their class', () => {
    const queued = [on('memory', 4, 1), on('memory', 5, 1), on('memory', 6, 2, { priority: 7 })]
    const s = after([spawn(1), spawn(2), on('memory', 3, 1), ...queued, done(3), done(4), done(5)], {
      lanes: { memory: { concurrency: 1, policy: 'fifo' } },
    })
    expect(s.starts).toEqual([3, 4, 5, 6])
  })

  it('starts calls of a resumed process in the order they were made, before anyone else is asked', () => {
    const gated = [suspend(1), on('memory', 2, 1, { priority: 0 }), on('memory', 3, 1, { priority: 7 })]
    expect(after([spawn(1), ...gated, resume(1)]).starts).toEqual([2])
  })

  it('refuses also what comes back from a suspend to a queue that is full', () => {
    const gated = [suspend(1), on('memory', 2, 1), on('memory', 3, 1), on('memory', 4, 1)]
    const s = after([spawn(1), ...gated, resume(1)], { lanes: { memory: { depth: 1 } } })
    expect(standing(s)).toEqual({ 2: 'running', 3: 'queued', 4: 'AIOS_QUEUE_FULL' })
  })

  it('rejects what does not fit its depth', () => {
    const s = after([spawn(1), on('memory', 2, 1), on('memory', 3, 1), on('memory', 4, 1)], {
      lanes: { memory: { concurrency: 1, depth: 1 } },
    })
    expect(standing(s)).toEqual({ 2: 'running', 3: 'queued', 4: 'AIOS_QUEUE_FULL' })
  })

  it('moves waiting calls when the priority of their process changes', () => {
    const queued = [on('memory', 4, 1), on('memory', 5, 2)]
    const s = after([spawn(1), spawn(2), on('memory', 3, 1), ...queued, setPriority(2, 6), done(3)])
    expect(s.starts).toEqual([3, 5])
  })

  it('lets a child call with the priority of its parent', () => {
    const s = after([
      spawn(1, { priority: 6 }),
      child(2, 1),
      on('memory', 3, 1),
      on('memory', 4, 1),
      spawn(5),
      on('memory', 6, 5),
      on('memory', 7, 2),
      done(3),
      done(4),
    ])
    expect(s.starts).toEqual([3, 4, 7])
  })

  it('forgets a queued call whose signal aborts', () => {
    const s = after([spawn(1), on('memory', 2, 1), on('memory', 3, 1), on('memory', 4, 1), abort(3), done(2)])
    expect(s.starts).toEqual([2, 4])
    expect(standing(s)[3]).toBe('reason')
  })
})

describe('a slot', () => {
  it('stays taken by an aborted call until its driver settles', () => {
    const before = [spawn(1), on('memory', 2, 1), on('memory', 3, 1), abort(2)]
    expect(standing(after(before))).toEqual({ 2: 'reason', 3: 'queued' })
    expect([onSlots(after(before), 'memory').length, after(before).lanes['memory']!.queue]).toEqual([1, [3]])
    expect(standing(after([...before, done(2)]))).toEqual({ 2: 'reason', 3: 'running' })
  })

  it('is taken back from a driver that ignores its signal after abandonAfterMs, once', () => {
    const before = [spawn(1), on('memory', 2, 1), on('memory', 3, 1), on('memory', 4, 1), abort(2), advance(99)]
    expect(standing(after(before))[3]).toBe('queued')
    expect(standing(after([...before, advance(1)]))).toEqual({ 2: 'reason', 3: 'running', 4: 'queued' })
    expect(standing(after([...before, advance(1), done(2)]))[4]).toBe('queued')
  })

  it('is free at once when the driver obeys its signal', () => {
    const s = after([spawn(1), on('memory', 2, 1, { isPolite: true }), on('memory', 3, 1), abort(2)])
    expect(standing(s)).toEqual({ 2: 'reason', 3: 'running' })
  })
})

describe('a nested call', () => {
  const busy = [spawn(1), on('tool', 2, 1), on('tool', 3, 1)]

  it('runs on the slot of the call it is nested in', () => {
    const s = after([...busy, on('tool', 4, 1, { parent: 2 })])
    expect(standing(s)).toEqual({ 2: 'running', 3: 'queued', 4: 'running' })
    expect([onSlots(s, 'tool').length, s.lanes['tool']!.queue]).toEqual([1, [3]])
  })

  it('takes its turn on that slot, one at a time and in order', () => {
    const nested = [
      on('tool', 4, 1, { parent: 2 }),
      on('tool', 5, 1, { parent: 2, priority: 7 }),
      on('tool', 6, 1, { parent: 2 }),
    ]
    const s = after([...busy, ...nested])
    expect(standing(s)).toMatchObject({ 4: 'running', 5: 'queued', 6: 'queued' })
    expect(after([...busy, ...nested, done(4), done(5)]).starts).toEqual([2, 4, 5, 6])
  })

  it('is itself the host of what is nested deeper', () => {
    const s = after([...busy, on('tool', 4, 1, { parent: 2 }), on('tool', 5, 1, { parent: 4 })])
    expect(standing(s)).toMatchObject({ 4: 'running', 5: 'running' })
  })

  it('runs on that slot also when it comes from a process that the holder spawned', () => {
    const s = after([...busy, child(4, 1, { parent: 2 }), on('tool', 5, 4), child(6, 4), on('tool', 7, 6)])
    expect(standing(s)).toMatchObject({ 5: 'running', 7: 'queued' })
    expect(s.calls[7]!.host).toBe(2)
  })

  it('queues for a slot of another lane', () => {
    const s = after([spawn(1), on('tool', 2, 1), on('memory', 3, 1), on('memory', 4, 1, { parent: 2 })])
    expect(standing(s)).toEqual({ 2: 'running', 3: 'running', 4: 'queued' })
  })

  it('ignores the depth of its lane', () => {
    const lanes = { tool: { concurrency: 1 }, memory: { concurrency: 1, depth: 1 } }
    const fill = [spawn(1), on('tool', 2, 1), on('memory', 3, 1), on('memory', 4, 1)]
    expect(standing(after([...fill, on('memory', 5, 1)], { lanes }))[5]).toBe('AIOS_QUEUE_FULL')
    expect(standing(after([...fill, on('memory', 5, 1, { parent: 2 })], { lanes }))[5]).toBe('queued')
  })

  it('ignores that its process is suspended', () => {
    const s = after([spawn(1), on('tool', 2, 1), suspend(1), on('memory', 3, 1, { parent: 2 }), on('memory', 4, 1)])
    expect(standing(s)).toEqual({ 2: 'running', 3: 'running', 4: 'gated' })
  })

  it('is cancelled when the call it is nested in ends', () => {
    const s = after([...busy, on('tool', 4, 1, { parent: 2 }), on('tool', 5, 1, { parent: 2 }), done(2)])
    expect(standing(s)).toMatchObject({ 2: 'ok', 4: 'AIOS_PROCESS_EXITED', 5: 'AIOS_PROCESS_EXITED' })
  })

  it('is rejected when the call it would be nested in has ended', () => {
    const late = on('memory', 4, 1, { parent: 2 })
    expect(standing(after([...busy, done(2), late]))[4]).toBe('AIOS_PROCESS_EXITED')
    expect(standing(after([...busy, abort(2), late]))[4]).toBe('reason')
  })
})

describe('a call of a process that a tool spawned', () => {
  const spawned = [spawn(1), on('tool', 2, 1), child(3, 1, { parent: 2 })]

  it('goes on when the tool has returned, and later ones take slots of their own', () => {
    const s = after([...spawned, on('tool', 4, 3), on('tool', 5, 3), done(2), on('memory', 6, 3)])
    expect(standing(s)).toMatchObject({ 4: 'running', 5: 'queued', 6: 'running' })
    const later = after([...spawned, on('tool', 4, 3), on('tool', 5, 3), done(2), done(4)])
    expect(later.calls[5]).toMatchObject({ phase: 'running', host: undefined })
  })

  it('ends with the tool if that was given up', () => {
    const s = after([...spawned, on('memory', 4, 3), abort(2), on('memory', 5, 3)])
    expect(standing(s)).toMatchObject({ 4: 'reason', 5: 'reason' })
  })
})

describe('a call that is done while its process is suspended', () => {
  it('ends what is nested in it at once, and refuses more', () => {
    const events = [spawn(1), on('tool', 2, 1), suspend(1), on('memory', 3, 1, { parent: 2 }), done(2)]
    const s = after([...events, on('memory', 4, 1, { parent: 2 })])
    expect(standing(s)).toEqual({ 2: 'held', 3: 'AIOS_PROCESS_EXITED', 4: 'AIOS_PROCESS_EXITED' })
  })
})

describe('a composite call', () => {
  it('holds no slot and resolves when all its calls have settled', () => {
    const s = after([spawn(1), all(2, 1, [3, 4])])
    expect(standing(s)).toEqual({ 2: 'waiting', 3: 'running', 4: 'queued' })
    expect(standing(after([spawn(1), all(2, 1, [3, 4]), done(3), failed(4)]))[2]).toBe('ok')
  })

  it('takes its calls with it when it is aborted', () => {
    const s = after([spawn(1), all(2, 1, [3, 4]), abort(2)])
    expect(standing(s)).toEqual({ 2: 'reason', 3: 'reason', 4: 'reason' })
  })
})

describe('a conflict key', () => {
  const wide = { lanes: { tool: { concurrency: 4 } }, abandonAfterMs: 100 }

  it('is exclusive', () => {
    const before = [
      spawn(1),
      on('tool', 2, 1, { keys: ['a'] }),
      on('tool', 3, 1, { keys: ['a'] }),
      on('tool', 4, 1, { keys: ['b'] }),
    ]
    expect(standing(after(before, wide))).toEqual({ 2: 'running', 3: 'locking', 4: 'running' })
    expect(standing(after([...before, done(2)], wide))[3]).toBe('running')
  })

  it('is taken in sorted order, so that two calls never wait for each other', () => {
    const keys = [on('tool', 2, 1, { keys: ['b', 'a'] }), on('tool', 3, 1, { keys: ['a', 'b'] })]
    expect(standing(after([spawn(1), ...keys], wide))).toEqual({ 2: 'running', 3: 'locking' })
    const s = after([spawn(1), on('tool', 5, 1, { keys: ['b'] }), ...keys], wide)
    expect(s.calls[2]!.locks).toEqual(['a'])
  })

  it('is re-entrant along the chain of nested calls', () => {
    const s = after([spawn(1), on('tool', 2, 1, { keys: ['a'] }), on('tool', 3, 1, { keys: ['a'], parent: 2 })], wide)
    expect(standing(s)).toEqual({ 2: 'running', 3: 'running' })
  })

  it('stays taken by an aborted call until its driver settles', () => {
    const before = [spawn(1), on('tool', 2, 1, { keys: ['a'] }), on('tool', 3, 1, { keys: ['a'] }), abort(2)]
    expect(standing(after(before, wide))[3]).toBe('locking')
    expect(standing(after([...before, advance(100)], wide))[3]).toBe('running')
  })

  it('is given back by a call that stops waiting', () => {
    const before = [
      spawn(1),
      on('tool', 2, 1, { keys: ['b'] }),
      on('tool', 3, 1, { keys: ['a', 'b'] }),
      on('tool', 4, 1, { keys: ['a'] }),
    ]
    expect(standing(after(before, wide))[4]).toBe('locking')
    expect(standing(after([...before, abort(3)], wide))[4]).toBe('running')
  })

  it('is not gathered while the process is suspended', () => {
    const before = [
      spawn(1),
      spawn(9),
      on('tool', 2, 1, { keys: ['b'] }),
      on('tool', 3, 9, { keys: ['a', 'b'] }),
      suspend(9),
    ]
    expect(standing(after([...before, on('tool', 4, 1, { keys: ['a'] })], wide))[4]).toBe('running')
    expect(standing(after([...before, done(2), resume(9)], wide))[3]).toBe('running')
  })
})

import { describe, expect, it } from 'vitest'
import { abort, advance, after, all, done, exit, on, spawn, standing } from './history.js'
import { onSlots } from './state.js'

const DEADLINE = 'AIOS_DEADLINE_EXCEEDED'

describe('a deadline', () => {
  it('rejects a call that runs and a call that waits', () => {
    const before = [spawn(1), on('memory', 2, 1, { deadlineMs: 50 }), on('memory', 3, 1, { deadlineMs: 40 })]
    expect(standing(after([...before, advance(39)]))).toEqual({ 2: 'running', 3: 'queued' })
    expect(standing(after([...before, advance(50)]))).toEqual({ 2: DEADLINE, 3: DEADLINE })
  })

  it('of a process ends it and its calls', () => {
    const s = after([spawn(1, { deadlineMs: 50 }), on('memory', 2, 1), advance(50), on('memory', 3, 1)])
    expect(s.processes[1]!.exit).toBe(DEADLINE)
    expect(standing(s)).toEqual({ 2: DEADLINE, 3: DEADLINE })
  })

  it('leaves what has settled alone', () => {
    const s = after([spawn(1), on('memory', 2, 1, { deadlineMs: 50 }), done(2), advance(50)])
    expect(standing(s)[2]).toBe('ok')
  })

  it('of a composite call covers what is nested in it', () => {
    const event = { ...all(2, 1, [3]), deadlineMs: 50 } as const
    expect(standing(after([spawn(1), event, advance(50)]))).toEqual({ 2: DEADLINE, 3: DEADLINE })
  })
})

describe('a signal', () => {
  it('that has aborted before the call rejects it without a slot', () => {
    const s = after([spawn(1), on('memory', 2, 1, { isAborted: true })])
    expect(standing(s)[2]).toBe('reason')
    expect(s.starts).toEqual([])
  })

  it('that aborts after the end changes nothing', () => {
    expect(standing(after([spawn(1), on('memory', 2, 1), done(2), abort(2)]))[2]).toBe('ok')
  })
})

describe('a call', () => {
  it('settles once: the late result of its driver is dropped', () => {
    const s = after([spawn(1), on('memory', 2, 1), abort(2), done(2), done(2)])
    expect(standing(s)[2]).toBe('reason')
    expect([onSlots(s, 'memory'), s.lanes['memory']!.queue]).toEqual([[], []])
  })

  it('keeps its outcome when its process ends later', () => {
    expect(standing(after([spawn(1), on('memory', 2, 1), done(2), exit(1)]))[2]).toBe('ok')
  })
})

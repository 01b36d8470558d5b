import { describe, expect, it } from 'vitest'
import {
  advance,
  after,
  child,
  close,
  cut,
  done,
  exit,
  kill,
  on,
  receive,
  resume,
  send,
  spawn,
  standing,
  suspend,
  thrown,
  wait,
} from './history.js'
import { onSlots, processState } from './state.js'

const KILLED = 'AIOS_PROCESS_KILLED'
const EXITED = 'AIOS_PROCESS_EXITED'

describe('the state of a process', () => {
  it('is sleeping while nothing is outstanding', () => {
    expect(processState(after([spawn(1)]), 1)).toBe('sleeping')
    expect(processState(after([spawn(1), on('memory', 2, 1), done(2)]), 1)).toBe('sleeping')
  })

  it('is running while one of its calls is on a device', () => {
    expect(processState(after([spawn(1), on('memory', 2, 1), on('memory', 3, 1)]), 1)).toBe('running')
  })

  it('is runnable while its calls only wait', () => {
    const s = after([spawn(1), spawn(2), on('memory', 3, 1), on('memory', 4, 2)])
    expect(processState(s, 2)).toBe('runnable')
  })

  it('is sleeping in receive and wait', () => {
    const s = after([spawn(1), spawn(2), receive(3, 1), wait(4, 2, 1)])
    expect([processState(s, 1), processState(s, 2)]).toEqual(['sleeping', 'sleeping'])
  })

  it('is suspended for the whole subtree', () => {
    const s = after([spawn(1), child(2, 1), child(3, 2), spawn(4), suspend(1)])
    expect([1, 2, 3, 4].map((id) => processState(s, id))).toEqual(['suspended', 'suspended', 'suspended', 'sleeping'])
  })

  it('stays suspended until every suspended process above it is resumed', () => {
    const before = [spawn(1), child(2, 1), suspend(1), suspend(1), suspend(2), resume(1)]
    expect([1, 2].map((id) => processState(after(before), id))).toEqual(['sleeping', 'suspended'])
    expect(processState(after([...before, resume(2)]), 2)).toBe('sleeping')
  })

  it('is exited in the end', () => {
    expect(processState(after([spawn(1), exit(1)]), 1)).toBe('exited')
  })
})

describe('kill', () => {
  it('takes the subtree, leaves first', () => {
    const s = after([spawn(1), child(2, 1), child(3, 1), child(4, 2), kill(1)])
    expect(s.exits).toEqual([4, 2, 3, 1])
    expect([1, 2, 3, 4].map((id) => s.processes[id]!.exit)).toEqual([KILLED, KILLED, KILLED, KILLED])
  })

  it('rejects every outstanding call of the subtree', () => {
    const calls = [on('memory', 3, 1), on('memory', 4, 2), receive(5, 2), wait(6, 1, 2)]
    expect(standing(after([spawn(1), child(2, 1), ...calls, kill(1)]))).toEqual({
      2: 'ok',
      3: KILLED,
      4: KILLED,
      5: KILLED,
      6: KILLED,
    })
  })

  it('frees the slots of the killed when their drivers settle', () => {
    const before = [spawn(1), spawn(2), on('memory', 3, 1), on('memory', 4, 2), kill(1)]
    expect(standing(after(before))[4]).toBe('queued')
    expect(standing(after([...before, done(3)]))[4]).toBe('running')
  })

  it('rejects the next call of the killed', () => {
    expect(standing(after([spawn(1), kill(1), on('memory', 2, 1)]))[2]).toBe(KILLED)
  })

  it('reaches who waits for the killed', () => {
    expect(standing(after([spawn(1), spawn(2), wait(3, 1, 2), kill(2)]))[3]).toBe('AIOS_AGENT_FAILED')
  })

  it('of all takes every process, and who waits for another one of them is killed as well', () => {
    const s = after([spawn(1), spawn(2), wait(3, 2, 1), receive(4, 2, { from: 1 }), { type: 'killAll' }])
    expect(standing(s)).toEqual({ 3: KILLED, 4: KILLED })
  })

  it('leaves a second kill without effect', () => {
    expect(after([spawn(1), kill(1), kill(1)]).exits).toEqual([1])
  })
})

describe('the signal of a process', () => {
  it('ends it and its subtree with the reason, also for later calls', () => {
    const s = after([spawn(1), child(2, 1), child(3, 2), on('memory', 4, 3), wait(5, 1, 2), cut(2), on('memory', 6, 2)])
    expect([2, 3].map((id) => s.processes[id]!.exit)).toEqual(['reason', 'reason'])
    expect(standing(s)).toMatchObject({ 4: 'reason', 5: 'AIOS_AGENT_FAILED', 6: 'reason' })
  })
})

describe('the end of an agent function', () => {
  it('kills its living children', () => {
    const s = after([spawn(1), child(2, 1), child(3, 2), exit(1)])
    expect([1, 2, 3].map((id) => s.processes[id]!.exit)).toEqual(['ok', KILLED, KILLED])
  })

  it('cancels its outstanding calls and rejects later ones', () => {
    const s = after([spawn(1), on('memory', 2, 1), on('memory', 3, 1), receive(4, 1), exit(1), on('storage', 5, 1)])
    expect(standing(s)).toEqual({ 2: EXITED, 3: EXITED, 4: EXITED, 5: EXITED })
    expect([onSlots(s, 'memory').length, s.lanes['memory']!.queue]).toEqual([1, []])
  })

  it('resolves who waits for it, also those who come later', () => {
    const s = after([spawn(1), spawn(2), wait(3, 1, 2), exit(2), wait(4, 1, 2)])
    expect(standing(s)).toEqual({ 3: 'ok', 4: 'ok' })
  })

  it('rejects who waits for a child that threw', () => {
    expect(standing(after([spawn(1), child(2, 1), wait(3, 1, 2), thrown(2)]))[3]).toBe('AIOS_AGENT_FAILED')
  })

  it('spares a detached child, whose root is the kernel', () => {
    const s = after([spawn(1), child(2, 1, { isDetached: true }), exit(1)])
    expect(processState(s, 2)).toBe('sleeping')
    expect(s.processes[2]!.parent).toBe(0)
  })
})

describe('a wait', () => {
  it('rejects for a process that never was', () => {
    expect(standing(after([spawn(1), wait(2, 1, 77)]))[2]).toBe('AIOS_NO_SUCH_PROCESS')
  })
})

describe('suspend', () => {
  it('gates calls until resume', () => {
    const before = [spawn(1), suspend(1), on('memory', 2, 1), send(3, 1, 1)]
    expect(standing(after(before))).toEqual({ 2: 'gated', 3: 'gated' })
    expect(standing(after([...before, resume(1)]))).toEqual({ 2: 'running', 3: 'ok' })
  })

  it('takes queued calls out of the order of starts', () => {
    const before = [spawn(1), spawn(2), on('memory', 3, 1), on('memory', 4, 1), on('memory', 5, 2), suspend(1), done(3)]
    expect(after(before).starts).toEqual([3, 5])
    expect(after([...before, done(5), resume(1)]).starts).toEqual([3, 5, 4])
  })

  it('holds a result back until resume, but frees the slot', () => {
    const before = [spawn(1), spawn(2), on('memory', 3, 1), on('memory', 4, 2), suspend(1), done(3)]
    expect(standing(after(before))).toEqual({ 3: 'held', 4: 'running' })
    expect(standing(after([...before, resume(1)]))[3]).toBe('ok')
  })

  it('holds a failure back as well', () => {
    const s = after([spawn(1), on('memory', 2, 1), suspend(1), { type: 'settle', call: 2, isError: true }])
    expect(standing(s)[2]).toBe('held')
  })

  it('loses to kill, close, signal and deadline', () => {
    const held = [spawn(1), on('memory', 2, 1, { deadlineMs: 50 }), suspend(1), done(2)]
    expect(standing(after([...held, kill(1)]))[2]).toBe(KILLED)
    expect(standing(after([...held, close]))[2]).toBe('AIOS_CLOSED')
    expect(standing(after([...held, { type: 'abort', call: 2 }]))[2]).toBe('reason')
    expect(standing(after([...held, advance(50)]))[2]).toBe('AIOS_DEADLINE_EXCEEDED')
  })

  it('leaves messages in the mailbox until resume', () => {
    const before = [spawn(1), spawn(2), receive(3, 1), suspend(1), send(4, 2, 1)]
    expect(after(before).processes[1]!.mailbox).toEqual([4])
    expect(after([...before, resume(1)]).calls[3]).toMatchObject({ outcome: 'ok', message: 4 })
  })

  it('holds the end of a child back from who waits for it', () => {
    const before = [spawn(1), spawn(2), wait(3, 1, 2), suspend(1), exit(2)]
    expect(standing(after(before))[3]).not.toBe('ok')
    expect(standing(after([...before, resume(1)]))[3]).toBe('ok')
  })

  it('stops the clock of wallMs but no deadline', () => {
    const before = [spawn(1, { wallMs: 50 }), advance(30), suspend(1), advance(1_000), resume(1), advance(19)]
    expect(processState(after(before), 1)).toBe('sleeping')
    expect(after([...before, advance(1)]).processes[1]!.exit).toBe(KILLED)
    const dated = after([spawn(1, { deadlineMs: 50 }), suspend(1), advance(50)])
    expect(dated.processes[1]!.exit).toBe('AIOS_DEADLINE_EXCEEDED')
  })

  it('reaches a child that is spawned later, through the call of a tool', () => {
    const s = after([spawn(1), on('tool', 2, 1), suspend(1), child(3, 1, { parent: 2 }), on('memory', 4, 3)])
    expect(processState(s, 3)).toBe('suspended')
    expect(standing(s)[4]).toBe('running')
  })
})

describe('messages', () => {
  it('wait in the mailbox, oldest first', () => {
    const s = after([spawn(1), spawn(2), send(3, 1, 2), send(4, 1, 2), receive(5, 2), receive(6, 2)])
    expect([s.calls[5]!.message, s.calls[6]!.message]).toEqual([3, 4])
  })

  it('go to the receiver that has waited longest', () => {
    const s = after([spawn(1), spawn(2), receive(3, 2), receive(4, 2), send(5, 1, 2)])
    expect(standing(s)).toEqual({ 3: 'ok', 4: 'waiting', 5: 'ok' })
  })

  it('stay in the mailbox for who asks for another sender', () => {
    const s = after([spawn(1), spawn(2), spawn(3), send(4, 1, 3), receive(5, 3, { from: 2 }), send(6, 2, 3)])
    expect(s.calls[5]!.message).toBe(6)
    expect(s.processes[3]!.mailbox).toEqual([4])
  })

  it('cannot be sent to who is not there', () => {
    const s = after([spawn(1), spawn(2), exit(2), send(3, 1, 2), send(4, 1, 77)])
    expect(standing(s)).toEqual({ 3: 'AIOS_NO_SUCH_PROCESS', 4: 'AIOS_NO_SUCH_PROCESS' })
  })

  it('are refused by a full mailbox', () => {
    const s = after([spawn(1), spawn(2), send(3, 1, 2), send(4, 1, 2)], { lanes: {}, mailboxDepth: 1 })
    expect(standing(s)).toEqual({ 3: 'ok', 4: 'AIOS_QUEUE_FULL' })
  })

  it('are not awaited from a sender that has ended', () => {
    const s = after([spawn(1), spawn(2), receive(3, 1, { from: 2 }), exit(2), receive(4, 1, { from: 2 })])
    expect(standing(s)).toEqual({ 3: 'AIOS_NO_SUCH_PROCESS', 4: 'AIOS_NO_SUCH_PROCESS' })
  })

  it('of a sender that has ended are still received', () => {
    expect(after([spawn(1), spawn(2), send(3, 2, 1), exit(2), receive(4, 1, { from: 2 })]).calls[4]!.message).toBe(3)
  })
})

describe('close', () => {
  it('ends every process and every call, and refuses what comes after', () => {
    const s = after([
      spawn(1),
      child(2, 1),
      on('memory', 3, 1),
      on('memory', 4, 2),
      close,
      on('memory', 5, 1),
      spawn(6),
    ])
    expect(standing(s)).toEqual({ 2: 'ok', 3: 'AIOS_CLOSED', 4: 'AIOS_CLOSED', 5: 'AIOS_CLOSED' })
    expect([1, 2].map((id) => s.processes[id]!.exit)).toEqual(['AIOS_CLOSED', 'AIOS_CLOSED'])
    expect(s.processes[6]).toBeUndefined()
  })
})

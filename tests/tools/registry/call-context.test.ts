import { getEventListeners } from 'node:events'
import type { Sys } from '@aios/kernel'
import { fakeDriverCall, virtualClock } from '@aios/kernel/testing'
import { expect, it } from 'vitest'
import { CallContext } from '../../../packages/tools/src/registry/call-context.js'

const clock = virtualClock()

function linked() {
  const caller = new AbortController()
  const context = new CallContext(fakeDriverCall({ signal: caller.signal }), clock)
  return { caller, context, listeners: () => getEventListeners(caller.signal, 'abort').length }
}

it('tells who calls, and hands on the syscalls and the clock', () => {
  const sys = {} as Sys
  const {
    pid,
    agent,
    callId,
    sys: handed,
    clock: given,
  } = new CallContext(fakeDriverCall({ pid: 4, agent: 'ann', sys }), clock)
  expect({ pid, agent, callId }).toEqual({ pid: 4, agent: 'ann', callId: 1 })
  expect(handed).toBe(sys)
  expect(given).toBe(clock)
})

it('listens to the caller only once a tool asks for its signal', () => {
  const { context, listeners } = linked()
  expect(listeners()).toBe(0)
  expect(context.signal).toBe(context.signal)
  expect(listeners()).toBe(1)
})

it('never touches the signal of the call for a tool that does not ask', () => {
  const call = Object.defineProperty(fakeDriverCall(), 'signal', {
    get: () => {
      throw new Error('touched')
    },
  })
  const context = new CallContext(call, clock)
  context.abort(new Error('late'))
  expect(() => {
    context.end()
  }).not.toThrow()
})

it('aborts with the reason of the caller, before or after it was asked for', () => {
  for (const isEarly of [true, false]) {
    const { caller, context } = linked()
    if (isEarly) caller.abort('stop')
    const { signal } = context
    caller.abort('stop')
    expect([signal.aborted, signal.reason]).toEqual([true, 'stop'])
  }
})

it('aborts by itself, before or after it was asked for', () => {
  for (const isEarly of [true, false]) {
    const { context } = linked()
    if (isEarly) context.abort('time')
    const { signal } = context
    context.abort('time')
    expect([signal.aborted, signal.reason]).toEqual([true, 'time'])
  }
})

it('lets go of the caller when the call ends', () => {
  const { caller, context, listeners } = linked()
  const { signal } = context
  context.end()
  context.end()
  expect(listeners()).toBe(0)
  caller.abort('too late')
  expect(signal.aborted).toBe(false)
})

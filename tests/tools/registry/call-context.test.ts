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
  const late = linked()
  late.caller.abort('stop')
  const early = linked()
  const { signal } = early.context
  early.caller.abort('stop')
  for (const seen of [late.context.signal, signal]) expect([seen.aborted, seen.reason]).toEqual([true, 'stop'])
})

it('aborts by itself, before or after it was asked for', () => {
  const late = linked().context
  late.abort('time')
  const { context: early } = linked()
  const { signal } = early
  early.abort('time')
  for (const seen of [late.signal, signal]) expect([seen.aborted, seen.reason]).toEqual([true, 'time'])
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

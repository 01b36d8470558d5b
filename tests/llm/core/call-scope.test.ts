import { virtualClock } from '@aios/kernel/testing'
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { CallScope } from '../../../packages/llm/src/core/call-scope.js'
import { failure } from './asking.js'

function scoped(caller = new AbortController(), silenceMs = 100) {
  const clock = virtualClock()
  const closed: string[] = []
  const onClose = () => void closed.push('closed')
  const scope = new CallScope({ caller: caller.signal, clock, silenceMs, onClose })
  return { scope, clock, caller, closed }
}
const translate = (error: unknown) => `translated ${String(error)}`
const never = () => new Promise<never>(() => undefined)

describe('CallScope', () => {
  it('says whether the call was stopped, by whomever', () => {
    const { scope, caller } = scoped()
    expect(scope.isStopped).toBe(false)
    caller.abort('enough')
    expect(scope.isStopped).toBe(true)
  })

  it('returns what it waited for, and translates how that failed', async () => {
    const { scope } = scoped()
    expect(await scope.wait(() => Promise.resolve(5), translate)).toBe(5)
    expect(await failure<string>(scope.wait(() => Promise.reject('trouble'), translate))).toBe('translated trouble')
    scope.close()
  })

  it('rejects at once with the reason of the caller, whatever the work does', async () => {
    const { scope, caller } = scoped()
    const waiting = failure<string>(scope.wait(never, translate))
    caller.abort('enough')
    expect(await waiting).toBe('enough')
    expect(scope.signal.aborted).toBe(true)
    expect(await failure<string>(scope.wait(() => Promise.resolve(1), translate))).toBe('enough')
  })

  it('prefers the reason of the caller to an answer or error that arrives with it', async () => {
    for (const work of [() => Promise.resolve('end'), () => Promise.reject('AbortError')]) {
      const { scope, caller } = scoped()
      const waiting = failure<string>(
        scope.wait(() => {
          const settled = work()
          caller.abort('enough')
          return settled
        }, translate),
      )
      expect(await waiting).toBe('enough')
    }
  })

  it('begins no work for a caller that gave up before', async () => {
    const caller = new AbortController()
    caller.abort('early')
    const { scope, closed } = scoped(caller)
    let isBegun = false
    const waiting = scope.wait(async () => {
      isBegun = true
    }, translate)
    expect(await failure<string>(waiting)).toBe('early')
    expect(isBegun).toBe(false)
    scope.close()
    expect(closed).toEqual(['closed'])
  })

  it('counts only time spent waiting, from the last sign', async () => {
    const { scope, clock } = scoped()
    await scope.wait(() => Promise.resolve(), translate)
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
    const first = scope.wait(
      () =>
        new Promise<string>(
          (resolve) =>
            void clock.after(60, () => {
              resolve('60')
            }),
        ),
      translate,
    )
    await clock.advance(60)
    expect(await first).toBe('60')
    const second = failure(scope.wait(never, translate))
    await clock.advance(99)
    expect(scope.signal.aborted).toBe(false)
    await clock.advance(1)
    expect((await second).code).toBe('AIOS_LLM_TIMEOUT')
    expect(clock.pending).toBe(0)
  })

  it('takes a new bound from the next wait on', async () => {
    const { scope, clock } = scoped()
    await scope.wait(() => Promise.resolve(), translate)
    scope.limitSilence(10)
    expect(clock.pending).toBe(0)
    const waiting = failure(scope.wait(never, translate))
    await clock.advance(10)
    expect((await waiting).message).toContain('within 10 ms')
    scope.limitSilence(20)
  })

  it('stops once, for the first reason', async () => {
    const { scope, closed } = scoped()
    scope.stop(() => 'first')
    scope.stop(() => 'second')
    expect(await failure<string>(scope.wait(never, translate))).toBe('first')
    expect(closed).toEqual(['closed'])
  })

  it('lets go of the signal and the timer when closed, twice or once', async () => {
    const { scope, clock, caller, closed } = scoped()
    await scope.wait(() => Promise.resolve(), translate)
    expect([getEventListeners(caller.signal, 'abort').length, clock.pending]).toEqual([1, 1])
    scope.close()
    scope.close()
    expect([getEventListeners(caller.signal, 'abort').length, clock.pending]).toEqual([0, 0])
    expect([scope.signal.aborted, closed]).toEqual([true, ['closed']])
  })

  it('leaves a provider alone that has said everything, whoever is done with it later', async () => {
    const { scope, clock, caller, closed } = scoped()
    await scope.wait(() => Promise.resolve(), translate)
    scope.complete()
    expect([getEventListeners(caller.signal, 'abort').length, clock.pending]).toEqual([0, 0])
    scope.stop(() => 'late')
    scope.close()
    expect([scope.signal.aborted, closed]).toEqual([false, ['closed']])
  })
})

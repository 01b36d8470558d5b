import type { Clock } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimerWheel, type WheelTimer } from '../../../packages/kernel/src/time/timer-wheel.js'
import { runs } from '../../setup/runs.js'

/** A wheel on a virtual clock that counts what it does with the clock's timers. */
function wheelOn(startAt = 0) {
  const clock = virtualClock(startAt)
  const seen = { delays: [] as number[], alive: false }
  const watched: Clock = {
    ...clock,
    after(delayMs, callback) {
      seen.delays.push(delayMs)
      const handle = clock.after(delayMs, callback)
      return { ...handle, ref: (alive) => void (seen.alive = alive) }
    },
  }
  return { clock, seen, wheel: new TimerWheel(watched) }
}

describe('the timer wheel', () => {
  it('calls back when the time has come, not before', async () => {
    const { clock, wheel } = wheelOn()
    const rung: string[] = []
    wheel.set(10, true, () => rung.push('ten'))
    await clock.advance(9)
    expect(rung).toEqual([])
    await clock.advance(1)
    expect([rung, clock.pending, wheel.slots]).toEqual([['ten'], 0, 0])
  })

  it('rounds up to whole milliseconds, never down', async () => {
    const { clock, wheel } = wheelOn(0.5)
    const rung: number[] = []
    wheel.set(1, true, () => rung.push(clock.now()))
    await clock.advance(1.4)
    expect(rung).toEqual([])
    await clock.advance(0.2)
    expect(rung).toEqual([2])
  })

  it('is lazy: it keeps one timer of the clock, and none while nothing is set', async () => {
    const { clock, wheel } = wheelOn()
    expect(clock.pending).toBe(0)
    for (const delay of [30, 10, 20, 10]) wheel.set(delay, true, () => undefined)
    expect(clock.pending).toBe(1)
    await clock.advance(30)
    expect(clock.pending).toBe(0)
  })

  it('calls back in the order of time, and of setting within a millisecond', async () => {
    const { clock, wheel } = wheelOn()
    const rung: string[] = []
    for (const [name, delay] of [
      ['c', 20],
      ['a', 10],
      ['d', 20],
      ['b', 10],
    ] as const) {
      wheel.set(delay, true, () => rung.push(name))
    }
    await clock.advance(20)
    expect(rung).toEqual(['a', 'b', 'c', 'd'])
  })

  it('does not call back what was cancelled, once or twice, before or after', async () => {
    const { clock, wheel } = wheelOn()
    const rung: string[] = []
    const set = (name: string) => wheel.set(10, true, () => rung.push(name))
    const [a, b, c, d] = [set('a'), set('b'), set('c'), set('d')]
    for (const timer of [b, a, a, d]) wheel.cancel(timer)
    await clock.advance(10)
    wheel.cancel(c)
    expect([rung, clock.pending]).toEqual([['c'], 0])
  })

  it('gives the timer of the clock back when the last one is cancelled', () => {
    const { clock, wheel } = wheelOn()
    const [early, late] = [wheel.set(10, true, () => undefined), wheel.set(20, true, () => undefined)]
    wheel.cancel(early)
    expect(clock.pending).toBe(1)
    wheel.cancel(late)
    expect([clock.pending, wheel.slots]).toEqual([0, 0])
  })

  it('sets the clock anew only when the next time to ring changes', () => {
    const { seen, wheel } = wheelOn()
    for (const delay of [50, 60, 70, 50]) wheel.set(delay, true, () => undefined)
    expect(seen.delays).toEqual([50])
    wheel.set(5, true, () => undefined)
    expect(seen.delays).toEqual([50, 5])
  })

  it('keeps the process alive only while a vital timer is pending', async () => {
    const { clock, seen, wheel } = wheelOn()
    wheel.set(50, false, () => undefined)
    expect(seen.alive).toBe(false)
    const vital = wheel.set(60, true, () => undefined)
    expect(seen.alive).toBe(true)
    wheel.cancel(vital)
    expect(seen.alive).toBe(false)
    wheel.set(10, true, () => undefined)
    expect(seen.alive).toBe(true)
    await clock.advance(10)
    expect(seen.alive).toBe(false)
  })

  it('lets a callback set and cancel others, also for the same moment', async () => {
    const { clock, wheel } = wheelOn()
    const rung: string[] = []
    const doomed: WheelTimer[] = []
    wheel.set(10, true, () => {
      rung.push('first')
      wheel.cancel(doomed[0]!)
      wheel.set(0, true, () => rung.push('at once'))
      wheel.set(5, true, () => rung.push('later'))
    })
    doomed.push(wheel.set(10, true, () => rung.push('doomed')))
    await clock.advance(10)
    expect(rung).toEqual(['first', 'at once'])
    await clock.advance(5)
    expect(rung).toEqual(['first', 'at once', 'later'])
  })

  it('takes a time in the past for now', async () => {
    const { clock, wheel } = wheelOn(100)
    let rung = 0
    wheel.set(-50, true, () => (rung = clock.now()))
    await clock.advance(0)
    expect(rung).toBe(100)
  })

  it('waits longer than a timer of Node can', async () => {
    const { clock, seen, wheel } = wheelOn()
    const month = 31 * 24 * 3_600_000
    let rung = 0
    wheel.set(month, true, () => (rung = clock.now()))
    await clock.advance(month)
    expect([rung, seen.delays]).toEqual([month, [2_147_483_647, month - 2_147_483_647]])
  })

  it('cancels everything on close', async () => {
    const { clock, wheel } = wheelOn()
    let rung = 0
    const timer = wheel.set(10, true, () => (rung += 1))
    wheel.set(20, false, () => (rung += 1))
    wheel.close()
    wheel.close()
    wheel.cancel(timer)
    expect([clock.pending, wheel.slots]).toEqual([0, 0])
    await clock.advance(50)
    expect(rung).toBe(0)
  })

  it('rings every timer that is left exactly once at its time, whatever is set and cancelled', async () => {
    const operation = fc.record({ delay: fc.nat(50), cancel: fc.option(fc.nat(99), { freq: 3 }), pause: fc.nat(8) })
    const property = fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
      const { clock, wheel } = wheelOn()
      const timers: { readonly timer: WheelTimer; readonly dueAt: number; isCancelled: boolean }[] = []
      const rung: number[][] = []
      const hasRung = (id: number): boolean => rung.some(([each]) => each === id)
      for (const { delay, cancel, pause } of operations) {
        const id = timers.length
        const timer = wheel.set(delay, true, () => rung.push([id, clock.now()]))
        timers.push({ timer, dueAt: clock.now() + delay, isCancelled: false })
        const victim = (cancel ?? NaN) % timers.length
        if (cancel !== null) {
          wheel.cancel(timers[victim]!.timer)
          timers[victim]!.isCancelled ||= !hasRung(victim)
        }
        await clock.advance(pause)
      }
      await clock.runAll()
      const due = timers.flatMap(({ dueAt, isCancelled }, id) => (isCancelled ? [] : [[id, dueAt] as const]))
      expect(rung).toEqual(due.toSorted(([a, one], [b, other]) => one - other || a - b))
      expect([clock.pending, wheel.slots]).toEqual([0, 0])
    })
    await fc.assert(property, { numRuns: runs(15, 500) })
  })
})

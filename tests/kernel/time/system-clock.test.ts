import { expect, it } from 'vitest'
import { systemClock } from '../../../packages/kernel/src/time/system-clock.js'

it('tells the time of the system, with fractions, and never goes back', () => {
  const times = Array.from({ length: 1_000 }, () => systemClock.now())
  expect(times.toSorted((a, b) => a - b)).toEqual(times)
  expect(Math.abs(times[0]! - Date.now())).toBeLessThan(1_000)
  expect(times.some((time) => !Number.isInteger(time))).toBe(true)
})

it('calls back after a time, unless it is cancelled', async () => {
  const rung: string[] = []
  const cancelled = systemClock.after(0, () => rung.push('cancelled'))
  await new Promise<void>((resolve) => {
    systemClock.after(0, () => {
      rung.push('kept')
      resolve()
    })
    cancelled.cancel()
    cancelled.cancel()
  })
  expect(rung).toEqual(['kept'])
})

it('keeps the process alive by a pending timer, or not, as it is told', () => {
  const timer = systemClock.after(60_000, () => undefined)
  const pending = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const alive = pending()
  timer.ref(false)
  expect(pending()).toBe(alive - 1)
  timer.ref(true)
  expect(pending()).toBe(alive)
  timer.cancel()
})

it('defers until after the microtasks that are there', async () => {
  const order: string[] = []
  const deferred = new Promise<void>((resolve) => {
    systemClock.defer(() => {
      order.push('deferred')
      resolve()
    })
  })
  void Promise.resolve().then(() => order.push('microtask'))
  await deferred
  expect(order).toEqual(['microtask', 'deferred'])
})

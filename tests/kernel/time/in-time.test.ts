import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { inTime } from '../../../packages/kernel/src/time/in-time.js'
import { TimerWheel } from '../../../packages/kernel/src/time/timer-wheel.js'

/** Something that takes so long and then ends as `end` does, but may take 100 ms. */
function bounded(takesMs: number, end: () => string) {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  let lates = 0
  const work = new Promise<string>((resolve, reject) => {
    clock.after(takesMs, () => {
      try {
        resolve(end())
      } catch (error) {
        reject(error)
      }
    })
  })
  const late = (): string => {
    lates += 1
    return 'late'
  }
  const result = inTime(work, { wheel, ms: 100, isVital: false, late })
  result.catch(() => undefined)
  return { clock, wheel, work, result, lates: () => lates }
}

const fails = (): never => {
  throw new Error('no')
}

describe('inTime', () => {
  it('gives what came in time, whatever that is, and leaves no timer', async () => {
    const good = bounded(99, () => 'good')
    await good.clock.advance(99)
    expect(await good.result).toBe('good')
    const bad = bounded(99, fails)
    await bad.clock.advance(99)
    await expect(bad.result).rejects.toThrow('no')
    for (const { clock, lates } of [good, bad]) {
      await clock.advance(1_000)
      expect(lates()).toBe(0)
    }
  })

  it('gives what stands for it when the time is up, and swallows what comes after', async () => {
    const { clock, result, lates, work } = bounded(101, fails)
    work.catch(() => undefined)
    await clock.advance(100)
    expect(await result).toBe('late')
    await clock.advance(1)
    expect(lates()).toBe(1)
  })

  it('rejects with what the end of time throws', async () => {
    const clock = virtualClock()
    const never = new Promise<never>(() => undefined)
    const result = inTime(never, { wheel: new TimerWheel(clock), ms: 100, isVital: true, late: fails })
    result.catch(() => undefined)
    await clock.advance(100)
    await expect(result).rejects.toThrow('no')
  })
})

import type { Clock, TimerHandle } from '../time/clock.js'

/** Is a clock that stands still until a test turns it. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward, firing every timer that comes due, each at its own time, and letting promises settle
   * before, between and after them.
   *
   * @param ms - milliseconds to move, 0 or more
   */
  advance(ms: number): Promise<void>
  /** Lets pending promises and deferred work settle without moving time. */
  settle(): Promise<void>
  /** Advances from timer to timer until none is pending, at most `limit` timers (default 10,000). */
  runAll(limit?: number): Promise<void>
  /** Number of pending timers. */
  readonly pending: number
}

interface VirtualTimer {
  readonly dueAt: number
  readonly order: number
  readonly callback: () => void
}

/** Lets everything that can run without a timer run: microtasks, then the macrotasks that they caused. */
async function settleAll(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1)
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
}

/**
 * Makes a clock for tests: time moves only by `advance`, so tests of time need no sleeping.
 *
 * @param startAt - milliseconds since the epoch at which it starts; default 0
 * @example
 * ```ts
 * import { virtualClock } from '@aios/kernel/testing'
 *
 * const clock = virtualClock()
 * let rang = false
 * clock.after(1_000, () => { rang = true })
 * await clock.advance(999) // rang is false
 * await clock.advance(1) // rang is true
 * ```
 */
export function virtualClock(startAt = 0): VirtualClock {
  let now = startAt
  let order = 0
  const timers = new Set<VirtualTimer>()

  function earliest(until: number): VirtualTimer | undefined {
    let first: VirtualTimer | undefined
    for (const timer of timers) {
      if (timer.dueAt > until) continue
      if (
        first === undefined ||
        timer.dueAt < first.dueAt ||
        (timer.dueAt === first.dueAt && timer.order < first.order)
      )
        first = timer
    }
    return first
  }
  async function fireUntil(until: number, limit: number): Promise<number> {
    let fired = 0
    await settleAll()
    for (let timer = earliest(until); timer !== undefined && fired < limit; timer = earliest(until)) {
      timers.delete(timer)
      now = Math.max(now, timer.dueAt)
      timer.callback()
      fired += 1
      await settleAll()
    }
    return fired
  }
  return {
    now: () => now,
    after(delayMs: number, callback: () => void): TimerHandle {
      const timer: VirtualTimer = { dueAt: now + Math.max(0, delayMs), order: (order += 1), callback }
      timers.add(timer)
      return {
        ref: () => undefined,
        cancel: () => {
          timers.delete(timer)
        },
      }
    },
    defer: (callback) => void setImmediate(callback),
    async advance(ms: number): Promise<void> {
      const until = now + ms
      await fireUntil(until, Number.POSITIVE_INFINITY)
      now = until
    },
    settle: settleAll,
    async runAll(limit = 10_000): Promise<void> {
      await fireUntil(Number.POSITIVE_INFINITY, limit)
    },
    get pending() {
      return timers.size
    },
  }
}

import type { TimerWheel } from './timer-wheel.js'

/** Is how long something may take, and what becomes of it when it takes longer. */
export interface TimeLimit<T> {
  readonly wheel: TimerWheel
  readonly ms: number
  /** Whether the wait keeps the process alive. */
  readonly isVital: boolean
  /** Called when the time is up: gives what is returned instead, or throws. */
  late(): T
}

/** Waits for something, but not longer than it may take; how it ends after that is nobody's concern. */
export function inTime<T>(work: PromiseLike<T>, { wheel, ms, isVital, late }: TimeLimit<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = wheel.set(ms, isVital, () => {
      try {
        resolve(late())
      } catch (error) {
        reject(error)
      }
    })
    work.then(
      (value) => {
        wheel.cancel(timer)
        resolve(value)
      },
      (error: unknown) => {
        wheel.cancel(timer)
        reject(error)
      },
    )
  })
}

import type { Clock, TimerHandle } from './clock.js'

const { timeOrigin } = performance

/** Is the clock of production: the system's time, made monotonic, and the system's timers. */
export const systemClock: Clock = {
  now: () => timeOrigin + performance.now(),
  after(delayMs: number, callback: () => void): TimerHandle {
    const timer = setTimeout(callback, delayMs)
    return {
      ref: (alive) => void (alive ? timer.ref() : timer.unref()),
      cancel: () => {
        clearTimeout(timer)
      },
    }
  },
  defer: (callback) => void setImmediate(callback),
}

/** Identifies a pending timer of a {@link Clock}. */
export interface TimerHandle {
  /** Keeps the process alive while the timer is pending (`true`), or not. */
  ref(alive: boolean): void
  /** Cancels the timer; doing so twice, or after it fired, is harmless. */
  cancel(): void
}

/**
 * Is the only source of time of a kernel and its drivers. Production uses the clock of the system; tests use
 * `virtualClock()` from `@aios/kernel/testing`.
 */
export interface Clock {
  /** Milliseconds since the epoch, with fractions; never goes back. */
  now(): number
  /** Runs `callback` once, `delayMs` milliseconds from now (0 or more); pending timers keep the process alive. */
  after(delayMs: number, callback: () => void): TimerHandle
  /** Runs `callback` after pending input and output had their turn. */
  defer(callback: () => void): void
}

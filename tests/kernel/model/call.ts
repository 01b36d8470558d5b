/** The end of a call: for its caller, and for its device. */
import { refund } from './budget.js'
import { dequeue } from './queue.js'
import { chain, isGated, outstanding, type Call, type State } from './state.js'

/** Gives a call up; whatever is nested in it, now or later, ends with the same code. */
export function cancel(s: State, c: Call, code: string): void {
  if (c.phase === 'settled') return
  c.cancelled = code
  settle(s, c, code)
}

/** Ends a call for its caller, and with it whatever is nested in it. What is on a device stays there as a zombie. */
export function settle(s: State, c: Call, outcome: string): void {
  dequeue(s, c)
  c.phase = 'settled'
  c.outcome = outcome
  endNested(s, c)
  if (!c.isOnDevice) c.locks = []
  else if (c.op.isPolite) release(s, c, 0)
  else c.abandonAt = s.now + s.abandonAfterMs
}

/** Ends what is nested in a call; if that was given up, also the calls of processes that it spawned. */
function endNested(s: State, c: Call): void {
  const isUnder = (x: Call): boolean => x.parent === c.id || (c.cancelled !== undefined && chain(s, x)[0] === c)
  for (const x of outstanding(s)) if (isUnder(x)) cancel(s, x, c.cancelled ?? 'AIOS_PROCESS_EXITED')
}

/** Takes a call off its device: slot, locks and reservation are free from here on. */
export function release(s: State, c: Call, usedTokens: number): void {
  c.isOnDevice = false
  c.abandonAt = undefined
  c.locks = []
  refund(s, c, usedTokens)
}

/** The driver is done. Its result goes to the caller, or is held back while the caller is suspended, or is too late. */
export function driverSettles(s: State, c: Call, { isError = false, tokens = 0 }): void {
  if (!c.isOnDevice) return
  const isLate = c.phase === 'settled'
  release(s, c, isError || isLate || c.op.input === undefined ? 0 : tokens)
  if (isLate) return
  const outcome = isError ? 'AIOS_DRIVER_FAILED' : 'ok'
  endNested(s, c)
  if (isGated(s, c)) Object.assign(c, { phase: 'held', outcome })
  else settle(s, c, outcome)
}

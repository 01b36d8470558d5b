import { intend } from '../journal/record-call.js'
import { reserve, weigh, type Account, type Verdict } from '../process/budget.js'
import { mayStart } from './admit.js'
import { parkAt, passTurn } from './charge.js'
import { wait } from './wait.js'
import { PENDING } from './syscall-row.js'
import { deliver, driverDone, freeDevice } from './settle.js'
import { factOf } from './syscall.js'
import { STATE, transition, type Syscall } from './syscall.js'

/**
 * Starts a call that has got its slot, or needs none: budget first, then the device, in the caller's async context.
 *
 * @param now - the time, if whoever gave the slot has just read it
 */
export function begin(call: Syscall, now?: number): void {
  const { kernel, process } = call.caller
  if (call.extras?.unsized !== undefined) {
    driverDone(call, false, call.extras.unsized.error)
    return
  }
  if (call.extras?.allowance !== undefined && !mayStart(call)) return
  const account = process.account
  // A call that goes on after a cut still has what it reserved.
  const asks = account !== undefined && call.row.need !== undefined && account.metered && !call.extras?.reservation
  if (asks && !affordable(call, account)) return
  // A call that never waited starts when it was made; a clock costs as much as the rest of this function.
  call.startedAt = call.state === STATE.fresh ? call.createdAt : (now ?? kernel.clock.now())
  transition(call, STATE.running)
  if (kernel.hub.wanted['syscall:started'] > 0) kernel.hub.push('syscall:started', factOf(call))
  if (call.record !== undefined && intend(call, enter)) return
  enter(call)
}

function enter(call: Syscall): void {
  if (call.scope === undefined) run(call)
  else call.scope.run(run, call)
}

/** Calls the driver and waits for it, if there is anything to wait for. */
function run(call: Syscall): void {
  let result: unknown
  try {
    result = call.row.execute(call)
  } catch (error) {
    driverDone(call, false, error)
    return
  }
  if (result === PENDING) return
  if (!isThenable(result)) {
    driverDone(call, true, result)
    return
  }
  // A thenable that is no promise may call back twice; a promise made of it cannot.
  const promise = result instanceof Promise ? result : Promise.resolve(result)
  promise.then(
    (value: unknown) => {
      driverDone(call, true, value)
    },
    (error: unknown) => {
      driverDone(call, false, error)
    },
  )
}

/** Tells whether a value has to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Reserves what the call may use; otherwise gives its slot back and parks it, or rejects it. */
function affordable(call: Syscall, account: Account): boolean {
  let verdict: Verdict
  try {
    verdict = verdictOn(call, account)
  } catch (error) {
    // The core could not say what it needs.
    driverDone(call, false, error)
    return false
  }
  if (verdict.kind === 'fits') return true
  freeDevice(call)
  if (verdict.kind === 'waits') {
    wait(call)
    parkAt(call, verdict.account)
  } else {
    passTurn(call)
    deliver(call, false, verdict.error)
  }
  return false
}

/** Asks the budgets of a call, and takes from them what they grant. */
function verdictOn(call: Syscall, account: Account): Verdict {
  const need = call.extras?.need ?? call.row.need?.(call)
  if (need === undefined) return { kind: 'fits', outputTokens: 0 }
  const verdict = weigh(account, need)
  const extras = call.rare()
  extras.need = need
  if (verdict.kind === 'fits') {
    extras.reservation = reserve(account, need, verdict.outputTokens)
    call.row.clip?.(call, verdict.outputTokens)
    passTurn(call)
  }
  return verdict
}

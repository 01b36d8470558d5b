import type { KernelState } from '../kernel-state.js'
import { reserve, weigh } from '../process/budget.js'
import { wait } from './enter-lane.js'
import { PENDING } from './syscall-row.js'
import { driverDone, factOf, freeDevice, settle } from './settle.js'
import { STATE, transition, type Syscall } from './syscall.js'

/** Starts a call that has got its slot, or needs none: budget first, then the device, in the caller's async context. */
export function begin(call: Syscall): void {
  const { kernel, process } = call.caller
  const account = process.account
  if (account !== undefined && call.row.need !== undefined && account.metered && !affordable(call)) return
  // A call that never waited starts when it was made; a clock costs as much as the rest of this function.
  call.startedAt = call.state === STATE.fresh ? call.createdAt : kernel.clock.now()
  transition(call, STATE.running)
  if (kernel.hub.wanted['syscall:started'] > 0) kernel.hub.push('syscall:started', factOf(call))
  const scope = call.extras?.scope
  if (scope === undefined) run(call)
  else scope.run(run, call)
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
    (value: unknown) => { driverDone(call, true, value) },
    (error: unknown) => { driverDone(call, false, error) },
  )
}

/** Tells whether a value has to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Reserves what the call may use; otherwise gives its slot back and parks it, or rejects it. */
function affordable(call: Syscall): boolean {
  const { kernel, process } = call.caller
  const account = process.account
  const need = call.row.need?.(call)
  if (account === undefined || need === undefined) return true
  const verdict = weigh(account, need)
  if (verdict.kind === 'fits') {
    call.rare().reservation = reserve(account, need, verdict.outputTokens)
    call.row.clip?.(call, verdict.outputTokens)
    for (const at of account.chain()) wakeParked(kernel, at.parked.shift() as Syscall | undefined)
    return true
  }
  freeDevice(call)
  if (verdict.kind === 'waits') {
    wait(call)
    verdict.account.parked.push(call)
  } else {
    settle(call, 'rejected', verdict.error)
  }
  return false
}

function wakeParked(kernel: KernelState, call: Syscall | undefined): void {
  if (call !== undefined) kernel.awakened.push(call)
}

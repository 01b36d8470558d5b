import type { KernelState } from '../kernel-state.js'
import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import type { Outcome } from '../event/metrics.js'
import { keepBack, recordSettled } from '../journal/record-settled.js'
import { freeAllowance } from './allowance.js'
import { chargeUsage, freeReservation, passTurn } from './charge.js'
import { divert, nextAttempt, pause } from './retry.js'
import { executionMs } from './execution.js'
import { recordOf } from './syscall-record-of.js'
import { factOf, SLOT, STATE, transition, type Syscall } from './syscall.js'

const ignore = (): undefined => undefined

/** Swallows a rejection that the kernel itself originated: nobody has to listen for it. */
export function quiet(promise: Promise<unknown>): void {
  promise.catch(ignore)
}

/** Takes what a driver, or a direct row, made of a call. */
export function driverDone(call: Syscall, fulfilled: boolean, value: unknown): void {
  const { kernel } = call.caller
  if (call.state === STATE.settled) {
    lateResult(call, fulfilled)
  } else {
    call.lane?.gate?.heard(call, fulfilled, value)
    if (fulfilled && call.row.usage !== undefined) chargeUsage(call, call.row.usage(call, value))
    call.row.attempted?.(call, fulfilled, value)
    const next = fulfilled ? undefined : nextAttempt(call, value)
    const lane = freeDevice(call)
    if (next === undefined) deliver(call, fulfilled, fulfilled ? value : driverError(call, value))
    else if (next.detour === undefined) pause(call, next.delayMs)
    else divert(call, next.detour)
    kernel.wake(lane)
  }
  kernel.hub.relieve()
}

/** A driver that settles after its call was given up: its slot comes back now, its result goes nowhere. */
function lateResult(call: Syscall, fulfilled: boolean): void {
  if (!call.onDevice) return
  const lane = freeDevice(call)
  if (fulfilled) {
    // Nobody wants the answer any more, but the core did give one.
    call.lane?.gate?.heard(call, true, undefined)
    if (wasRead(call)) call.row.attempted?.(call, true, undefined)
    else abandoned(call, 'late-result')
  }
  call.caller.kernel.wake(lane)
}

/** Whether a call ended because its consumer had the whole stream: its core may still be closing, and nothing is lost. */
function wasRead({ extras }: Syscall): boolean {
  return extras?.stream !== undefined && extras.cancelledBy === undefined
}

/** Reports that a driver's work was thrown away. */
export function abandoned(call: Syscall, why: 'late-result' | 'slot-reclaimed'): void {
  const { kernel } = call.caller
  const device = call.device?.id ?? ''
  kernel.log.warn('driver result abandoned', { device, syscall: call.id, why })
  kernel.hub.push('driver:abandoned', { ...factOf(call), device, why })
}

/** Makes an AiosError of what a driver threw, unless it is one or is the caller's own abort reason. */
export function driverError(call: Syscall, error: unknown): unknown {
  if (AiosError.is(error)) return error
  const signal = call.extras?.signal
  if (signal?.aborted === true && error === signal.reason) return error
  const { kernel } = call.caller
  const device = call.device?.id ?? call.row.name
  kernel.hub.push('driver:failed', { device, message: errorText(error), at: kernel.clock.now() })
  return new AiosError('AIOS_DRIVER_FAILED', `Device ${device} failed in ${call.row.name}: ${errorText(error)}`, {
    cause: error,
  })
}

/** Gives the outcome to whoever waits for it: a hook, a suspended process later, or the caller. */
export function deliver(call: Syscall, fulfilled: boolean, value: unknown): void {
  if (call.extras?.claim?.take(call, fulfilled, value) === true) return
  const intercept = call.extras?.intercept
  if (intercept !== undefined) {
    if (call.state !== STATE.waiting) transition(call, STATE.waiting)
    ;(call.extras as { intercept: undefined }).intercept = undefined
    intercept(fulfilled, value)
  } else if (
    call.record?.run.replay !== undefined &&
    keepBack(call, () => {
      deliver(call, fulfilled, value)
    })
  ) {
    return
  } else if (call.owner.frozen > 0 && !call.underSlot) {
    transitionToHeld(call)
    if (call.extras?.children !== undefined && call.row.runs !== 'direct') endNested(call)
    call.rare().held = { fulfilled, value }
  } else {
    settle(call, fulfilled ? 'fulfilled' : 'rejected', value)
  }
}

function transitionToHeld(call: Syscall): void {
  if (call.state !== STATE.running) transition(call, STATE.running)
  transition(call, STATE.held)
}

/** Settles a call: commits the state, unlinks it, queues the event, then resolves. */
export function settle(call: Syscall, outcome: Outcome, value: unknown): void {
  const { kernel } = call.caller
  transition(call, STATE.settled)
  call.owner.unlink(call)
  call.parent?.extras?.children?.delete(call)
  if (call.extras !== undefined) letGo(call, kernel)
  if (call.extras?.children !== undefined && call.row.runs !== 'direct') endNested(call)
  const endedAt = kernel.clock.now()
  const lane = call.lane
  if (lane !== undefined) {
    const ranMs = executionMs(call, endedAt)
    const turnaroundMs = endedAt - call.createdAt
    lane.wait.add(turnaroundMs - ranMs)
    lane.turnaround.add(turnaroundMs)
    if (call.startedAt !== undefined) lane.service.add(ranMs, endedAt, outcome === 'fulfilled')
  }
  if (call.record !== undefined) recordSettled(call, outcome, value)
  kernel.metrics.settled += 1
  kernel.metrics.outstanding -= 1
  call.row.counter[outcome] += 1
  // Queued before the promise settles, so that listeners have heard of it when the caller goes on.
  if (kernel.hub.wanted['syscall:settled'] > 0)
    kernel.hub.push('syscall:settled', recordOf(call, { outcome, endedAt, error: value }))
  if (outcome === 'fulfilled') call.resolve(value)
  else call.reject(value)
  // Hooks that wait for the call go on, though their answer no longer counts.
  call.extras?.intercept?.(outcome === 'fulfilled', value)
}

/** Cancels what was made under a call and not awaited: it would run on a slot that is no longer there. */
function endNested(call: Syscall): void {
  const { kernel } = call.caller
  for (const nested of [...(call.extras?.children ?? [])])
    if (nested.owner.origin !== call) kernel.cancel(nested, outlived(call))
}

/** Makes the error of a call whose parent has ended. */
export function outlived(parent: Syscall): AiosError {
  return new AiosError(
    'AIOS_PROCESS_EXITED',
    `Call ${parent.id} (${parent.row.name}), which this call was made under, has ended. Await nested calls before returning.`,
  )
}

/** Takes the deadline of a call away. */
export function stopClock({ extras, caller }: Syscall): void {
  if (extras?.deadline === undefined) return
  caller.kernel.wheel.cancel(extras.deadline)
  extras.deadline = undefined
}

/** Drops the listeners and timers of a call, and what it was to give back. */
function letGo(call: Syscall, kernel: KernelState): void {
  const extras = call.extras
  if (extras === undefined) return
  if (extras.onAbort !== undefined) extras.signal?.removeEventListener('abort', extras.onAbort)
  stopClock(call)
  if (extras.idle !== undefined) kernel.wheel.cancel(extras.idle)
  extras.onAbort = undefined
  extras.idle = undefined
  extras.held = undefined
  extras.claim?.left(call)
  passTurn(call)
}

/**
 * Takes slot, locks and reservation back from a call whose driver is done with it. Whoever could go on because of it is
 * noted, and goes on when the caller calls `wake` with the lane that is returned: after the call is delivered.
 */
export function freeDevice(call: Syscall): Syscall['lane'] {
  const { kernel } = call.caller
  const extras = call.extras
  const borrowed = call.slot === SLOT.borrowed
  const lane = freeSlot(call)
  if (extras === undefined) return lane
  if (extras.abandonment !== undefined) kernel.wheel.cancel(extras.abandonment)
  extras.abandonment = undefined
  if (extras.allowance !== undefined) freeAllowance(call)
  if (extras.reservation !== undefined) freeReservation(call)
  kernel.awakened.push(...kernel.locks.release(call))
  if (borrowed) nextGuest(kernel, extras.host)
  return lane
}

/** Takes only its own slot back from a call; returns the lane, to be pumped. */
export function freeSlot(call: Syscall): Syscall['lane'] {
  const lane = call.slot === SLOT.own ? call.lane : undefined
  call.slot = SLOT.none
  lane?.release(call)
  return lane
}

/** Lets the next nested call onto its host's slot. */
export function nextGuest(kernel: KernelState, host: Syscall | undefined): void {
  const extras = host?.extras
  if (extras === undefined) return
  const next = extras.guests?.shift() as Syscall | undefined
  extras.guest = next
  if (next !== undefined) kernel.awakened.push(next)
}

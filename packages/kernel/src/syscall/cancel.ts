import { TaskList } from '../scheduler/task-list.js'
import { freeReservation } from './charge.js'
import { freeAllowance, leaveQuota } from './allowance.js'
import { abandoned, freeDevice, nextGuest, quiet, settle } from './settle.js'
import { STATE, type Syscall } from './syscall.js'
import { wait } from './wait.js'

/**
 * Gives a call up: it rejects at once, with everything made under it, innermost first. A driver that has it is told by its
 * signal and keeps the slot until it settles, at most `limits.abandonAfterMs`. The caller of this wakes and flushes.
 */
export function cancel(call: Syscall, reason: unknown): void {
  if (call.state === STATE.settled) return
  const extras = call.rare()
  extras.cancelledBy = reason
  for (const child of [...(extras.children ?? [])]) cancel(child, reason)
  withdraw(call)
  quiet(call.promise)
  settle(call, 'cancelled', reason)
  extras.device?.abort(reason)
  giveUp(call, reason)
}

/** Tells the driver of a settled call to stop, and takes the slot back if it does not in time. */
export function giveUp(call: Syscall, reason: unknown): void {
  if (call.onDevice) abandonLater(call)
  else if (call.extras?.reservation !== undefined) freeReservation(call)
  call.extras?.controller?.abort(reason)
}

/** Takes a call out of whatever it waits in, and gives back the keys it holds for that. */
export function withdraw(call: Syscall): void {
  const { kernel } = call.caller
  if (call.state === STATE.queued) call.lane?.withdraw(call)
  else if (call.state === STATE.waiting && !kernel.locks.leave(call) && call.list instanceof TaskList)
    call.list.remove(call)
  call.extras?.unwait?.()
  leaveQuota(call)
  if (!call.onDevice) freeAllowance(call)
  const host = call.extras?.host
  if (!call.onDevice && host?.extras?.guest === call) nextGuest(kernel, host)
  if (!call.onDevice && call.extras?.keys !== undefined) kernel.awakened.push(...kernel.locks.release(call))
}

/**
 * Rejects a call that was cut and has no core any more to go on; its consumer gets the parts delivered before. The rest
 * goes the way of every failing core.
 */
export function loseCore(call: Syscall, error: unknown): void {
  withdraw(call)
  wait(call)
  call.extras?.device?.abort(error)
}

/** Is told that a core has not let go of a call in time. A call that was cancelled meanwhile needs its slot no more. */
export function notLetGo(call: Syscall): void {
  if (call.state === STATE.settled) reclaim(call)
  else abandoned(call, 'slot-reclaimed')
}

function abandonLater(call: Syscall): void {
  const { kernel } = call.caller
  call.rare().abandonment = kernel.wheel.set(kernel.limits.abandonAfterMs, false, () => {
    reclaim(call)
  })
}

/** Takes the slot of a settled call back from a driver that still has it. */
function reclaim(call: Syscall): void {
  if (!call.onDevice) return
  const { kernel } = call.caller
  const lane = freeDevice(call)
  abandoned(call, 'slot-reclaimed')
  kernel.wake(lane)
  kernel.hub.flush()
}

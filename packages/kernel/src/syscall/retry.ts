import { AiosError } from '../error/aios-error.js'
import { factOf, type CallExtras, type Syscall } from './syscall.js'
import type { Detour } from './syscall-row.js'
import { wait } from './wait.js'

/** Says how a call is tried again: after a pause in milliseconds, or at once on another device. */
export interface NextAttempt {
  readonly delayMs: number
  readonly detour: Detour | undefined
}

/**
 * Decides whether a call whose device failed is tried again, and notes the attempt that failed. Another device comes first;
 * with none left, the call waits for its own.
 *
 * @returns undefined if the error is the answer
 */
export function nextAttempt(call: Syscall, error: unknown): NextAttempt | undefined {
  const retries = call.row.repeats === true ? call.lane?.gate?.retries : undefined
  if (retries === undefined || call.startedAt === undefined) return undefined
  // What a consumer was given of a stream cannot be taken back.
  if (call.extras?.stream?.device.begun === true) return undefined
  const { kernel } = call.caller
  const now = kernel.clock.now()
  const attempts = call.extras?.attempts ?? []
  const attempt = attempts.length + 1
  const detour = retries.mayPass(error, attempt) && now < call.dueAt ? call.row.elsewhere?.(call) : undefined
  const delayMs = detour === undefined ? retries.delayMs(error, attempt, now) : 0
  if (delayMs === undefined || now + delayMs >= call.dueAt) return undefined
  const errorCode = AiosError.is(error) ? error.code : undefined
  const failed = { lane: call.lane?.id ?? '', startedAt: call.startedAt, endedAt: now, errorCode }
  call.rare().attempts = [...attempts, failed]
  kernel.hub.push('syscall:retried', {
    ...factOf(call),
    attempt,
    errorCode,
    delayMs,
    nextLane: (detour?.lane ?? call.lane)?.id ?? '',
  })
  return { delayMs, detour }
}

/** Sends a call that has given everything back to another device. */
export function divert(call: Syscall, detour: Detour): void {
  const extras = beginAnew(call)
  // What it needs there, and what that costs, is another question.
  extras.need = undefined
  extras.size = undefined
  extras.unsized = undefined
  detour.take()
  call.caller.kernel.awakened.push(call)
}

/** Has a call wait as one that was on no device. */
function beginAnew(call: Syscall): CallExtras {
  const extras = call.rare()
  extras.usage = undefined
  extras.costUsd = undefined
  extras.firstPartAt = undefined
  // It is on no device: whoever removes the device, or counts time, is to see that.
  call.startedAt = undefined
  // It begins anew: nothing of what was cut is gone on with.
  extras.context = undefined
  wait(call)
  return extras
}

/** Lets a call that has given everything back enter its lane again after a pause. */
export function pause(call: Syscall, delayMs: number): void {
  const { kernel } = call.caller
  const extras = beginAnew(call)
  const timer = kernel.wheel.set(delayMs, true, () => {
    extras.unwait = undefined
    kernel.awakened.push(call)
    kernel.settleDown()
  })
  extras.unwait = () => {
    extras.unwait = undefined
    kernel.wheel.cancel(timer)
  }
}

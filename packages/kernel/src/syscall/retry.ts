import { AiosError } from '../error/aios-error.js'
import { factOf, type Syscall } from './syscall.js'
import { wait } from './wait.js'

/**
 * Decides whether a call whose device failed is tried again, and notes the attempt that failed.
 *
 * @returns the pause before the next attempt in milliseconds; undefined if the error is the answer
 */
export function nextAttempt(call: Syscall, error: unknown): number | undefined {
  const retries = call.row.repeats === true ? call.lane?.gate?.retries : undefined
  if (retries === undefined || call.startedAt === undefined) return undefined
  // What a consumer was given of a stream cannot be taken back.
  if (call.extras?.stream?.device.begun === true) return undefined
  const { kernel } = call.caller
  const now = kernel.clock.now()
  const attempts = call.extras?.attempts ?? []
  const delayMs = retries.delayMs(error, attempts.length + 1, now)
  if (delayMs === undefined || now + delayMs >= call.dueAt) return undefined
  const errorCode = AiosError.is(error) ? error.code : undefined
  const failed = { lane: call.lane?.id ?? '', startedAt: call.startedAt, endedAt: now, errorCode }
  call.rare().attempts = [...attempts, failed]
  kernel.hub.push('syscall:retried', { ...factOf(call), attempt: attempts.length + 1, errorCode, delayMs })
  return delayMs
}

/** Lets a call that has given everything back enter its lane again after a pause. */
export function pause(call: Syscall, delayMs: number): void {
  const { kernel } = call.caller
  const extras = call.rare()
  extras.usage = undefined
  extras.costUsd = undefined
  // It is on no device: whoever removes the device, or counts time, is to see that.
  call.startedAt = undefined
  // It begins anew: nothing of what was cut is gone on with.
  extras.context = undefined
  wait(call)
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

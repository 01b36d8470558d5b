import { AiosError } from '../error/aios-error.js'
import { enterLane } from './enter-lane.js'
import { freeDevice } from './settle.js'
import { factOf, type Syscall } from './syscall.js'
import { wait } from './wait.js'

/**
 * Makes a failed call wait for another attempt, if its error may pass: it gives everything back, as if it had ended, and
 * enters its lane again after a pause.
 *
 * @returns whether it did; if not, the error is the answer
 */
export function retried(call: Syscall, error: unknown): boolean {
  const retries = call.row.repeats === true ? call.lane?.retries : undefined
  if (retries === undefined || call.startedAt === undefined) return false
  const { kernel } = call.caller
  const now = kernel.clock.now()
  const attempts = call.extras?.attempts ?? []
  const delayMs = retries.delayMs(error, attempts.length + 1, now)
  if (delayMs === undefined || now + delayMs >= call.dueAt) return false
  const extras = call.rare()
  const errorCode = AiosError.is(error) ? error.code : undefined
  extras.attempts = [...attempts, { lane: call.lane?.id ?? '', startedAt: call.startedAt, endedAt: now, errorCode }]
  const lane = freeDevice(call)
  // It is on no device: whoever removes the device, or counts time, is to see that.
  call.startedAt = undefined
  extras.usage = undefined
  extras.costUsd = undefined
  wait(call)
  kernel.hub.push('syscall:retried', { ...factOf(call), attempt: attempts.length + 1, errorCode, delayMs })
  const timer = kernel.wheel.set(delayMs, true, () => {
    extras.unwait = undefined
    enterLane(call)
    kernel.settleDown()
  })
  extras.unwait = () => {
    extras.unwait = undefined
    kernel.wheel.cancel(timer)
  }
  kernel.wake(lane)
  return true
}

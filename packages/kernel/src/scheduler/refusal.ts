import { AiosError } from '../error/aios-error.js'
import { STATE, type Syscall } from '../syscall/syscall.js'
import type { Lane } from './lane.js'

/** Makes the error of a call that finds the queue of a lane full, or has to leave it for another. */
export function queueFull(lane: Lane, why = ''): AiosError {
  const { id, depth } = lane
  return new AiosError(
    'AIOS_QUEUE_FULL',
    `Lane ${id} already has ${depth} calls waiting. ${why}${why && ' '}Await kernel.ready('${id}') before calling, or raise the depth of the device.`,
    { details: { lane: id, depth }, retryAfterMs: timeToDrain(lane) },
  )
}

/** Time in which what waits now will have been served, by Little's law: queue length over throughput. Unknown before the first call ended. */
function timeToDrain({ queued, concurrency, service: { calls, ms } }: Lane): number | undefined {
  return calls > 0 ? Math.ceil((queued * ms) / calls / concurrency) : undefined
}

/** Makes the error of a call that not even the quickest call of late would have left the time for; undefined if there is time. */
export function tooLate(lane: Lane, call: Syscall, now: () => number): AiosError | undefined {
  const at = call.state === STATE.fresh ? call.createdAt : now()
  const leftMs = call.dueAt - at
  const shortestMs = lane.service.shortest(at)
  if (leftMs >= shortestMs) return undefined
  return new AiosError(
    'AIOS_DEADLINE_EXCEEDED',
    `${call.row.name} has ${leftMs} ms left, and the quickest of the last calls of ${lane.id} took ${shortestMs} ms: it was not started. Give it more time.`,
    { details: { lane: lane.id, leftMs, shortestMs } },
  )
}

/** Makes the error of a call whose device was removed before it could go on. */
export function removed({ id }: Lane): AiosError {
  return new AiosError('AIOS_NO_DEVICE', `Device ${id} was removed before this call could go on.`)
}

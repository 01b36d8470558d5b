import type { CallMeta } from '../../driver/chat.js'
import { executionMs, firstStartOf } from '../execution.js'
import type { Syscall } from '../syscall.js'

/** Says how a call ran that its device has just answered. */
export function callMeta(call: Syscall): CallMeta {
  const endedAt = call.caller.kernel.clock.now()
  const startedAt = firstStartOf(call) ?? endedAt
  const ranMs = executionMs(call, endedAt)
  return {
    syscallId: call.id,
    waitMs: endedAt - call.createdAt - ranMs,
    executionMs: ranMs,
    attempts: [
      ...(call.extras?.attempts ?? []),
      { lane: call.lane?.id ?? '', startedAt, endedAt, errorCode: undefined },
    ],
  }
}

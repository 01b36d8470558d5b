import { SLOT, type Syscall } from '../../syscall/syscall.js'

/** Has the driver serve a call with its batch, and returns what comes of it; undefined if it is in none. */
export function boarded(call: Syscall, request: unknown): Promise<unknown> | undefined {
  const batch = call.extras?.batch
  if (batch !== undefined) return batch.board(call, request)
  return call.slot === SLOT.borrowed ? call.lane?.alone(call) : undefined
}

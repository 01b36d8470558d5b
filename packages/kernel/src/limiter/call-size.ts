import type { Need } from '../process/budget.js'
import type { Syscall } from '../syscall/syscall.js'

/** Is how large a call may get. */
export interface CallSize extends Need {
  /** Tokens of its input, estimated from its length: what limits learn to correct. */
  readonly estimate: number
}

/** Is the size of what is not sent. */
const NOTHING: CallSize = { inputTokens: 0, outputTokens: 0, inputUsd: 0, outputUsd: 0, estimate: 0 }

/**
 * Returns how large a call may get. Read from its request once, when that changes no more: it takes a look at every
 * character. A core that cannot say is noted as the failure of the call, which then has no size and fails when it begins.
 */
export function sizeOf(call: Syscall): CallSize {
  const extras = call.rare()
  if (extras.size === undefined) {
    try {
      extras.need ??= call.row.need?.(call)
      extras.size = extras.need === undefined ? NOTHING : { ...extras.need, estimate: call.inputTokens }
    } catch (error) {
      extras.unsized = { error }
      extras.size = NOTHING
    }
  }
  return extras.size
}

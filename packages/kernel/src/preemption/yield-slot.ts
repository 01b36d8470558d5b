import type { Syscall } from '../syscall/syscall.js'
import { factOf } from '../syscall/syscall.js'
import { freeSlot } from '../syscall/settle.js'
import { wait } from '../syscall/wait.js'
import { ProcessContext, type Snapshot } from './process-context.js'

/** Is a cut: what is kept, and what it cost. */
export interface Cut {
  readonly snapshot: Snapshot
  /** Milliseconds that saving took. */
  readonly ms: number
  /** Tokens that were generated and are thrown away. */
  readonly lostTokens: number
}

/**
 * Takes a call off its core after a cut: it gives its slot back and waits for another, keeping its budget's reservation.
 * If its process is suspended it waits for that to end first.
 */
export function yieldSlot(call: Syscall, { snapshot, ms, lostTokens }: Cut): void {
  const { kernel } = call.caller
  const now = kernel.clock.now()
  const context = (call.rare().context ??= new ProcessContext(call.startedAt ?? now))
  const { kind, outputTokens } = snapshot
  context.snapshot = snapshot
  context.ranMs += now - (call.startedAt ?? now)
  context.overheadTokens += lostTokens
  context.savingMs = ms
  kernel.hub.push('syscall:preempted', { ...factOf(call), slice: context.slices, outputTokens })
  kernel.hub.push('context:saved', { ...factOf(call), kind, outputTokens, ms })
  const lane = freeSlot(call)
  // Whoever suspends a process gets no slot for it.
  if (kind === 'prefix' && call.owner.frozen === 0) lane?.slices?.owes(call, againOf(call, outputTokens) + lostTokens)
  wait(call)
  // It is on no device: whoever removes the device, or counts time, is to see that.
  call.startedAt = undefined
  kernel.awakened.push(call)
  kernel.wake(lane)
  kernel.hub.relieve()
}

/** Tokens that a core works through again before it goes on from text. */
function againOf(call: Syscall, outputTokens: number): number {
  return (call.row.inputTokens?.(call) ?? 0) + outputTokens
}

/** Notes that a call is on its core again; returns what it goes on from. */
export function takeUp(call: Syscall, context: ProcessContext): Snapshot {
  const { kernel } = call.caller
  const snapshot = context.snapshot as Snapshot
  const { kind, outputTokens } = snapshot
  const overheadTokens = kind === 'prefix' ? againOf(call, outputTokens) : 0
  context.snapshot = undefined
  context.slices += 1
  context.overheadTokens += overheadTokens
  context.tokensBefore = outputTokens
  kernel.hub.push('context:restored', { ...factOf(call), kind, outputTokens, overheadTokens })
  return snapshot
}

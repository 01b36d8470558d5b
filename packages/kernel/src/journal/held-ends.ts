import type { KernelState } from '../kernel-state.js'
import { endProcess } from '../process/end-process.js'
import type { ProcessEnd } from '../process/process-end.js'
import type { Process } from '../process/process.js'

/**
 * Keeps back the ends of processes that had more of their calls answered before they ended: who ends in the very turn in which
 * others of its calls are answered may be quicker when it is gone through again.
 */
export class HeldEnds {
  readonly #ends = new Map<Process, ProcessEnd>()

  /** Keeps back an end, and returns whether it did. */
  hold(process: Process, end: ProcessEnd): boolean {
    if (!isAnsweredBefore(process)) return false
    this.#ends.set(process, end)
    return true
  }

  /** Ends those that nothing is to be answered to any more. */
  release(kernel: KernelState): void {
    for (const [process, end] of this.#ends) {
      if (isAnsweredBefore(process)) continue
      this.#ends.delete(process)
      if (process.end !== undefined) continue
      endProcess(kernel, process, end)
      kernel.settleDown()
    }
  }
}

/** Whether a call of a process, or of one that ends with it, is still to be answered as it was before that end, which cancels all others. */
function isAnsweredBefore(process: Process): boolean {
  for (const { record } of process.outstanding())
    if (record?.entry !== undefined && record.entry.outcome !== 'cancelled') return true
  for (const child of process.children ?? []) if (!child.detached && isAnsweredBefore(child)) return true
  return false
}

import type { KernelState } from '../kernel-state.js'
import { endProcess } from '../process/end-process.js'
import type { ProcessEnd } from '../process/process-end.js'
import type { Process } from '../process/process.js'
import type { Syscall } from '../syscall/syscall.js'

/**
 * Keeps back the ends of processes that had more of their calls answered before they ended: who ends in the very turn in which
 * others of its calls are answered may be quicker when it is gone through again.
 */
export class HeldEnds {
  readonly #ends = new Map<Process, ProcessEnd>()

  /**
   * Keeps back an end, and returns whether it did.
   *
   * @param asked - calls that are still to be answered from their lines
   */
  hold(process: Process, end: ProcessEnd, asked: ReadonlyMap<number, Syscall>): boolean {
    if (!isAnsweredBefore(process, asked)) return false
    this.#ends.set(process, end)
    return true
  }

  /** Ends those that nothing is to be answered to any more. */
  release(kernel: KernelState, asked: ReadonlyMap<number, Syscall>): void {
    for (const [process, end] of this.#ends) {
      if (process.end === undefined && isAnsweredBefore(process, asked)) continue
      this.#ends.delete(process)
      if (process.end !== undefined) continue
      endProcess(kernel, process, end)
      kernel.settleDown()
    }
  }
}

/** Whether a call of a process, or of one that ends with it, was answered before it ended: its end cancels all others. */
function isAnsweredBefore(process: Process, asked: ReadonlyMap<number, Syscall>): boolean {
  for (const { owner, record } of asked.values())
    if (record?.entry?.outcome !== 'cancelled' && endsWith(owner, process)) return true
  return false
}

function endsWith(owner: Process, process: Process): boolean {
  for (let at: Process | undefined = owner; at !== undefined; at = at.parent) {
    if (at === process) return true
    if (at.detached) return false
  }
  return false
}

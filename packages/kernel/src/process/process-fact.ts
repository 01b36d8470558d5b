import type { KernelState } from '../kernel-state.js'
import type { Process } from './process.js'

/** Names a process in an event. */
export function factOf(
  kernel: KernelState,
  process: Process,
): { pid: number; parentPid: number; name: string; at: number } {
  return { pid: process.pid, parentPid: process.parentPid, name: process.name, at: kernel.clock.now() }
}

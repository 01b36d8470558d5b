import type { KernelState } from '../kernel-state.js'
import type { Process } from '../process/process.js'
import type { Syscall } from './syscall.js'

/** Says who makes a syscall: the process, and the call it is made under, if any. One object serves one `Sys`. */
export interface Caller {
  readonly kernel: KernelState
  readonly process: Process
  readonly parent: Syscall | undefined
  /** Whether hooks pass these calls by, because a hook makes them. */
  readonly unhooked: boolean
}

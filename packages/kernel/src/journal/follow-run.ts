import type { KernelState } from '../kernel-state.js'
import type { AgentProcess } from '../process/agent.js'
import { endProcess } from '../process/end-process.js'
import { returned, threw } from '../process/process-end.js'
import type { Process } from '../process/process.js'

/** Ends a process as another one of this kernel ends, which was first to ask for the same run. */
export function followRun(kernel: KernelState, process: Process, first: AgentProcess): void {
  const end = (make: () => ReturnType<typeof returned>): void => {
    if (process.end === undefined) endProcess(kernel, process, make())
    kernel.settleDown()
  }
  first.result.then(
    (value) => {
      end(() => returned(process, value))
    },
    (error: unknown) => {
      end(() => threw(process, error))
    },
  )
}

import type { KernelState } from '../kernel-state.js'
import { PUMP_STARTS } from '../limits.js'
import type { Lane } from '../scheduler/lane.js'
import { withdraw } from './cancel.js'
import { divert } from './retry.js'
import { STATE, type Syscall } from './syscall.js'

/**
 * Sends the calls that wait for a core which was found down to other cores, where the router names one. They have not
 * started, so that is no attempt. What was cut in the middle of its answer waits for its own core.
 */
export function leaveTripped(kernel: KernelState, lane: Lane): void {
  if (lane.queued === 0 || kernel.lanes.llm.length < 2) return
  const waits = ({ lane: at, state, extras }: Syscall): boolean =>
    at === lane && state === STATE.queued && extras?.context === undefined
  const waiting = kernel.processes.living().flatMap((process) => [...process.outstanding()].filter(waits))
  // Asking the router takes time, and whatever else there is has its turn between.
  const step = (): void => {
    for (const call of waiting.splice(0, PUMP_STARTS)) {
      if (!lane.view.tripped || !waits(call)) continue
      const detour = call.row.elsewhere?.(call)
      if (detour === undefined) continue
      withdraw(call)
      divert(call, detour)
    }
    kernel.settleDown()
    if (waiting.length > 0) kernel.clock.defer(step)
  }
  kernel.clock.defer(step)
}

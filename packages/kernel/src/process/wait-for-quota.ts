import type { KernelState } from '../kernel-state.js'
import type { Quota } from '../limiter/quota.js'
import type { Syscall } from '../syscall/syscall.js'

/**
 * Says which calls hold what a call waits for at the limits of a process or tenant. A rate comes back by itself; a place
 * does when one of those who have it ends, or a driver that was given up lets go.
 */
export function waitForQuota(
  kernel: KernelState,
  quota: Quota,
  call: Syscall,
): { readonly what: string; readonly on: readonly Syscall[]; readonly free: boolean } {
  const what = `the limits of ${quota.name}`
  if (!quota.full || call.list !== quota.waiting) return { what, on: [], free: true }
  const on: Syscall[] = []
  for (const process of kernel.processes.living()) {
    for (let at = process.firstCall; at !== undefined; at = at.nextCall)
      if (at.extras?.allowance?.some((share) => share.quota === quota && share.counted) === true) on.push(at)
  }
  return { what, on, free: on.length < quota.running }
}

import { AiosError } from '../error/aios-error.js'
import { sizeOf } from '../limiter/call-size.js'
import { impossible } from '../limiter/impossible.js'
import type { Quota } from '../limiter/quota.js'
import type { LaneGate } from '../limiter/lane-gate.js'
import { freeAllowance, startAllowance, takeAllowance, waitForQuota } from './allowance.js'
import { deliver, freeDevice } from './settle.js'
import type { Syscall } from './syscall.js'

/**
 * Lets a call on to its lane if it fits the limits of its process, of all above that, and of its tenant; otherwise lets it
 * wait for the first that it does not fit, or rejects it if it never will.
 */
export function admit(call: Syscall, quota: Quota): boolean {
  // What was begun may go on, however large it looks by now.
  const refusal = call.extras?.context === undefined ? refusalOf(call, quota) : undefined
  if (refusal !== undefined) {
    deliver(call, false, refusal)
    return false
  }
  const now = call.caller.kernel.clock.now()
  const obstacle = takeAllowance(call, now)
  if (obstacle !== undefined) waitForQuota(call, obstacle, now)
  return obstacle === undefined
}

/**
 * Counts a call as sent now, against all limits above it. If something else used them up while it waited in its lane, it
 * gives everything back, its slot too, and waits again.
 */
export function mayStart(call: Syscall): boolean {
  const now = call.caller.kernel.clock.now()
  const obstacle = startAllowance(call, now)
  if (obstacle === undefined) return true
  // Before those who wait behind it can take what it gives back.
  waitForQuota(call, obstacle, now)
  freeAllowance(call, false)
  // Only a call that was cut has a reservation by now, and it keeps that.
  const extras = call.rare()
  const { reservation } = extras
  extras.reservation = undefined
  freeDevice(call)
  extras.reservation = reservation
  return false
}

function refusalOf(call: Syscall, nearest: Quota): AiosError | undefined {
  if (!nearest.counts) return undefined
  const size = sizeOf(call)
  const cost = (call.lane?.gate as LaneGate).costs.least(size)
  for (let quota: Quota | undefined = nearest; quota !== undefined; quota = quota.parent) {
    if (quota.priced && size.outputUsd === undefined)
      return new AiosError(
        'AIOS_BUDGET_UNPRICED',
        `A limit of ${quota.name} is in US dollars, but core ${call.device?.id ?? ''} declares no price: give the core a price.`,
      )
    const problem = quota.impossible(cost)
    if (problem !== undefined) return impossible(problem, cost)
  }
  return undefined
}

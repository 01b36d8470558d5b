import type { KernelState } from '../kernel-state.js'
import { sizeOf } from '../limiter/call-size.js'
import type { RateCost } from '../limiter/limiter.js'
import { Quota, type QuotaSeed, type QuotaShare } from '../limiter/quota.js'
import { usedCost } from '../limiter/used-cost.js'
import type { LaneGate } from '../limiter/lane-gate.js'
import type { TaskList } from '../scheduler/task-list.js'
import { passTurn } from './charge.js'
import type { Syscall } from './syscall.js'
import { wait } from './wait.js'

/** Says which quota a call does not fit, and after how long to ask that again. */
export interface Obstacle {
  readonly quota: Quota
  readonly waitMs: number
}

const FREE: RateCost = { tokens: 0, usd: 0 }

/** Makes the quota of a process or tenant. */
export function makeQuota(kernel: KernelState, seed: QuotaSeed): Quota {
  return new Quota(seed, kernel.wheel.later, (quota) => {
    admitWaiting(kernel, quota)
    kernel.settleDown()
  })
}

/**
 * Takes what a call needs of every limit above it, or nothing.
 *
 * @returns the first limit that it does not fit, or has to wait for its turn at
 */
export function takeAllowance(call: Syscall, now: number): Obstacle | undefined {
  const { quota: nearest } = call.owner
  const cost = nearest?.counts === true ? (call.lane?.gate as LaneGate).costs.likely(sizeOf(call)) : FREE
  const shares: QuotaShare[] = []
  for (let quota = nearest; quota !== undefined; quota = quota.parent) {
    const nested = isNestedIn(call, quota)
    const first = (nested ? quota.nested : quota.waiting).head
    const isLate = first !== undefined && first.id < call.id
    const share = isLate ? Number.POSITIVE_INFINITY : quota.admit(cost, !nested, now)
    if (typeof share === 'number') {
      for (const taken of shares) taken.quota.free(taken, undefined, now)
      return { quota, waitMs: share }
    }
    shares.push(share)
  }
  call.rare().allowance = shares
  return undefined
}

/** Whether a call above this one has a share of the quota: it may be waiting for this one. */
function isNestedIn(call: Syscall, quota: Quota): boolean {
  for (let at = call.parent; at !== undefined; at = at.parent)
    if (at.extras?.allowance?.some((share) => share.quota === quota) === true) return true
  return false
}

/** Reserves what a call was given, for the moment in which it starts. Returns the first limit that it does not fit any more. */
export function startAllowance(call: Syscall, now: number): Obstacle | undefined {
  const shares = call.extras?.allowance ?? []
  for (const share of shares) {
    // A call that goes on after a cut was counted as sent when it began.
    if (share.taken !== undefined) continue
    const waitMs = share.quota.start(share, now)
    if (waitMs > 0) return { quota: share.quota, waitMs }
  }
  // Only now it is certain when there will be room for the next.
  for (const { quota } of shares) admitWaiting(call.caller.kernel, quota)
  return undefined
}

/**
 * Takes back what a call holds of the limits above it; lets others go on.
 *
 * @param sent - whether its device had it, so that what it used is settled and its request is spent
 */
export function freeAllowance(call: Syscall, sent = wasSent(call)): void {
  const { extras } = call
  const allowance = extras?.allowance
  if (extras === undefined || allowance === undefined) return
  extras.allowance = undefined
  const { kernel } = call.caller
  const now = kernel.clock.now()
  for (const share of allowance) share.quota.free(share, sent ? usedCost(call, share.cost) : undefined, now)
  for (const { quota } of allowance) admitWaiting(kernel, quota)
}

/** Whether the device has, or had, a call: one that was cut waits without a start, and its device heard of it all the same. */
function wasSent({ startedAt, extras }: Syscall): boolean {
  return startedAt !== undefined || extras?.context !== undefined
}

/** Lets a call wait beside its lane for a limit, holding nothing; it keeps its place in time. */
export function waitForQuota(call: Syscall, { quota, waitMs }: Obstacle, now: number): void {
  passTurn(call)
  wait(call)
  call.rare().quota = quota
  ;(isNestedIn(call, quota) ? quota.nested : quota.waiting).insert(call)
  if (waitMs < Number.POSITIVE_INFINITY) quota.alarm.ringAt(now + waitMs, now)
}

/** Is told that a call that waited for a limit no longer does: those behind it may have waited for nothing else. */
export function leaveQuota(call: Syscall): void {
  const { extras } = call
  const quota = extras?.quota
  if (extras === undefined || quota === undefined) return
  extras.quota = undefined
  admitWaiting(call.caller.kernel, quota)
}

/** Lets calls go that wait for a limit, oldest first, as far as they fit it and all above it. */
function admitWaiting(kernel: KernelState, quota: Quota): void {
  if (quota.waiting.size === 0 && quota.nested.size === 0) {
    quota.alarm.rest()
    return
  }
  const now = kernel.clock.now()
  for (const list of [quota.nested, quota.waiting]) {
    while (list.head !== undefined && admitFirst(kernel, { quota, list }, now)) continue
  }
  if (quota.waiting.size === 0 && quota.nested.size === 0) quota.alarm.rest()
}

/** Lets the first call of a list go, or wait for a limit further up; returns false if it goes on waiting here. */
function admitFirst(
  kernel: KernelState,
  { quota, list }: { readonly quota: Quota; readonly list: TaskList },
  now: number,
): boolean {
  const call = list.head as Syscall
  const obstacle = takeAllowance(call, now)
  if (obstacle?.quota === quota) {
    if (obstacle.waitMs < Number.POSITIVE_INFINITY) quota.alarm.ringAt(now + obstacle.waitMs, now)
    return false
  }
  list.remove(call)
  call.rare().quota = undefined
  if (obstacle === undefined) kernel.awakened.push(call)
  else waitForQuota(call, obstacle, now)
  return true
}

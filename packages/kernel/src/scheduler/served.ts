import type { Syscall } from '../syscall/syscall.js'
import type { SchedulingPolicy } from './policy.js'

/** Is what a policy has been told of a running call: the one that started it, also if the lane has another one by now. */
export interface Served {
  policy: SchedulingPolicy
  inputTokens: number
  outputTokens: number
}

/** Tells the policy that a call got its slot. */
export function beginService(policy: SchedulingPolicy, call: Syscall, now: number): void {
  // After a cut it goes on being served, maybe by another policy.
  if (call.served === undefined) call.served = { policy, inputTokens: call.inputTokens, outputTokens: 0 }
  else call.served.policy = policy
  policy.started?.(call, now)
}

/** Tells the policy that a call was cut: it is over for now, and what it was served stays counted. */
export function pauseService(call: Syscall, now: number): void {
  call.served?.policy.settled?.(call, now)
}

/** Tells the policy how many output tokens the call has by now. */
export function growService(call: Syscall, outputTokens: number, now: number): void {
  const served = call.served
  if (served === undefined || outputTokens === served.outputTokens) return
  const more = outputTokens - served.outputTokens
  served.outputTokens = outputTokens
  served.policy.served?.(call, { inputTokens: 0, outputTokens: more }, now)
}

/** Corrects the estimates by what the core reported, and tells the policy that the call is over. */
export function endService(call: Syscall, now: number): void {
  const { served } = call
  if (served === undefined) return
  call.served = undefined
  const { input, output } = call.extras?.usage ?? {}
  // A call that never got on the device was served nothing.
  const begun = call.startedAt !== undefined
  const inputTokens = (begun ? (input?.total ?? served.inputTokens) : 0) - served.inputTokens
  const outputTokens = (output?.total ?? served.outputTokens) - served.outputTokens
  if (inputTokens !== 0 || outputTokens !== 0) served.policy.served?.(call, { inputTokens, outputTokens }, now)
  served.policy.settled?.(call, now)
}

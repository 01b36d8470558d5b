import { captureScope } from '../lifetime/async-scope.js'
import { factOf, STATE, transition, type Syscall } from './syscall.js'

/** Marks a call as waiting for something other than its lane. */
export function wait(call: Syscall): void {
  if (call.state !== STATE.waiting) transition(call, STATE.waiting)
  keepScope(call)
}

/** Remembers the caller's async context, once, when a call does not start in it. */
export function keepScope(call: Syscall): void {
  const { kernel } = call.caller
  call.scope ??= captureScope()
  if (kernel.hub.wanted['syscall:queued'] > 0) kernel.hub.push('syscall:queued', factOf(call))
}

import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import { isThenable } from './begin.js'
import { giveUp, withdraw } from './cancel.js'
import { freeReservation } from './charge.js'
import { wait } from './wait.js'
import type { HookCall, SyscallHook } from './hook.js'
import { HookCallView } from './hook-call-view.js'
import { deliver, quiet, settle } from './settle.js'
import { STATE, type Syscall } from './syscall.js'

/** Is one walk of a call through its hooks. */
interface HookRun {
  readonly call: Syscall
  readonly hooks: readonly SyscallHook[]
  /** Sends the call on, when the last hook let it pass. */
  readonly dispatch: (call: Syscall) => void
  /** What the call itself rejected with: passes through the hooks as it is. */
  rejection: { readonly reason: unknown } | undefined
}

/**
 * Leads a call through the hooks that see it, like layers of an onion: `before` and `around` from the first hook to the
 * last, then the call, then `around` and `after` from the last to the first. Stays synchronous as long as the hooks do.
 */
export function runHooks(call: Syscall, hooks: readonly SyscallHook[], dispatch: (call: Syscall) => void): void {
  if (hooks.length === 0) {
    dispatch(call)
    return
  }
  layer({ call, hooks, dispatch, rejection: undefined }, 0).then(
    (value) => {
      finish(call, true, value)
    },
    (error: unknown) => {
      finish(call, false, error)
    },
  )
}

/** Gives the hooks' answer to the caller; one that did not wait for the call itself gives that up. */
function finish(call: Syscall, fulfilled: boolean, value: unknown): void {
  if (call.state === STATE.settled) return
  withdraw(call)
  call.extras?.claim?.left(call)
  call.rare().intercept = undefined
  if (call.onDevice) {
    settle(call, fulfilled ? 'fulfilled' : 'rejected', value)
    giveUp(
      call,
      new AiosError('AIOS_PROCESS_EXITED', `A hook answered ${call.row.name} ${call.id} without waiting for it.`),
    )
  } else {
    // One that was cut has its reservation still.
    if (call.extras?.reservation !== undefined) freeReservation(call)
    deliver(call, fulfilled, value)
  }
  call.caller.kernel.wake(undefined)
  call.caller.kernel.hub.flush()
}

async function layer(run: HookRun, index: number): Promise<unknown> {
  const hook = run.hooks[index]
  if (hook === undefined) return serve(run)
  const { call } = run
  if (hook.before !== undefined) {
    let changed: unknown = within(run, hook, () => hook.before?.(view(call)))
    if (isThenable(changed)) changed = await pause(run, hook, changed)
    if (changed !== undefined) replaceRequest(call, changed)
  }
  let result = await (hook.around === undefined ? layer(run, index + 1) : around(run, index, hook))
  if (hook.after !== undefined) {
    let changed: unknown = within(run, hook, () => hook.after?.(view(call), result))
    if (isThenable(changed)) changed = await pause(run, hook, changed)
    if (changed !== undefined) result = changed
  }
  return result
}

async function around(run: HookRun, index: number, hook: SyscallHook): Promise<unknown> {
  let called = false
  const next = (): Promise<unknown> => {
    if (called) throw new Error('A hook may call next only once.')
    called = true
    return layer(run, index + 1)
  }
  const result: unknown = within(run, hook, () => hook.around?.(view(run.call), next))
  return isThenable(result) ? pause(run, hook, result) : result
}

/** Runs the call itself; its outcome comes back here instead of going to the caller. */
function serve(run: HookRun): Promise<unknown> {
  const { call, dispatch } = run
  const served = new Promise((resolve, reject) => {
    call.rare().intercept = (fulfilled, value) => {
      if (fulfilled) {
        resolve(value)
      } else {
        run.rejection = { reason: value }
        reject(value)
      }
    }
    dispatch(call)
  })
  // A hook need not wait for it.
  quiet(served)
  return served
}

/** Awaits what a hook returned; the call counts as waiting meanwhile. */
async function pause(run: HookRun, hook: SyscallHook, promise: PromiseLike<unknown>): Promise<unknown> {
  if (run.call.state === STATE.fresh) wait(run.call)
  try {
    return await promise
  } catch (error) {
    throw hookError(run, hook, error)
  }
}

function within<T>(run: HookRun, hook: SyscallHook, enter: () => T): T {
  try {
    return run.call.caller.kernel.scope.enter({ call: run.call, hook: true }, enter)
  } catch (error) {
    throw hookError(run, hook, error)
  }
}

/** Makes the error of a hook that threw; what the call itself, or a hook further in, rejected with passes as it is. */
function hookError(run: HookRun, hook: SyscallHook, error: unknown): unknown {
  if (run.rejection !== undefined && run.rejection.reason === error) return error
  if (speaksForItself(error)) return error
  return new AiosError('AIOS_HOOK_FAILED', `Hook ${hook.name ?? '(unnamed)'} failed: ${errorText(error)}`, {
    cause: error,
  })
}

/** Puts a hook's request in the place of the call's, if it has the right shape. */
export function replaceRequest(call: Syscall, request: unknown): void {
  const problem = call.row.validate(request, '')
  if (problem !== undefined)
    throw new AiosError('AIOS_INVALID_SYSCALL', `${call.row.name}, as a hook changed it: ${problem}`)
  if (call.record !== undefined) call.record.asked ??= call.request
  call.request = request
}

/** Shows a call to a hook. */
export function view(call: Syscall): HookCall {
  return new HookCallView(call)
}

/** Whether an error tells by itself what a hook did, so that it passes through the hooks further out as it is. */
export function speaksForItself(error: unknown): error is AiosError {
  return AiosError.is(error, 'AIOS_HOOK_FAILED') || AiosError.is(error, 'AIOS_LLM_CONTEXT_OVERFLOW')
}

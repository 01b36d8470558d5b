import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import { issue } from '../journal/record-call.js'
import { takeCall } from '../process/budget.js'
import { isThenable } from './begin.js'
import { hookStream } from './chat/hook-stream.js'
import { cancel } from './cancel.js'
import { nameCall } from './idempotency.js'
import { endedError, enterLane } from './enter-lane.js'
import { wait } from './wait.js'
import { runHooks } from './run-hooks.js'
import { quiet, settle } from './settle.js'
import { optionsProblem } from './syscall-options.js'
import type { SyscallOptions } from './sys.js'
import { STATE, type Syscall } from './syscall.js'

/**
 * Lets a call into the kernel: the only way in. Look up (the row is given) → validate → journal → hooks → route → authorise →
 * lane.
 * Not asynchronous: a call whose lane is free is on its device when this returns.
 */
export function trap(call: Syscall, options: SyscallOptions | undefined): Promise<unknown> {
  const { kernel, process, parent } = call.caller
  process.link(call)
  kernel.metrics.outstanding += 1
  if (parent !== undefined) (parent.rare().children ??= new Set()).add(call)
  const ended = endedError(call)
  if (ended !== undefined) {
    quiet(call.promise)
    settle(call, 'cancelled', ended)
  } else {
    const wrong = refusal(call)
    if (wrong !== undefined) settle(call, 'rejected', wrong)
    else if (options === undefined || applyOptions(call, options)) {
      if (process.scope === undefined) send(call)
      else issue(call, send)
    }
  }
  if (kernel.awakened.length > 0 || kernel.inheritance.pending) kernel.wake(undefined)
  kernel.hub.relieve()
  return call.promise
}

/** Says what is wrong with a request, if anything; the schema of a third party's row may throw. */
function refusal(call: Syscall): AiosError | undefined {
  try {
    const problem = call.row.validate(call.request, '')
    return problem === undefined
      ? undefined
      : new AiosError('AIOS_INVALID_SYSCALL', `${call.row.name}: ${problem}`, { details: { row: call.row.name } })
  } catch (error) {
    if (AiosError.is(error)) return error
    return new AiosError('AIOS_INVALID_SYSCALL', `${call.row.name}: its schema threw: ${errorText(error)}`, {
      cause: error,
    })
  }
}

function send(call: Syscall): void {
  const { kernel, process, parent, unhooked } = call.caller
  if (process.lent >= 0 || (parent !== undefined && (parent.extras?.lent ?? -1) >= 0)) kernel.inheritance.enter(call)
  const isBare = kernel.hooks.empty || unhooked || kernel.scope.current?.hook === true
  if (call.row.returns === 'stream') hookStream(call, isBare ? [] : kernel.hooks.of(call.row.name), dispatch)
  else if (isBare) dispatch(call)
  else runHooks(call, kernel.hooks.of(call.row.name), dispatch)
}

/** Routes and authorises a call, takes it from the budget of calls, and sends it to its lane. */
export function dispatch(call: Syscall): void {
  let routed: unknown
  try {
    charge(call)
    routed = call.row.route(call)
  } catch (error) {
    refuse(call, error)
    return
  }
  if (!isThenable(routed)) {
    proceed(call)
    return
  }
  wait(call)
  routed.then(
    () => {
      resume(call, () => {
        proceed(call)
      })
    },
    (error: unknown) => {
      resume(call, () => {
        refuse(call, error)
      })
    },
  )
}

/** Sends an authorised call on: to its lane, unless another with the same idempotency key goes, or went, for it. */
function proceed(call: Syscall): void {
  const named = call.extras?.idempotency
  if (named === undefined) enterLane(call)
  else call.caller.kernel.idempotency.enter(call, named)
}

function charge(call: Syscall): void {
  if (call.row.free === true) return
  const { account } = call.owner
  const spent = account === undefined ? undefined : takeCall(account)
  if (spent !== undefined) throw spent
  for (let at: Syscall['owner'] | undefined = call.owner; at !== undefined; at = at.parent) at.usage.calls += 1
}

function resume(call: Syscall, goOn: () => void): void {
  if (call.state === STATE.settled) return
  goOn()
  call.caller.kernel.wake(undefined)
  call.caller.kernel.hub.flush()
}

/** Rejects a call that was not let through, past whatever hooks wait for it. */
function refuse(call: Syscall, error: unknown): void {
  const { kernel } = call.caller
  if (AiosError.is(error, 'AIOS_ACCESS_DENIED')) {
    kernel.hub.push('access:denied', {
      id: call.id,
      name: call.row.name,
      pid: call.owner.pid,
      lane: call.lane?.id,
      at: kernel.clock.now(),
      message: error.message,
    })
  }
  const refusal = AiosError.is(error)
    ? error
    : new AiosError('AIOS_DRIVER_FAILED', `${call.row.name}: ${errorText(error)}`, { cause: error })
  const intercept = call.extras?.intercept
  if (intercept === undefined) settle(call, 'rejected', refusal)
  else intercept(false, refusal)
}

/** Applies the options of a call; returns false if they ended it. */
function applyOptions(call: Syscall, options: SyscallOptions): boolean {
  const problem = optionsProblem(options)
  if (problem !== undefined) {
    settle(call, 'rejected', new AiosError('AIOS_INVALID_OPTION', `${call.row.name}: ${problem}`))
    return false
  }
  if (options.priority !== undefined) call.priority = options.priority
  if (options.idempotencyKey !== undefined) {
    const refused = nameCall(call, options.idempotencyKey)
    if (refused !== undefined) {
      settle(call, 'rejected', refused)
      return false
    }
  }
  const { kernel } = call.caller
  const { signal, deadlineMs } = options
  if (signal?.aborted === true) {
    quiet(call.promise)
    settle(call, 'cancelled', signal.reason)
    return false
  }
  const stop = (reason: unknown): void => {
    cancel(call, reason)
    kernel.wake(undefined)
    kernel.hub.flush()
  }
  if (signal !== undefined) {
    const extras = call.rare()
    extras.signal = signal
    extras.onAbort = () => {
      stop(signal.reason)
    }
    signal.addEventListener('abort', extras.onAbort, { once: true })
  }
  if (deadlineMs !== undefined) {
    call.rare().dueAt = call.createdAt + deadlineMs
    call.rare().deadline = kernel.wheel.set(deadlineMs, true, () => {
      stop(deadlineError(call, deadlineMs))
    })
  }
  return true
}

function deadlineError(call: Syscall, ms: number): AiosError {
  return new AiosError('AIOS_DEADLINE_EXCEEDED', `${call.row.name} did not end within its ${ms} ms.`, {
    details: { deadlineMs: ms },
  })
}

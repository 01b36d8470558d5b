import type { ChatReply, StreamPart } from '../../driver/chat.js'
import { AiosError } from '../../error/aios-error.js'
import { errorText } from '../../error/error-text.js'
import { isThenable } from '../begin.js'
import { wait } from '../wait.js'
import type { SyscallHook } from '../hook.js'
import { replaceRequest, speaksForItself, view } from '../run-hooks.js'
import { STATE, type Syscall } from '../syscall.js'
import type { ChatStreamHandle } from './chat-stream-handle.js'

type Parts = AsyncIterable<StreamPart>

/** Is one walk of a stream through its hooks. */
interface StreamRun {
  readonly call: Syscall
  readonly handle: ChatStreamHandle
  readonly hooks: readonly SyscallHook[]
  readonly dispatch: (call: Syscall) => void
}

/**
 * Leads a stream through the hooks that see it, like layers of an onion: each `around` gets the stream of the layers
 * within and returns the one its own consumer sees; `after` gets the final reply, from the innermost hook out.
 */
export function hookStream(call: Syscall, hooks: readonly SyscallHook[], dispatch: (call: Syscall) => void): void {
  const handle = call.extras?.stream
  if (handle === undefined || hooks.length === 0) {
    handle?.connect()
    dispatch(call)
    return
  }
  const run: StreamRun = { call, handle, hooks, dispatch }
  handle.finishing = (reply) => finish(run, reply)
  handle.connect(layer(run, 0))
}

function layer(run: StreamRun, index: number): Parts {
  const hook = run.hooks[index]
  if (hook === undefined) {
    send(run)
    return run.handle.device
  }
  try {
    const changed = inHook(run, hook, () => hook.before?.(view(run.call)))
    if (isThenable(changed)) return later(run, hook, { changed, goOn: () => around(run, index, hook) })
    if (changed !== undefined) replaceRequest(run.call, changed)
    return around(run, index, hook)
  } catch (error) {
    return failing(error)
  }
}

function around(run: StreamRun, index: number, hook: SyscallHook): Parts {
  if (hook.around === undefined) return layer(run, index + 1)
  let called = false
  const next = (): Parts => {
    if (called) throw new Error('A hook may call next only once.')
    called = true
    return layer(run, index + 1)
  }
  const wrapped = inHook(run, hook, () => hook.around?.(view(run.call), next))
  if (isThenable(wrapped)) return guarded(run, hook, lazily(wrapped as PromiseLike<Parts>))
  if (typeof (wrapped as Parts | undefined)?.[Symbol.asyncIterator] === 'function')
    return guarded(run, hook, wrapped as Parts)
  throw hookFailure(hook, new Error('Expected around to return an AsyncIterable of parts for llm.stream.'))
}

/** Sends the call on, unless it was cancelled while a hook made it wait. */
function send({ call, dispatch }: StreamRun): void {
  if (call.state === STATE.settled) return
  dispatch(call)
  call.caller.kernel.wake(undefined)
}

/** Goes on when an asynchronous `before` is done. */
function later(
  run: StreamRun,
  hook: SyscallHook,
  step: { readonly changed: PromiseLike<unknown>; readonly goOn: () => Parts },
): Parts {
  const { changed, goOn } = step
  if (run.call.state === STATE.fresh) wait(run.call)
  return lazily(
    Promise.resolve(changed).then(
      (request: unknown) => {
        if (request !== undefined) replaceRequest(run.call, request)
        return goOn()
      },
      (error: unknown) => {
        throw hookFailure(hook, error)
      },
    ),
  )
}

function lazily(promise: PromiseLike<Parts>): Parts {
  const started = Promise.resolve(promise)
  started.catch(() => undefined)
  return {
    async *[Symbol.asyncIterator]() {
      yield* await started
    },
  }
}

/** Passes the parts of a hook's iterable on, and tells the hook's failures from the device's. */
function guarded(run: StreamRun, hook: SyscallHook, parts: Parts): Parts {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* parts
      } catch (error) {
        throw run.handle.device.failure?.error === error ? error : hookFailure(hook, error)
      }
    },
  }
}

function failing(error: unknown): Parts {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }
}

async function finish(run: StreamRun, reply: ChatReply): Promise<ChatReply> {
  let result = reply
  for (const hook of [...run.hooks].reverse()) {
    if (hook.after === undefined) continue
    try {
      const changed: unknown = await inHook(run, hook, () => hook.after?.(view(run.call), result))
      if (changed !== undefined) result = changed as ChatReply
    } catch (error) {
      throw hookFailure(hook, error)
    }
  }
  return result
}

function inHook<T>(run: StreamRun, hook: SyscallHook, enter: () => T): T {
  try {
    return run.call.caller.kernel.scope.enter({ call: run.call, hook: true }, enter)
  } catch (error) {
    throw hookFailure(hook, error)
  }
}

function hookFailure(hook: SyscallHook, error: unknown): AiosError {
  if (speaksForItself(error)) return error
  return new AiosError('AIOS_HOOK_FAILED', `Hook ${hook.name ?? '(unnamed)'} failed: ${errorText(error)}`, {
    cause: error,
  })
}

import type { Sys } from './sys.js'

/** Describes the syscall that a hook sees. */
export interface HookCall {
  readonly id: number
  /** Row name such as `llm.chat`. */
  readonly name: string
  readonly pid: number
  /** Name of the calling process. */
  readonly agent: string
  /** The request as earlier hooks left it. */
  readonly request: unknown
  /** Makes syscalls under the caller's pid that no hook sees. */
  readonly sys: Sys
}

/**
 * Looks into syscalls. Several hooks lie around a call like the layers of an onion, the one added first outermost:
 * `before` 1, `around` 1 up to `next`, `before` 2, `around` 2 up to `next`, the call, the rest of `around` 2, `after` 2, the
 * rest of `around` 1, `after` 1. A hook that throws rejects only that call, with `AIOS_HOOK_FAILED` and the cause; what the
 * call itself rejected with passes through as it is, and `after` then does not run, and so does `AIOS_LLM_CONTEXT_OVERFLOW`,
 * with which a hook refuses a conversation. An asynchronous hook delays only that call. A hook does not see syscalls that
 * hooks make.
 */
export interface SyscallHook {
  /** Shown in errors. */
  readonly name?: string | undefined
  /** Returns a replacement for the request, which is validated again, or undefined to leave it. */
  before?(call: HookCall): unknown
  /** Returns a replacement for the result, or undefined to leave it. On `llm.stream` it gets the final reply. */
  after?(call: HookCall, result: unknown): unknown
  /**
   * Wraps the call: `next` runs it and returns a promise of its result; calling it twice throws, not calling it makes what
   * you return the result. On `llm.stream`, `next` returns the stream of parts, and you return an `AsyncIterable` of parts.
   */
  around?(call: HookCall, next: () => unknown): unknown
}

/** Chooses the rows a hook sees: a name, or a pattern ending in `*` such as `llm.*`, or several. Default: all. */
export type SyscallMatch = string | readonly string[]

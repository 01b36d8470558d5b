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
 * Looks into syscalls. Hooks run in the order they were added, `after` in reverse. A hook that throws rejects only
 * that call, with `AIOS_HOOK_FAILED` and the cause; an `AiosError` passes as it is. An asynchronous hook delays only
 * that call. A hook does not see syscalls that hooks make.
 */
export interface SyscallHook {
  /** Shown in errors. */
  readonly name?: string | undefined
  /** Returns a replacement for the request, which is validated again, or undefined to leave it. */
  before?(call: HookCall): unknown
  /** Returns a replacement for the result, or undefined to leave it. On `llm.stream` it gets the final reply. */
  after?(call: HookCall, result: unknown): unknown
  /**
   * Wraps the call: `next` runs it, at most once; not calling it makes what you return the result.
   * On `llm.stream`, `next` returns the stream of parts and you return an `AsyncIterable` of parts.
   */
  around?(call: HookCall, next: () => unknown): unknown
}

/** Chooses the rows a hook sees: a name, or a pattern ending in `*` such as `llm.*`, or several. Default: all. */
export type SyscallMatch = string | readonly string[]

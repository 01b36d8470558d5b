import type { ToolSpec } from './chat.js'
import type { BatchRow } from '../scheduler/batch/batch-row.js'
import type { DriverBase, DriverCall } from './device-driver.js'
import type { JsonSchema, Opaque } from './message.js'

/** Is what `tool.call` takes. */
export interface ToolCallRequest {
  /** `<source>/<name>` such as `local/add`; a bare name resolves if it is unique. */
  readonly name: string
  readonly input?: unknown
}

/** Is what `tool.call` returns. */
export interface ToolReply {
  /** The full name of the tool that ran. */
  readonly name: string
  readonly output: unknown
}

/** Is one call within `tool.callAll`; a `tool-call` part of a reply fits as it is. */
export interface IdentifiedToolCall extends ToolCallRequest, Opaque {
  readonly type?: 'tool-call' | undefined
  readonly inputText?: string | undefined
  /** Unique within the request. */
  readonly id: string
  /** Why a model's arguments could not be parsed: the call is then not run and fails with `AIOS_INVALID_TOOL_INPUT`. */
  readonly invalid?: string | undefined
}

/** Is what `tool.callAll` takes. Every call runs, whatever becomes of the others. */
export interface ToolCallAllRequest {
  readonly calls: readonly IdentifiedToolCall[]
}

/** Is what became of one call of `tool.callAll`, in the order of the calls; `name` is the name that was asked for. */
export type ToolOutcome =
  | { readonly id: string; readonly name: string; readonly status: 'fulfilled'; readonly output: unknown }
  | { readonly id: string; readonly name: string; readonly status: 'rejected'; readonly error: ToolFailure }

/** Is an error as plain data. */
export interface ToolFailure {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
}

/** Describes a tool to programs and models. */
export interface ToolInfo extends ToolSpec {
  /** Full name, `<source>/<name>`. */
  readonly name: string
  readonly source: string
  readonly outputSchema?: JsonSchema | undefined
}

/** Is what `tool.list` takes. */
export interface ToolListRequest {
  /** Only tools of this source. */
  readonly source?: string | undefined
}

/** Is a call that passed the checks of its tool and is ready to run. */
export interface PreparedToolCall {
  /**
   * Locks the call must hold while it runs, exclusive, kernel-wide. The kernel takes them in sorted order and
   * lets a nested call pass through locks that its ancestors hold.
   */
  readonly conflictKeys: readonly string[]
  /** Whether running it twice with the same `call.key` does no more than running it once. Default false. */
  readonly idempotent?: boolean | undefined
  run(call: DriverCall): unknown
}

/**
 * Runs tools. The kernel resolves and authorises the name, then calls `prepare` (input validation; it may be
 * asynchronous), takes the conflict keys and a slot, then calls `run`.
 */
export interface ToolDriver extends DriverBase {
  readonly kind: 'tool'
  /** Tool calls whose input `prepare` has passed; `run` resolves each with the output of its tool. */
  readonly batches?: { readonly 'tool.call'?: BatchRow<ToolCallRequest> | undefined } | undefined
  /** Returns all tools, sorted by full name. */
  list(): readonly ToolInfo[]
  /** Returns the tool of a full or unique bare name; throws `AIOS_NO_SUCH_TOOL` with the nearest names otherwise. */
  resolve(name: string): ToolInfo
  /** Checks the input; throws or rejects with `AIOS_INVALID_TOOL_INPUT`. `name` is a full name. */
  prepare(name: string, input: unknown, call: DriverCall): PreparedToolCall | Promise<PreparedToolCall>
}

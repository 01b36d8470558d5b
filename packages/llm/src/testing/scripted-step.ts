import type { CoreRequest, FinishReason, Usage } from '@aios/kernel'

/** Says how long an answer takes, in milliseconds of the kernel's clock. */
export interface ScriptedTiming {
  /** Before the first part. Default: the core's `latencyMs`, else 0. */
  readonly latencyMs?: number | undefined
  /** Between two tokens. Default: the core's `tokenMs`, else 0. */
  readonly tokenMs?: number | undefined
}

/** Is a tool call that the scripted model asks for. */
export interface ScriptedToolCall {
  readonly name: string
  /** Any value that JSON can carry. Default `{}`. */
  readonly input?: unknown
  /** The arguments as text instead, for a model that writes them wrong. */
  readonly inputText?: string | undefined
  /** Default: unique within the core. */
  readonly id?: string | undefined
}

/** Counts the tokens of a scripted answer; a plain number is the total. What is absent stays unreported. */
export interface ScriptedUsage {
  readonly input?: number | Usage['input'] | undefined
  readonly output?: number | Usage['output'] | undefined
}

/** Is an answer. Give at most one of `text`, `tokens` and `json`. */
export interface ScriptedReply extends ScriptedTiming {
  /** Streamed word by word. */
  readonly text?: string | undefined
  /** The text as the deltas in which it is streamed. */
  readonly tokens?: readonly string[] | undefined
  /** A value that the model writes as JSON. */
  readonly json?: unknown
  readonly reasoning?: string | undefined
  readonly toolCalls?: readonly ScriptedToolCall[] | undefined
  /** Default: nothing is reported, and the kernel estimates. */
  readonly usage?: ScriptedUsage | undefined
  /** Default: `tool-calls` with tool calls, else `stop`. */
  readonly finish?: FinishReason | undefined
}

/** Says how much comes before an answer breaks off. */
export interface ScriptedBeginning extends ScriptedTiming {
  /** What the model says before; all of it, unless `afterTokens` says how much. */
  readonly text?: string | undefined
  readonly tokens?: readonly string[] | undefined
  /** Number of tokens before. Default: all of `text` or `tokens`, else 0, which is before the first part. */
  readonly afterTokens?: number | undefined
}

/** Is an answer that fails. */
export interface ScriptedFault extends ScriptedBeginning {
  /** Thrown as it is; the kernel wraps what is no `AiosError` into `AIOS_DRIVER_FAILED`. */
  readonly error: Error
}

/** Is an answer that never comes, or stops coming; it ends only when the call is aborted. */
export interface ScriptedHang extends ScriptedBeginning {
  readonly hang: true
}

/** Is what a request gets: a text, a whole reply, a failure or silence. */
export type ScriptedAnswer = string | ScriptedReply | ScriptedFault | ScriptedHang

/**
 * Decides the answer from the request. What it throws becomes the failure of the call.
 *
 * @param request - what the core received
 * @param index - number of requests before this one
 */
export type ScriptedFunction = (request: CoreRequest, index: number) => ScriptedAnswer | Promise<ScriptedAnswer>

/** Is one step of a script: an answer, or a function that returns one. */
export type ScriptedStep = ScriptedAnswer | ScriptedFunction

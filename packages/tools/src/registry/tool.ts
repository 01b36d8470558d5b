import type { Clock, Sys } from '@aios/kernel'
import type { JsonSchema, ToolInfo } from '@aios/kernel/driver'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Is what a tool gets besides its input. Everything on it is made on first use. */
export interface ToolContext {
  /** Aborts when the caller gave up or was killed, when the time limit of the tool is over, or when the tools close. */
  readonly signal: AbortSignal
  /** Makes syscalls as children of this call: under the caller's pid, grants and budget. */
  readonly sys: Sys
  /** The kernel's clock, so that tests can turn the time that a tool sees. */
  readonly clock: Clock
  /** Id of the `tool.call` that runs this tool, unique within the kernel. */
  readonly callId: number
  /**
   * Names the call in its run, over every life of that run: a tool that runs again because its process was killed gets the
   * same key. Hand it to an outside service as its idempotency key, or keep it with what is changed. undefined where nothing is
   * recorded: in a kernel without a journal, and for calls of `kernel.sys()`.
   */
  readonly key: string | undefined
  /** Name of the calling agent. */
  readonly agent: string
  /** Pid of the calling process. */
  readonly pid: number
}

/** Says what a validated value of a schema is. */
export type InputOf<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>

/**
 * Is what `defineTool` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`.
 *
 * @typeParam S - schema of the input
 * @typeParam R - what `execute` returns
 * @typeParam O - what the caller gets: `R`, or what the `output` schema makes of it
 */
export interface ToolDefinition<S extends StandardSchemaV1 = StandardSchemaV1, R = unknown, O = R> {
  /** Bare name: 1 to 64 letters, digits, `_`, `.` or `-`. */
  readonly name: string
  /** What the tool does and when to use it, written for a model; not empty. */
  readonly description: string
  /** Where the tool comes from: the part of its full name before the `/`. Default `local`. */
  readonly source?: string | undefined
  /**
   * Any Standard Schema (zod 4, valibot, arktype, or `jsonSchema` of this package), synchronous or not. `execute` gets
   * what it returns, so defaults and transforms apply. It must describe an object: models pass nothing else.
   */
  readonly input: S
  /** JSON Schema (2020-12) shown to models. Default: what `input` tells of itself. */
  readonly inputSchema?: JsonSchema | undefined
  /** Any Standard Schema of the result. Default: no check beyond being plain data of bounded size. */
  readonly output?: StandardSchemaV1<R, O> | undefined
  /** Milliseconds one call may take, 1 to 2,147,483,647, or `Infinity`. Default 60,000. */
  readonly timeoutMs?: number | undefined
  /**
   * Most characters of a result: of its strings, keys, numbers and binary data together. A longer one is rejected with
   * `AIOS_INVALID_TOOL_OUTPUT`, never cut. At least 1, or `Infinity`. Default 1,048,576.
   */
  readonly maxOutputChars?: number | undefined
  /** Names what two calls must not use at once: calls that share a key run one after the other, kernel-wide. */
  readonly conflictKeys?: readonly string[] | ((input: InputOf<S>) => readonly string[]) | undefined
  /**
   * Whether running it again with the same input does no more than running it once: it only reads, or sets what it is given, or
   * hands `context.key` to a service that applies each key once.
   * A journalled run whose process was killed while such a tool ran runs it again by itself; of any other it asks
   * whoever resumes it. Default false.
   */
  readonly idempotent?: boolean | undefined
  /** Runs the tool. Whatever it throws becomes the cause of `AIOS_TOOL_FAILED`. */
  execute(input: InputOf<S>, context: ToolContext): R | Promise<R>
}

/**
 * Is a tool as `defineTool` makes it: frozen, complete, with its full name. Hand it to `tools([...])`.
 *
 * @typeParam I - validated input
 * @typeParam O - what the caller gets
 * @typeParam R - what `execute` returns, before the `output` schema makes `O` of it
 */
export interface Tool<I = unknown, O = unknown, R = O> extends ToolInfo {
  readonly input: StandardSchemaV1<unknown, I>
  readonly output: StandardSchemaV1<unknown, O> | undefined
  readonly timeoutMs: number
  readonly maxOutputChars: number
  readonly idempotent: boolean
  /** Returns the conflict keys of one call. */
  conflictKeys(input: I): readonly string[]
  /** Runs the tool on input that is already valid, without time limit and checks; for unit tests of a tool. */
  execute(input: I, context: ToolContext): R | Promise<R>
}

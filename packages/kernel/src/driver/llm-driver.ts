import type { CoreReply, CoreRequest, StreamPart } from './chat.js'
import type { CoreEmbedReply, CoreEmbedRequest } from './embed.js'
import type { BatchRow } from '../scheduler/batch/batch-row.js'
import type { CoreLimits, DriverBase, DriverCall } from './device-driver.js'

/** Says how a generation that was cut can go on. */
export type Resume = 'state' | 'prefix' | 'none'

/** Is the price of a core in US dollars for a million tokens. */
export interface CorePrice {
  readonly inputUsdPerMTok: number
  readonly outputUsdPerMTok: number
}

/** Says what a model can do. What is absent is not known, and taken as possible. */
export interface CoreCapabilities {
  /** Calls tools. */
  readonly tools?: boolean | undefined
  /** Sees images. */
  readonly images?: boolean | undefined
  /** Reads files other than images. */
  readonly files?: boolean | undefined
  /**
   * Keeps to a JSON Schema, by a mode of its own or by a grammar. The kernel tells a core that cannot what is wanted in the
   * conversation.
   */
  readonly schema?: boolean | undefined
}

/**
 * Serves one model (an LLM core in AIOS's words). Implement `stream`, `chat`, or both; the kernel makes the missing
 * one from the other. A core that only embeds has `embed` alone, and one that only finds others has `discover`. A core that only works in batches has `batches['llm.chat']` instead, and cannot stream. Retries of the vendor SDK must be off: the kernel counts attempts.
 *
 * Errors: throw an `AiosError` with an `AIOS_LLM_…` code; anything else becomes `AIOS_DRIVER_FAILED` with the cause.
 *
 * @example
 * ```ts
 * import type { LlmDriver } from '@aios/kernel/driver'
 *
 * const echo: LlmDriver = {
 *   kind: 'llm', id: 'echo', model: 'echo-1',
 *   chat: (request) => ({
 *     parts: [{ type: 'text', text: `You sent ${request.messages.length} messages.` }],
 *     finish: { unified: 'stop' }, usage: { input: { total: 1 }, output: { total: 1 } },
 *   }),
 * }
 * ```
 */
export interface LlmDriver extends DriverBase {
  readonly kind: 'llm'
  readonly limits?: CoreLimits | undefined
  /** Serves `llm.chat` or `llm.embed` in batches, in place of `chat`, `stream` or `embed`, or beside them. */
  readonly batches?:
    | {
        readonly 'llm.chat'?: BatchRow<CoreRequest, CoreReply> | undefined
        readonly 'llm.embed'?: BatchRow<CoreEmbedRequest, CoreEmbedReply> | undefined
      }
    | undefined
  /** Name of the model that this core asks for. */
  readonly model: string
  /** Names the provider or engine, such as `openai` or `gguf`: what `llms[].backend` of a request means. */
  readonly backend?: string | undefined
  readonly capabilities?: CoreCapabilities | undefined
  /** Size of the context window in tokens, where known. */
  readonly contextWindow?: number | undefined
  /** Most tokens the model can answer, where known. */
  readonly maxOutputTokens?: number | undefined
  /** What a token costs; needed by `usd` budgets. */
  readonly price?: CorePrice | undefined
  /** Returns an upper bound of the input tokens of a request. Default: the kernel's bound from bytes. */
  estimate?(request: CoreRequest): number
  /**
   * Counts the input tokens of a request as the model would, tools included: a whole number from 0. `contextWindow` asks it
   * where the kernel's bound leaves in doubt whether a conversation fits, about once for each halving of what could go, so it
   * should be quick. One that can fail should fall back on a bound of its own: what it throws rejects the call.
   */
  countTokens?(request: CoreRequest): number | Promise<number>
  /**
   * How an answer that the kernel cut in the middle, to let another call have its slot or because its process was
   * suspended, goes on later. Default `none`: it is never cut.
   *
   * - `state`: exactly, from what {@link LlmDriver.save} returned. For local engines.
   * - `prefix`: from its text. `stream` gets the request with the text so far as its last message, of role `assistant`, and
   *   yields only what comes after it. For providers that continue such a message; most chat models do not.
   */
  readonly resume?: Resume | undefined
  /**
   * Returns all that {@link LlmDriver.restore} needs to go on after the last part that was yielded, as data that can be
   * cloned (JSON values, typed arrays). Called between two parts; the kernel then aborts the call and its iterator. If it
   * throws, the answer goes on uncut. Needed for `resume: 'state'`.
   */
  save?(call: DriverCall): unknown
  /**
   * Yields the parts after those that were yielded before the state was saved; usage in its `finish` is that of the whole
   * answer. Needed for `resume: 'state'`.
   */
  restore?(state: unknown, request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart>
  /** Answers in one piece. */
  chat?(request: CoreRequest, call: DriverCall): CoreReply | Promise<CoreReply>
  /**
   * Answers in parts. The kernel pulls as its consumer pulls, and calls `return` on the iterator when it stops early;
   * the driver must then abort the provider.
   */
  stream?(request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart>
  /** Makes vectors of texts. A core may do only this. */
  embed?(request: CoreEmbedRequest, call: DriverCall): CoreEmbedReply | Promise<CoreEmbedReply>
  /**
   * Looks for a model that no core serves where this driver gets models from, such as a host that has many, and returns a
   * core for it, not opened, whose id or model is that name; or undefined. The kernel asks when a call names a model that its
   * process may use and that is not there, and would be refused otherwise: once at a time for each name, and never with a
   * `backend` other than the driver's. It adds the core, and routes the call again. Must end in time by itself. A driver may
   * do only this.
   *
   * @param name - the model that the call asks for
   */
  discover?(name: string): LlmDriver | undefined | Promise<LlmDriver | undefined>
}

import type {
  CustomPart,
  FilePart,
  JsonSchema,
  Message,
  MessagePart,
  ProviderBag,
  SourcePart,
  ToolCallPart,
} from './message.js'

/** Describes a tool to a model. */
export interface ToolSpec {
  readonly name: string
  readonly description: string
  /** JSON Schema of the input object. */
  readonly inputSchema: JsonSchema
}

/** Says whether the model may, must or must not call tools, or which one it must call. Default `auto`. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly tool: string }

/** Says what the answer must look like. A schema is sent where the core can enforce one. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json'; readonly schema?: JsonSchema | undefined; readonly name?: string | undefined }

/** Names a core that a request may go to (AIOS: an entry of `llms`). */
export interface LlmChoice {
  /** Id of a core or name of a model. */
  readonly name: string
  /** Its provider, such as `openai`. Default: any. */
  readonly backend?: string | undefined
}

/** Bounds what a router may choose for a request. */
export interface ChatRequirement {
  /** Most milliseconds until the whole answer is there, as far as the past tells. */
  readonly maxLatencyMs?: number | undefined
  /** Least quality that is expected of the answer, from 0 to 1. */
  readonly minQuality?: number | undefined
  /** Most US dollars that the answer is expected to cost. */
  readonly maxUsd?: number | undefined
}

/** Is what `llm.chat` and `llm.stream` take. */
export interface ChatRequest {
  /** At least one message. */
  readonly messages: readonly Message[]
  /** Id of a core or name of a model; default: what the router picks. */
  readonly model?: string | undefined
  /**
   * Cores that will do, any of them, one at least: by id or name of the model, where wanted by its provider too. Read by
   * the router, beside `model`.
   */
  readonly llms?: readonly LlmChoice[] | undefined
  /** What the answer may cost and must be worth; read by routers that know such things. */
  readonly require?: ChatRequirement | undefined
  /** Names the kind of task, such as `maths`, for routers that learn how well each core does it. */
  readonly task?: string | undefined
  /** Names of the kernel's tools, or inline descriptions. The model only sees them; nothing runs by itself. */
  readonly tools?: readonly (string | ToolSpec)[] | undefined
  readonly toolChoice?: ToolChoice | undefined
  readonly responseFormat?: ResponseFormat | undefined
  /** 0 to 2; provider default when absent. */
  readonly temperature?: number | undefined
  /** Nucleus sampling mass in (0, 1]. */
  readonly topP?: number | undefined
  /** Most tokens the answer may have, at least 1. */
  readonly maxOutputTokens?: number | undefined
  /** Up to 16 strings at which generation stops. */
  readonly stop?: readonly string[] | undefined
  readonly seed?: number | undefined
  /** How hard a reasoning model should think. */
  readonly reasoning?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | undefined
  /** Fields merged into the provider's own request, keyed by provider name. */
  readonly providerOptions?: ProviderBag | undefined
}

/**
 * Is a {@link ChatRequest} as a core receives it: routed, with tool names resolved to descriptions. Tools keep the names that
 * the caller used; a core whose protocol forbids a name maps it for each request and maps the model's calls back.
 */
export interface CoreRequest extends Omit<ChatRequest, 'tools' | 'model' | 'llms' | 'require' | 'task'> {
  readonly tools?: readonly ToolSpec[] | undefined
}

/**
 * Says in the vocabulary of all providers why generation ended. A request that was refused before any output is an error,
 * not a finish.
 */
export type FinishReason =
  'stop' | 'length' | 'tool-calls' | 'content-filter' | 'context-overflow' | 'paused' | 'aborted' | 'other'

/** Says why generation ended, in our words and in the provider's own. */
export interface Finish {
  readonly unified: FinishReason
  readonly raw?: string | undefined
}

/**
 * Counts tokens. Totals include everything: `input.total` cached tokens, `output.total` reasoning tokens.
 * A number that the provider did not report is absent, never guessed, unless `estimated` says so.
 */
export interface Usage {
  readonly input: {
    readonly total?: number | undefined
    readonly noCache?: number | undefined
    readonly cacheRead?: number | undefined
    readonly cacheWrite?: number | undefined
  }
  readonly output: {
    readonly total?: number | undefined
    readonly text?: number | undefined
    readonly reasoning?: number | undefined
  }
  /** True where the kernel estimated because the core reported nothing. */
  readonly estimated?: boolean | undefined
  /**
   * Tokens that the provider worked through again, or in vain, because the kernel cut the answer and continued it. In no
   * total, and charged to no budget. Absent for an answer that was never cut.
   */
  readonly overhead?: number | undefined
  /** The provider's own usage object. */
  readonly raw?: unknown
}

/** Tells that a core had to drop or change something of the request. */
export interface CoreWarning {
  readonly setting: string
  readonly message: string
}

/**
 * Is one part of a streamed answer. Drivers yield one `start` first and one `finish` last. The `tool-input-…` parts only
 * show a call's arguments as they grow: a `tool-call` part with the same id always follows, and only that one counts.
 * `tokens` of a delta is the number of tokens it was made of, where the core knows: time slices and shares are counted by it.
 */
export type StreamPart =
  | { readonly type: 'start'; readonly warnings?: readonly CoreWarning[] | undefined }
  | {
      readonly type: 'response-metadata'
      readonly responseId?: string | undefined
      readonly model?: string | undefined
    }
  | { readonly type: 'text-start'; readonly id: string }
  | { readonly type: 'text-delta'; readonly id: string; readonly text: string; readonly tokens?: number | undefined }
  | { readonly type: 'text-end'; readonly id: string; readonly opaque?: ProviderBag | undefined }
  | { readonly type: 'reasoning-start'; readonly id: string }
  | {
      readonly type: 'reasoning-delta'
      readonly id: string
      readonly text: string
      readonly tokens?: number | undefined
    }
  | { readonly type: 'reasoning-end'; readonly id: string; readonly opaque?: ProviderBag | undefined }
  | { readonly type: 'tool-input-start'; readonly id: string; readonly name: string }
  | { readonly type: 'tool-input-delta'; readonly id: string; readonly text: string }
  | { readonly type: 'tool-input-end'; readonly id: string }
  | ToolCallPart
  | { readonly type: 'part'; readonly part: FilePart | SourcePart | CustomPart }
  | { readonly type: 'finish'; readonly finish: Finish; readonly usage: Usage }

/** Is what a core answers to a call that is not streamed. */
export interface CoreReply {
  /** Parts in the order the model produced them: text kept beside tool calls. */
  readonly parts: readonly MessagePart[]
  readonly finish: Finish
  readonly usage: Usage
  /** The model that answered, as the provider names it. */
  readonly model?: string | undefined
  readonly warnings?: readonly CoreWarning[] | undefined
}

/** Describes one try of a syscall on a device. */
export interface Attempt {
  /** Lane of the device, such as `llm/main`. */
  readonly lane: string
  readonly startedAt: number
  readonly endedAt: number
  readonly errorCode?: string | undefined
}

/** Says how the kernel ran a call. Times in milliseconds. */
export interface CallMeta {
  readonly syscallId: number
  /** Time from the call to its start on the device. */
  readonly waitMs: number
  /** Time on the device. */
  readonly executionMs: number
  readonly attempts: readonly Attempt[]
}

/** Is the answer of `llm.chat`, and the final result of `llm.stream`. */
export interface ChatReply {
  /** All text parts joined. */
  readonly text: string
  /** The answer as a message that can be appended to the conversation. */
  readonly message: Message & { readonly role: 'assistant'; readonly content: readonly MessagePart[] }
  readonly toolCalls: readonly ToolCallPart[]
  readonly finish: Finish
  readonly usage: Usage
  /** The model that answered: what the provider reported, else the model of the core. */
  readonly model: string
  readonly warnings: readonly CoreWarning[]
  readonly meta: CallMeta
}

/**
 * Is a running streamed answer: iterate the parts, await `result`, or both.
 * Leaving the loop aborts the provider and resolves `result` with the partial reply, finish `aborted`.
 */
export interface ChatStream extends AsyncIterable<StreamPart> {
  /**
   * Resolves after the last part. Awaited without iterating, the kernel pulls and drops the parts.
   * Never becomes an unhandled rejection.
   */
  readonly result: Promise<ChatReply>
}

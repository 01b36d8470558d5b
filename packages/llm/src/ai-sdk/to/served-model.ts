import type { AiSdkSpec } from '../spec-version.js'

/** Is any JSON value, as the AI SDK types it. */
export type AppJson = null | string | number | boolean | AppJson[] | { [key: string]: AppJson }

/** Is state of a part, by the names of providers. */
export type AppMetadata = Record<string, Record<string, AppJson>>

interface Stateful {
  providerMetadata?: AppMetadata
}

type Reason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'other'

/** Is why an answer ended: a word in v2, an object since. */
export type AppFinish<S extends AiSdkSpec> = S extends 'v2' ? Reason : { unified: Reason; raw: string | undefined }

/** Is what an answer cost: flat in v2, nested since. */
export type AppUsage<S extends AiSdkSpec> = S extends 'v2'
  ? {
      inputTokens: number | undefined
      outputTokens: number | undefined
      totalTokens: number | undefined
      reasoningTokens: number | undefined
      cachedInputTokens: number | undefined
    }
  : {
      inputTokens: {
        total: number | undefined
        noCache: number | undefined
        cacheRead: number | undefined
        cacheWrite: number | undefined
      }
      outputTokens: { total: number | undefined; text: number | undefined; reasoning: number | undefined }
      raw?: Record<string, AppJson>
    }

/** Tells what was dropped of a call. */
export type AppWarning<S extends AiSdkSpec> = S extends 'v2'
  ? { type: 'unsupported-setting'; setting: string; details: string }
  : { type: 'unsupported'; feature: string; details: string }

/** Holds a file: tagged in v4. */
export type AppFileData<S extends AiSdkSpec> = S extends 'v4'
  ? { type: 'data'; data: Uint8Array | string } | { type: 'url'; url: URL }
  : Uint8Array | string

type Source =
  | { type: 'source'; sourceType: 'url'; id: string; url: string; title?: string }
  | { type: 'source'; sourceType: 'document'; id: string; mediaType: string; title: string }

/** Is a call of a tool, by the model, for the app. */
export type AppToolCall = { type: 'tool-call'; toolCallId: string; toolName: string; input: string } & Stateful

/** Is content that comes whole, also inside of a stream. */
export type AppWhole<S extends AiSdkSpec> =
  AppToolCall | ({ type: 'file'; mediaType: string; data: AppFileData<S> } & Stateful) | (Source & Stateful)

/** Is one part of a whole answer. */
export type AppContent<S extends AiSdkSpec> = AppWhole<S> | ({ type: 'text' | 'reasoning'; text: string } & Stateful)

type Said =
  | { type: 'text-start' | 'reasoning-start' | 'text-end' | 'reasoning-end'; id: string }
  | { type: 'text-delta' | 'reasoning-delta'; id: string; delta: string }
  | { type: 'tool-input-start'; id: string; toolName: string }
  | { type: 'tool-input-delta'; id: string; delta: string }
  | { type: 'tool-input-end'; id: string }

/** Is one part of a streamed answer. */
export type AppStreamPart<S extends AiSdkSpec> =
  | { type: 'stream-start'; warnings: AppWarning<S>[] }
  | { type: 'response-metadata'; id?: string; modelId?: string }
  | (Said & Stateful)
  | AppWhole<S>
  | ({ type: 'finish'; finishReason: AppFinish<S>; usage: AppUsage<S> } & Stateful)
  | { type: 'error'; error: unknown }

/** Is a whole answer. */
export interface AppAnswer<S extends AiSdkSpec> extends Stateful {
  content: AppContent<S>[]
  finishReason: AppFinish<S>
  usage: AppUsage<S>
  warnings: AppWarning<S>[]
  response: { modelId: string }
}

/** Is what an app calls a language model with, as far as it is read. */
export interface AppCall {
  readonly prompt: readonly AppMessage[]
  readonly maxOutputTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly presencePenalty?: number | undefined
  readonly frequencyPenalty?: number | undefined
  readonly stopSequences?: readonly string[] | undefined
  readonly seed?: number | undefined
  readonly responseFormat?: object | undefined
  readonly tools?: readonly object[] | undefined
  readonly toolChoice?: object | undefined
  readonly reasoning?: string | undefined
  readonly includeRawChunks?: boolean | undefined
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  readonly providerOptions?: Readonly<Record<string, object>> | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** Is one message of an app's prompt. */
export interface AppMessage {
  readonly role: string
  readonly content: string | readonly object[]
  readonly providerOptions?: Readonly<Record<string, object>> | undefined
}

/** Is what an app calls an embedding model with, as far as it is read. */
export interface AppEmbedCall {
  readonly values: readonly string[]
  readonly dimensions?: number | undefined
  readonly providerOptions?: Readonly<Record<string, object>> | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** Is a language model of the AI SDK that is served by a kernel. */
export interface KernelLanguageModel<S extends AiSdkSpec> {
  readonly specificationVersion: S
  readonly provider: string
  readonly modelId: string
  /** None: the AI SDK fetches files itself, so that any core can take them. */
  readonly supportedUrls: Record<string, RegExp[]>
  doGenerate(options: AppCall): Promise<AppAnswer<S>>
  doStream(options: AppCall): Promise<{ stream: ReadableStream<AppStreamPart<S>> }>
}

/** Is an embedding model of the AI SDK that is served by a kernel. */
export interface KernelEmbeddingModel<S extends AiSdkSpec> {
  readonly specificationVersion: S
  readonly provider: string
  readonly modelId: string
  readonly maxEmbeddingsPerCall: undefined
  readonly supportsParallelCalls: true
  doEmbed(
    options: AppEmbedCall,
  ): Promise<{ embeddings: number[][]; usage?: { tokens: number }; warnings: AppWarning<S>[] }>
}

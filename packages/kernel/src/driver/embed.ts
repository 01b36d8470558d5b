import type { CallMeta, CoreWarning, Usage } from './chat.js'
import type { ProviderBag } from './message.js'

/** Is what `llm.embed` takes. */
export interface EmbedRequest {
  /** Texts, one at least; each gets a vector of its own. */
  readonly input: readonly string[]
  /** Id of a core or name of a model that embeds; default: the first core that does. */
  readonly model?: string | undefined
  /** Length of the vectors, where the model can shorten them. Default: the model's own. */
  readonly dimensions?: number | undefined
  /** Fields merged into the provider's own request, keyed by provider name. */
  readonly providerOptions?: ProviderBag | undefined
}

/** Is an {@link EmbedRequest} as a core receives it. */
export type CoreEmbedRequest = Omit<EmbedRequest, 'model'>

/** Is what a core answers to `llm.embed`. */
export interface CoreEmbedReply {
  /** A vector for each text, in the order of the texts, all of one length. */
  readonly vectors: readonly Float32Array[]
  readonly usage: Usage
  /** The model that answered, as the provider names it. */
  readonly model?: string | undefined
  readonly warnings?: readonly CoreWarning[] | undefined
}

/** Is the answer of `llm.embed`. */
export interface EmbedReply {
  /** A vector for each text, in the order of the texts, all of one length. */
  readonly vectors: readonly Float32Array[]
  readonly usage: Usage
  readonly model: string
  readonly warnings: readonly CoreWarning[]
  readonly meta: CallMeta
}

import type { Message } from '../driver/message.js'

/**
 * Says who counted: `core` is the core's own tokenizer, `provider` what the provider reported for the beginning of the same
 * conversation plus the kernel's bound of what came since, `estimated` a bound from above.
 */
export type TokenSource = 'provider' | 'core' | 'estimated'

/** Is a number of tokens, and who counted it. */
export interface TokenCount {
  readonly tokens: number
  readonly source: TokenSource
}

/** Says what one step did to a conversation. */
export interface TrimmedStep {
  /** Name of the step, such as `prune`. */
  readonly step: string
  /** Messages that are gone. */
  readonly messages: number
  /** Parts that a marker stands for now, in messages that are still there. */
  readonly parts: number
  /** Tokens that were gained: by how much the count fell, less than 0 where what came instead counts for more. */
  readonly tokens: number
  /** Why the step did less than it was asked to; the next one then went on. */
  readonly failed?: string | undefined
}

/** Is a conversation that fits. */
export interface FittedContext {
  /** The very array that was given, if nothing had to go. */
  readonly messages: readonly Message[]
  readonly beforeTokens: number
  readonly afterTokens: number
  /** Who counted `afterTokens`. */
  readonly source: TokenSource
  /** What each step that was needed did, in order; empty if nothing had to go. */
  readonly steps: readonly TrimmedStep[]
}

import type { LlmRouter } from '@aios/kernel'
import { checkOptions, option, type OptionField } from '@aios/kernel/driver'
import { STRATEGY_FIELDS, type StrategyOptions } from '../strategy.js'
import { isExample, type RoutingExample } from './example.js'
import type { PolicyMaker } from './policy.js'

/** Is what {@link smart} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface SmartOptions extends StrategyOptions {
  /** Weighs quality against cost. Default: {@link threshold} with 0.7. */
  readonly policy?: PolicyMaker | undefined
  /** Examples to begin with, the oldest first. Default: none. */
  readonly history?: readonly RoutingExample[] | undefined
  /** Most examples that are remembered, from 16; the oldest go. Default 10,000. */
  readonly examples?: number | undefined
  /** Nearest examples that are asked, from 1. Default 256. */
  readonly neighbours?: number | undefined
  /** Similarity from 0 to 1 that the nearest example must have, for the router to judge a request without a known task. Default 0.05. */
  readonly minSimilarity?: number | undefined
  /** Chooses where the router does not know enough to judge any core. Default: {@link firstAvailable}. */
  readonly otherwise?: LlmRouter | undefined
  /** Share of requests, from 0 to 1, that go to the allowed core with the fewest examples, to learn about it. Default 0. */
  readonly explore?: number | undefined
  /**
   * Makes a vector of a text, in the place of similarity by words: all of one length, quick, and always the same for a text.
   * Comparing is then a pass over all examples. With the first example of another length the vectors of the others are dropped; a
   * request with a vector of another length is compared by words.
   */
  readonly embed?: ((text: string) => ArrayLike<number>) | undefined
  /** Keeps what is learnt from feedback in the kernel's records, as hashed features without the text. Default true. */
  readonly keep?: boolean | undefined
}

/** Is {@link SmartOptions} with all defaults. */
export type SmartSettings = Required<{
  readonly [Key in 'examples' | 'neighbours' | 'minSimilarity' | 'explore']: number
}> &
  SmartOptions

const having = (what: string, method: string): OptionField =>
  option.custom(what, (value) => typeof (value as Record<string, unknown> | null)?.[method] === 'function')

const OPTIONS = option.object({
  ...STRATEGY_FIELDS,
  policy: option.optional(having('a policy such as threshold()', 'create')),
  history: option.optional(option.array(isExample)),
  examples: option.optional(option.integer(16, 1_000_000)),
  neighbours: option.optional(option.integer(1)),
  minSimilarity: option.optional(option.number(0, 1)),
  otherwise: option.optional(having('a router with a method pick', 'pick')),
  explore: option.optional(option.number(0, 1)),
  embed: option.optional(option.function),
  keep: option.optional(option.boolean),
})

/**
 * Checks the options of {@link smart} and fills in the defaults of its numbers.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function smartSettings(options: SmartOptions): SmartSettings {
  checkOptions('smart()', options, OPTIONS)
  const { examples = 10_000, neighbours = 256, minSimilarity = 0.05, explore = 0 } = options
  return { ...options, examples, neighbours, minSimilarity, explore }
}

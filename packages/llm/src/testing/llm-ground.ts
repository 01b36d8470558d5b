import type { BuiltinErrorCode, FinishReason, LlmDriver } from '@aios/kernel'

/** Names something that not every provider, or stand-in for one, can be made to do. */
export type LlmAbility =
  /** Answer without saying how many tokens it took. */
  | 'silent-usage'
  /** Report cached and reasoning tokens. */
  | 'detailed-usage'
  /** Show the model's reasoning. */
  | 'reasoning'
  /** Stop answering without closing the connection, and notice when the caller goes. */
  | 'hang'
  /** End a stream properly, but before the answer is complete. */
  | 'cut'
  /** Lose the connection in the middle of a stream. */
  | 'drop'
  /** Have a driver with `resume: 'state'`. What it says need not be the scenario's text, only the same each time. */
  | 'resume-state'
  /** Go on with a last message of the assistant, where the driver says `resume: 'prefix'`. */
  | 'resume-prefix'

/** Says what the provider does with every request of one case, in the words of no provider. */
export interface LlmScenario {
  /** The text, in the pieces in which it is streamed. */
  readonly tokens?: readonly string[] | undefined
  readonly reasoning?: string | undefined
  /** Tool calls, after the text; the names are those of the request, the arguments text that may be no JSON. */
  readonly toolCalls?: readonly { readonly name: string; readonly inputText: string }[] | undefined
  /** Why the model stopped. Default: what fits. */
  readonly finish?: Extract<FinishReason, 'length' | 'content-filter'> | undefined
  /** Totals include cached and reasoning tokens. Default: any, if the provider cannot be silent. */
  readonly usage?: LlmScenarioUsage | undefined
  /** What happens after the last token instead of an end: nothing more, a proper but early end, a lost connection. */
  readonly ending?: 'hang' | 'cut' | 'drop' | undefined
  /** The error that the provider answers with, instead of everything else. */
  readonly failure?: LlmScenarioFailure | undefined
}

/** Counts the tokens of a scenario. */
export interface LlmScenarioUsage {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number | undefined
  readonly reasoning?: number | undefined
}

/** Is an error of a provider by what the driver must make of it. */
export interface LlmScenarioFailure {
  readonly code: Extract<BuiltinErrorCode, `AIOS_LLM_${string}`>
  /** How long the provider asks to wait, in whole seconds. */
  readonly retryAfterMs?: number | undefined
}

/** Is an open driver in front of a provider that follows one scenario. */
export interface LlmStage {
  readonly driver: LlmDriver
  /** Returns the number of requests that reached the provider. */
  requests(): number
  /** Resolves when so many requests have reached the provider. */
  received(count: number): Promise<void>
  /** Resolves when the provider serves nothing any more: the driver let go of every request. */
  released(): Promise<void>
  /** Closes the driver and the provider. */
  close(): Promise<void>
}

/** Puts a driver to the proof: makes its provider, or a stand-in, follow a scenario. */
export interface LlmGround {
  /** What the provider cannot be made to do; cases that need it are left out. Default: nothing. */
  readonly cannot?: readonly LlmAbility[] | undefined
  /** Sets the stage for one case. The same scenario is played for every request. */
  stage(scenario: LlmScenario): Promise<LlmStage>
  /** Is told of a case that does not apply to the driver, such as one about streams where it has none, and why. Default: nobody is. */
  leftOut?(name: string, why: string): void
}

import { AiosError } from '@aios/kernel/driver'
import type { Llama, LlamaGrammar, LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'
import type { LlamaSdk } from './sdk.js'

/** What the engine has for its own use: it tells a grammar of a token that was drawn earlier. */
interface Internals {
  readonly _bindings?: {
    readonly AddonSampler?: { readonly acceptGrammarEvaluationStateToken?: (state: unknown, token: Token) => void }
  }
}

/** Follows how far an answer has come in its grammar. */
export class GrammarProgress {
  readonly state: LlamaGrammarEvaluationState
  readonly #llama: Llama

  constructor(sdk: LlamaSdk, { llama, model, grammar }: { llama: Llama; model: LlamaModel; grammar: LlamaGrammar }) {
    this.#llama = llama
    this.state = new sdk.LlamaGrammarEvaluationState({ model, grammar })
  }

  /** Whether the engine lets an answer go on in the middle of a grammar. */
  static canReplay(llama: Llama): boolean {
    return typeof (llama as Internals)._bindings?.AddonSampler?.acceptGrammarEvaluationStateToken === 'function'
  }

  /**
   * Goes on by tokens that were drawn before the answer was cut.
   *
   * @throws AiosError `AIOS_UNSUPPORTED` if the engine has no way to
   */
  replay(tokens: Iterable<number>): void {
    const sampler = (this.#llama as Internals)._bindings?.AddonSampler
    if (sampler?.acceptGrammarEvaluationStateToken === undefined) {
      const message =
        'Expected an engine that goes on in the middle of a grammar, got another version. Ask again from the beginning.'
      throw new AiosError('AIOS_UNSUPPORTED', message)
    }
    const { _state } = this.state as unknown as { readonly _state: unknown }
    for (const token of tokens) sampler.acceptGrammarEvaluationStateToken(_state, token as Token)
  }
}

import type { LlamaModel, Token } from 'node-llama-cpp'

/** Tokens that may belong to one character; more are text, legible or not. */
const MAX_HELD = 8
/** Tokens before a text that decide whether it keeps its leading space. */
const CONTEXT = 4
const REPLACEMENT = '\uFFFD'
const UNFINISHED = /\uFFFD+$/

/** Turns tokens into text, one after the other, without ever splitting a character. */
export class TokenText {
  readonly #model: LlamaModel
  readonly #marks: readonly string[]
  #held: Token[] = []
  #before: Token[] = []

  /** @param marks - texts that special tokens may be part of; such tokens are text, all others are none */
  constructor(model: LlamaModel, marks: readonly string[]) {
    this.#model = model
    this.#marks = marks
  }

  /** Returns the text of the tokens so far that was not told yet, and how many tokens it is made of. */
  push(token: Token): { readonly text: string; readonly tokens: number } | undefined {
    if (this.#model.isSpecialToken(token)) return this.#special(token)
    this.#held.push(token)
    const text = this.#model.detokenize(this.#held, false, this.#before)
    if (text.endsWith(REPLACEMENT) && this.#held.length < MAX_HELD) return undefined
    return this.#told(text)
  }

  /** Returns what is left, without a character that was never completed. */
  end(): { readonly text: string; readonly tokens: number } | undefined {
    if (this.#held.length === 0) return undefined
    return this.#told(this.#model.detokenize(this.#held, false, this.#before).replace(UNFINISHED, ''))
  }

  #special(token: Token): { readonly text: string; readonly tokens: number } {
    const shown = this.#model.detokenize([token], true)
    const before = this.end()
    this.#before = [token]
    const text = this.#marks.some((mark) => mark.includes(shown)) ? shown : ''
    return { text: (before?.text ?? '') + text, tokens: (before?.tokens ?? 0) + 1 }
  }

  #told(text: string): { readonly text: string; readonly tokens: number } {
    const tokens = this.#held.length
    this.#before = [...this.#before, ...this.#held].slice(-CONTEXT)
    this.#held = []
    return { text, tokens }
  }
}

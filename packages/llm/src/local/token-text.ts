/** Tokens that may belong to one character; more are text, legible or not. */
const MAX_HELD = 8
/** Tokens before a text that decide whether it keeps its leading space. */
const CONTEXT = 4
const REPLACEMENT = '\uFFFD'
const UNFINISHED = /\uFFFD+$/

/** Says what the tokens of a model mean. */
export interface Vocabulary {
  /** Whether a token is no text, such as one that marks a turn. */
  isSpecialToken(token: number | undefined): boolean
  /** Whether an answer ends with this token. */
  isEogToken(token: number | undefined): boolean
  /**
   * Writes tokens as text.
   *
   * @param special - whether to show tokens that are no text
   * @param before - tokens before these, on which a leading space may depend
   */
  detokenize(tokens: readonly number[], special: boolean, before?: readonly number[]): string
}

/** Turns tokens into text, one after the other, without ever splitting a character. */
export class TokenText {
  readonly #model: Vocabulary
  readonly #marks: readonly string[]
  #held: number[] = []
  #before: number[] = []

  /** @param marks - texts that special tokens may be part of; such tokens are text, all others are none */
  constructor(model: Vocabulary, marks: readonly string[]) {
    this.#model = model
    this.#marks = marks
  }

  /** Returns the text of the tokens so far that was not told yet, and how many tokens it is made of. */
  push(token: number): { readonly text: string; readonly tokens: number } | undefined {
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

  #special(token: number): { readonly text: string; readonly tokens: number } {
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

import type { PreTrainedTokenizer } from '@huggingface/transformers'
import type { Vocabulary } from '../local/token-text.js'

/** Is the vocabulary of a tokenizer. */
export class TokenizerVocabulary implements Vocabulary {
  readonly #tokenizer: PreTrainedTokenizer
  readonly #special: ReadonlySet<number>
  readonly #ends: ReadonlySet<number>

  /**
   * @param ends - ids of the tokens that end an answer
   * @param turnEnd - what stands behind a turn of the model: a special token that it begins with ends an answer too
   */
  constructor(tokenizer: PreTrainedTokenizer, ends: readonly number[], turnEnd: string) {
    this.#tokenizer = tokenizer
    this.#special = new Set(tokenizer.all_special_ids)
    const [closing] = this.tokenize(turnEnd)
    const own = tokenizer.eos_token_id as unknown
    this.#ends = new Set([
      ...ends,
      ...(typeof own === 'number' ? [own] : []),
      ...(closing !== undefined && this.#special.has(closing) ? [closing] : []),
    ])
  }

  /** Cuts text, with what marks turns in it, into tokens. */
  tokenize(text: string): readonly number[] {
    return text === '' ? [] : this.#tokenizer.encode(text, { add_special_tokens: false })
  }

  isSpecialToken(token: number | undefined): boolean {
    return token !== undefined && this.#special.has(token)
  }

  isEogToken(token: number | undefined): boolean {
    return token !== undefined && this.#ends.has(token)
  }

  detokenize(tokens: readonly number[], special: boolean, before: readonly number[] = []): string {
    const told = this.#text(before, special)
    const whole = this.#text([...before, ...tokens], special)
    // Some tokenizers take the space off the beginning of a text: it is there only behind others.
    return whole.startsWith(told) ? whole.slice(told.length) : this.#text(tokens, special)
  }

  #text(tokens: readonly number[], special: boolean): string {
    if (tokens.length === 0) return ''
    const options = { skip_special_tokens: !special, clean_up_tokenization_spaces: false }
    return this.#tokenizer.decode([...tokens], options)
  }
}

import { stem } from './stem.js'

/** Words that are remembered; texts say the same ones again and again. */
const MOST_WORDS = 4_096

/** Remembers the stems of words that came before, as many as fit. */
export class StemMemory {
  readonly #stems = new Map<string, string>()

  /** Returns the stem of a word in lower case. */
  stem(word: string): string {
    const known = this.#stems.get(word)
    if (known !== undefined) return known
    const found = stem(word)
    if (this.#stems.size >= MOST_WORDS) this.#stems.clear()
    this.#stems.set(word, found)
    return found
  }
}

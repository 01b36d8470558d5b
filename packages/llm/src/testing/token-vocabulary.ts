/** Words of a {@link TokenVocabulary}; each begins with its space, as those of real tokenizers do. */
const WORDS =
  ' the, a, agent, kernel, queue, waits, runs, of, time, slot, and, then, goes, on, model, token, naïve, 🌍'.split(',')
/** Endings that are tokens of their own, so that a word may be two tokens. */
const ENDINGS = ['ness', 'ish', 'less', ',', '.', '\n\n']

/**
 * Holds the tokens that a token engine speaks in: words that begin with a space, endings that do not. A text cut before a
 * space splits into the tokens it was made of; one cut within a word does not, so that an engine would go on differently.
 */
export class TokenVocabulary {
  readonly tokens: readonly string[] = [...WORDS, ...ENDINGS]

  /** Splits a text: at each place the longest token that fits, else one character, which is no token (-1). */
  split(text: string): readonly number[] {
    const ids: number[] = []
    for (let at = 0; at < text.length;) {
      const id = this.#longestAt(text, at)
      ids.push(id)
      at += this.tokens[id]?.length ?? 1
    }
    return ids
  }

  #longestAt(text: string, at: number): number {
    let best = -1
    for (const [id, token] of this.tokens.entries())
      if (text.startsWith(token, at) && token.length > (this.tokens[best]?.length ?? 0)) best = id
    return best
  }
}

const SPACE = /\s/
const OPENS = '{['
const CLOSES = '}]'

/** Finds where a JSON value ends in a text that comes in pieces. It does not check the value. */
export class JsonSpan {
  #depth = 0
  #inString = false
  #isEscaped = false
  /** Whether a number or a word of JSON is being read, which ends only where something else begins. */
  #inScalar = false
  #begun = false

  /**
   * Reads the next piece.
   *
   * @returns how many of its characters belong to the value, or stand before it; undefined if it goes on after the piece
   */
  read(piece: string): number | undefined {
    for (let at = 0; at < piece.length; at += 1) {
      const end = this.#take(piece[at] as string)
      if (end !== undefined) return at + end
    }
    return undefined
  }

  /** Returns 1 if the value ends with this character, 0 if it ended before it. */
  #take(character: string): 0 | 1 | undefined {
    if (this.#inString) return this.#inText(character)
    if (this.#inScalar) {
      if (SPACE.test(character) || CLOSES.includes(character) || character === ',') return 0
      return undefined
    }
    if (!this.#begun && SPACE.test(character)) return undefined
    this.#begun = true
    if (character === '"') this.#inString = true
    else if (OPENS.includes(character)) this.#depth += 1
    else if (CLOSES.includes(character)) this.#depth -= 1
    else if (this.#depth === 0) this.#inScalar = true
    return this.#depth <= 0 && CLOSES.includes(character) ? 1 : undefined
  }

  #inText(character: string): 1 | undefined {
    if (this.#isEscaped) this.#isEscaped = false
    else if (character === '\\') this.#isEscaped = true
    else if (character === '"') {
      this.#inString = false
      if (this.#depth === 0) return 1
    }
    return undefined
  }
}

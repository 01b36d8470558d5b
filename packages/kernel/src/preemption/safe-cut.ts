/** Characters without a safe place after which a text is cut wherever a character ends: no text may keep a slot for ever. */
export const LONGEST_TAIL = 512

/** Ends of sentences in scripts that are written without spaces. */
const SENTENCE_ENDS = '。！？、，；：'

const isSpace = (char: string): boolean => /\s/.test(char)

/**
 * Finds the first place, from `from` on, where a text can be cut so that a model which gets the first half continues as it
 * would have: before the white space after a word, or after the end of a sentence in a script without spaces. No usual
 * tokenizer makes one token of what stands on both sides, and providers refuse a beginning that ends in white space.
 *
 * @param text - what was generated so far, from the beginning of its block
 * @param from - characters of it that are delivered and cannot be taken back
 * @returns the length of the first half; undefined if there is no such place yet
 */
export function safeCut(text: string, from: number): number | undefined {
  for (let at = Math.max(1, from); at < text.length; at += 1) {
    const before = text.charAt(at - 1)
    const after = text.charAt(at)
    if (isSpace(after) ? !isSpace(before) : SENTENCE_ENDS.includes(before) && !SENTENCE_ENDS.includes(after)) return at
  }
  return undefined
}

/** Returns the length of a text without half a character (a lone high surrogate) at its end. */
export function wholeCharacters(text: string): number {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length
}

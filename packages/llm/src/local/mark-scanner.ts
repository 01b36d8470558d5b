/** Is a mark that was found: the text before it, and the rest behind it. */
export interface FoundMark {
  readonly before: string
  readonly mark: string
  readonly rest: string
}

/** Returns the first of the marks in a text; of two at one place the longer. */
export function firstMark(text: string, marks: readonly string[]): FoundMark | undefined {
  let found: { at: number; mark: string } | undefined
  for (const mark of marks) {
    const at = text.indexOf(mark)
    if (at === -1 || (found !== undefined && (at > found.at || (at === found.at && mark.length <= found.mark.length))))
      continue
    found = { at, mark }
  }
  if (found === undefined) return undefined
  const { at, mark } = found
  return { before: text.slice(0, at), mark, rest: text.slice(at + mark.length) }
}

/** Returns how many characters at the end of a text may be the beginning of a mark. */
export function heldLength(text: string, marks: readonly string[]): number {
  const longest = Math.max(0, ...marks.map((mark) => mark.length - 1))
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(text.length - length)
    if (marks.some((mark) => mark.length > length && mark.startsWith(end))) return length
  }
  return 0
}

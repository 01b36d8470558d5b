/** Characters that can change a terminal, or the order in which it shows others. */
// eslint-disable-next-line no-control-regex -- control characters are what must not reach the terminal
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g
// eslint-disable-next-line no-control-regex -- the same, but what makes lines and columns
const UNSAFE_IN_LINES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/** Puts a text on one line of a terminal that it cannot otherwise change, cut to a number of characters. */
export function oneLine(text: string, characters: number): string {
  const plain = text.replaceAll(UNSAFE, ' ')
  if (plain.length <= characters) return plain
  // Half of a pair of surrogates is no character.
  const isWhole = (plain.codePointAt(characters - 2) ?? 0) <= 0xffff
  return `${plain.slice(0, isWhole ? characters - 1 : characters - 2)}…`
}

/** Takes out of a text what could change a terminal; its lines stay. */
export function harmless(text: string): string {
  return text.replaceAll(UNSAFE_IN_LINES, ' ')
}

/** Writes milliseconds as a person reads them. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  return ms < 3_597_000 ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}

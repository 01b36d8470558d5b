/** Puts a text on one line of a terminal that it cannot otherwise change, cut to a number of characters. */
export function oneLine(text: string, characters: number): string {
  // eslint-disable-next-line no-control-regex -- control characters are what must not reach the terminal
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
  return plain.length > characters ? `${plain.slice(0, characters - 1)}…` : plain
}

/** Writes milliseconds as a person reads them. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return ms < 3_600_000 ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}

/**
 * Cuts a text into pieces of at most `maxBytes` bytes in UTF-8, so that a piece has no more tokens than that; at ends of lines
 * where there are some in the later half of a piece, and never inside a character.
 */
export function chunksOf(text: string, maxBytes: number): readonly string[] {
  const chunks: string[] = []
  let start = 0
  while (start < text.length) {
    const end = endOf(text, start, maxBytes)
    const line = end === text.length ? -1 : text.lastIndexOf('\n', end - 1)
    const cut = line > start + (end - start) / 2 ? line + 1 : end
    chunks.push(text.slice(start, cut))
    start = cut
  }
  return chunks
}

function endOf(text: string, start: number, maxBytes: number): number {
  let bytes = 0
  let end = start
  while (end < text.length) {
    const code = text.codePointAt(end) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (bytes > maxBytes && end > start) break
    end += code < 0x10000 ? 1 : 2
  }
  return end
}

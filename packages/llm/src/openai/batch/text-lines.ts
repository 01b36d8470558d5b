/**
 * Splits bytes into lines of text, however they come. Only the line that is not complete is held.
 *
 * @param pull - returns the next bytes, or undefined at the end
 */
export async function* textLines(pull: () => Promise<Uint8Array | undefined>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for (let bytes = await pull(); bytes !== undefined; bytes = await pull()) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield line
  }
  const last = rest + decoder.decode()
  if (last.trim() !== '') yield last
}

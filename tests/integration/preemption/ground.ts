/** Requests, listeners and cores that the tests of preemption share. */
import type { CoreRequest, DriverCall, LlmDriver, StreamPart } from '@aios/kernel'

/** Asks one thing. */
export const ask = (content: string): CoreRequest => ({ messages: [{ role: 'user', content }] })

/** Collects what a stream delivers. */
export async function heard(stream: AsyncIterable<StreamPart>): Promise<readonly StreamPart[]> {
  const parts: StreamPart[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

/** Joins the text of parts. */
export const textOf = (parts: readonly StreamPart[]): string =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')

/** Is a core that says what another says, in pieces of so many UTF-16 units, which need not end where a character does. */
export function inPieces<T extends LlmDriver>(core: T, units: number): T {
  const stream = async function* (request: CoreRequest, call: DriverCall): AsyncGenerator<StreamPart> {
    let text = ''
    for await (const part of core.stream?.(request, call) ?? []) {
      if (part.type !== 'text-delta') {
        if (text !== '') yield { type: 'text-delta', id: '0', text }
        text = ''
        yield part
        continue
      }
      text += part.text
      for (; text.length >= units; text = text.slice(units))
        yield { type: 'text-delta', id: '0', text: text.slice(0, units) }
    }
  }
  return { ...core, stream, open: core.open?.bind(core), answerTo: (core as { answerTo?: unknown }).answerTo }
}

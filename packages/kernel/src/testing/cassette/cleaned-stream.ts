import { redactText } from '../../lifetime/redact.js'
import type { Scrubber } from './scrubber.js'

interface Delta {
  readonly type: string
  readonly id: string
  readonly text: string
}

/**
 * Takes secrets out of all parts of one streamed answer, also those that are spread over deltas: the text of the deltas of one
 * id is cleaned as a whole and cut into as many again.
 */
export function cleanedStream(parts: readonly unknown[], scrubber: Scrubber): readonly unknown[] {
  const cleaned = parts.map((part) => scrubber.clean(part))
  for (const places of deltasOf(parts).values()) {
    const texts = places.map((at) => (parts[at] as Delta).text)
    const whole = scrubber.text(texts.join(''))
    // As long as the parts by themselves come to the same, each keeps its own text.
    if (whole === places.map((at) => (cleaned[at] as Delta).text).join('')) continue
    const cuts = cut(whole, texts)
    for (const [index, at] of places.entries()) cleaned[at] = { ...(cleaned[at] as Delta), text: cuts[index] }
  }
  return cleaned
}

/** Returns where in a stream the deltas of each id are. */
function deltasOf(parts: readonly unknown[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [at, part] of parts.entries()) {
    if (!isDelta(part)) continue
    const key = JSON.stringify([part.type, part.id])
    const list = places.get(key)
    if (list === undefined) places.set(key, [at])
    else list.push(at)
  }
  return places
}

function isDelta(part: unknown): part is Delta {
  const { type, text } = (part ?? {}) as Partial<Delta>
  return typeof type === 'string' && type.endsWith('-delta') && typeof text === 'string'
}

/** Cuts a text where others end; the last gets the rest. */
function cut(whole: string, texts: readonly string[]): readonly string[] {
  let from = 0
  const cuts = texts.map((text, index) => {
    const to = index === texts.length - 1 ? whole.length : from + text.length
    const piece = whole.slice(from, to)
    from = to
    return piece
  })
  // A harmless word may look like a key where it is cut.
  return cuts.every((piece) => redactText(piece) === piece) ? cuts : cuts.map((_, index) => (index === 0 ? whole : ''))
}

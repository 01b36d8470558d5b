import type { CustomPart } from '@aios/kernel'
import { isRecord } from '../core/record.js'

/** Is the kind of the custom part that holds what a router wants back of an answer's reasoning. */
export const DETAILS_KIND = 'openai.reasoning_details'

/** Is one of them, as the router wrote it: a piece of text or of a summary, or the whole in encrypted form. */
export type ReasoningDetail = Readonly<Record<string, unknown>>

/** Names the field that grows from piece to piece, by type; encrypted details come whole. */
const GROWING: Readonly<Record<string, string>> = { 'reasoning.text': 'text', 'reasoning.summary': 'summary' }

/** Reads a list of them; whatever is none counts as not said. */
export function readDetails(value: unknown): readonly ReasoningDetail[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Returns two pieces as one, or undefined if they are none. */
function joined(before: ReasoningDetail | undefined, piece: ReasoningDetail): ReasoningDetail | undefined {
  const { type, index } = piece
  if (before === undefined || typeof type !== 'string' || !Object.hasOwn(GROWING, type)) return undefined
  if (before['type'] !== type || before['index'] !== index) return undefined
  const field = GROWING[type]!
  const said = Object.entries(piece).filter(([, value]) => value !== null && value !== undefined)
  const [earlier, later] = [before[field], piece[field]]
  const grown = typeof earlier === 'string' && typeof later === 'string' ? { [field]: earlier + later } : {}
  return { ...before, ...Object.fromEntries(said), ...grown }
}

/** Puts the pieces of a streamed answer together. */
export function joinDetails(pieces: readonly ReasoningDetail[]): readonly ReasoningDetail[] {
  const details: ReasoningDetail[] = []
  for (const piece of pieces) {
    const whole = joined(details.at(-1), piece)
    if (whole === undefined) details.push(piece)
    else details[details.length - 1] = whole
  }
  return details
}

/** Returns them as a part that goes back to the host, or none. */
export function detailParts(details: readonly ReasoningDetail[], host: string): CustomPart[] {
  if (details.length === 0) return []
  return [{ type: 'custom', kind: DETAILS_KIND, value: [...details], opaque: { openai: { host } } }]
}

/** Returns the details that a part brings back to this host; none for a part that came from elsewhere. */
export function returningDetails({ value, opaque }: CustomPart, host: string): readonly ReasoningDetail[] {
  const origin = opaque?.['openai']
  return isRecord(origin) && origin['host'] === host ? readDetails(value) : []
}

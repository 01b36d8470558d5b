import type { ChatRequest } from '@aios/kernel'
import { queryText } from '../request-size.js'

/** Number of hashed features: each fits 16 bits. */
export const FEATURES = 65_536
/** Characters of a text that are looked at: more would only cost time. */
const MOST_CHARS = 8_192
/** Letters of the pieces that words are cut into. */
const PIECE = 4
/** Words from which on pieces are cut. */
const SHORTEST_WORD = 3
/** Longest part of a word that is looked at. */
const MOST_WORD = 64

/** Is a set of features with how often each occurs. */
export interface Counted {
  readonly features: Uint16Array
  readonly counts: Float32Array
}

/** Is what a request is known by. Its text cannot be read out of it. */
export interface TextFeatures {
  /** Words, and pairs of neighbouring words: what similar requests share. */
  readonly near: Counted
  /** Words, and pieces of words: what a linear model weighs. */
  readonly wide: Counted
  /** How complex the request looks. */
  readonly complexity: Uint16Array
}

/** Is what complexity is read from beside the text. */
export type RequestShape = Pick<ChatRequest, 'messages'> & Partial<Pick<ChatRequest, 'tools' | 'responseFormat'>>

/** Reads the features of a request off its last message from the user. */
export function featuresOf(request: RequestShape): TextFeatures {
  const text = queryText(request).slice(0, MOST_CHARS)
  const words = text.toLowerCase().match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? []
  const near = new Map<number, number>()
  const wide = new Map<number, number>()
  let before: string | undefined
  for (const long of words) {
    const word = long.slice(0, MOST_WORD)
    const feature = hashed('w', word)
    count(near, feature)
    count(wide, feature)
    if (before !== undefined) count(near, hashed('b', `${before} ${word}`))
    before = word
    if (word.length < SHORTEST_WORD) continue
    const edged = ` ${word} `
    for (let at = 0; at + PIECE <= edged.length; at += 1) count(wide, hashed('p', edged.slice(at, at + PIECE)))
  }
  return { near: counted(near), wide: counted(wide), complexity: complexityOf(text, request) }
}

/** Sorts a request into a few classes: by length, digits, lines, sentences, code, tools, turns and format. */
function complexityOf(text: string, { messages, tools = [], responseFormat }: RequestShape): Uint16Array {
  const scale = (name: string, value: number, most: number): number =>
    hashed(name, String(Math.min(most, Math.round(2 * Math.log2(value + 1)))))
  const digits = text.match(/[0-9]/g)?.length ?? 0
  const sentences = text.match(/[.?!]\s/g)?.length ?? 0
  const code = /```|[;{}]\s*$|=>|\bdef \w+\(|\bfunction \w*\(/m.test(text)
  return Uint16Array.of(
    scale('length', text.length, 40),
    scale('digits', digits, 8),
    scale('lines', text.split('\n').length, 8),
    scale('sentences', sentences, 8),
    hashed('code', String(code)),
    scale('tools', tools.length, 8),
    scale('turns', messages.length, 8),
    hashed('format', responseFormat?.type ?? 'text'),
  )
}

function count(into: Map<number, number>, feature: number): void {
  into.set(feature, (into.get(feature) ?? 0) + 1)
}

function counted(found: ReadonlyMap<number, number>): Counted {
  // By hand: typed arrays read iterators slowly.
  const all = { features: new Uint16Array(found.size), counts: new Float32Array(found.size) }
  let at = 0
  for (const [feature, times] of found) {
    all.features[at] = feature
    all.counts[at] = times
    at += 1
  }
  return all
}

/** Hashes a feature by FNV-1a, folded to 16 bits. */
function hashed(kind: string, value: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < kind.length; at += 1) hash = Math.imul(hash ^ kind.charCodeAt(at), 0x01000193)
  for (let at = 0; at < value.length; at += 1) hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193)
  return ((hash >>> 16) ^ hash) & 0xffff
}

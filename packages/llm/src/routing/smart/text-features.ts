import type { ChatRequest } from '@aios/kernel'
import { queryText } from '../request-size.js'
import { FeatureCounter, type Counted } from './feature-counts.js'
import { hashed, hashedPair, hashedPiece, kindOf, PIECE } from './feature-hash.js'

/** Characters of a text that are looked at: more would only cost time. */
const MOST_CHARS = 8_192
/** Words from which on pieces are cut. */
const SHORTEST_WORD = 3
/** Longest part of a word that is looked at. */
const MOST_WORD = 64
const WORD = kindOf('w')
const PAIR = kindOf('b')
const PART = kindOf('p')
/** Both are empty between two texts. */
const NEAR = new FeatureCounter()
const WIDE = new FeatureCounter()

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
  let before: string | undefined
  for (const long of words) {
    const word = long.slice(0, MOST_WORD)
    const feature = hashed(WORD, word)
    NEAR.add(feature)
    WIDE.add(feature)
    if (before !== undefined) NEAR.add(hashedPair(PAIR, before, word))
    before = word
    if (word.length < SHORTEST_WORD) continue
    for (let from = -1; from + PIECE <= word.length + 1; from += 1) WIDE.add(hashedPiece(PART, word, from))
  }
  return { near: NEAR.take(), wide: WIDE.take(), complexity: complexityOf(text, request) }
}

/** Sorts a request into a few classes: by length, digits, lines, sentences, code, tools, turns and format. */
function complexityOf(text: string, { messages, tools = [], responseFormat }: RequestShape): Uint16Array {
  const scale = (name: string, value: number, most: number): number =>
    hashed(kindOf(name), String(Math.min(most, Math.round(2 * Math.log2(value + 1)))))
  const digits = text.match(/[0-9]/g)?.length ?? 0
  const sentences = text.match(/[.?!]\s/g)?.length ?? 0
  const code = /```|[;{}]\s*$|=>|\bdef \w+\(|\bfunction \w*\(/m.test(text)
  return Uint16Array.of(
    scale('length', text.length, 40),
    scale('digits', digits, 8),
    scale('lines', text.split('\n').length, 8),
    scale('sentences', sentences, 8),
    hashed(kindOf('code'), String(code)),
    scale('tools', tools.length, 8),
    scale('turns', messages.length, 8),
    hashed(kindOf('format'), responseFormat?.type ?? 'text'),
  )
}

import { readQuestion } from '../grammar/question.js'
import type { Token } from '../grammar/question.js'
import { readCalculation } from './calculate.js'
import { readCompare } from './compare.js'
import { readCount } from './count.js'
import { readDate } from './date.js'
import { readGrep } from './grep.js'
import type { Intent } from './intent.js'
import { readList } from './list.js'
import { readRead } from './read.js'
import { readSum } from './sum.js'

/** Is a question as understood: each way to read it, likeliest first; none if it is not of a kind this core knows. */
export interface Understanding {
  readonly readings: readonly Intent[]
  readonly ignoreCase: boolean
  /** Only what lies directly in a folder counts. */
  readonly direct: boolean
}

/** Longer questions are not read: the ways to split them would grow without bound. */
const MAX_TOKENS = 60
const MAX_READINGS = 24
const READERS = [readDate, readCalculation, readCount, readSum, readCompare, readRead, readGrep, readList]

/** Reads a question. */
export function understand(text: string): Understanding {
  const { tokens, ignoreCase, direct } = readQuestion(text)
  const readings = new Map<string, Intent>()
  for (const wording of tokens.length > MAX_TOKENS ? [] : wordingsOf(tokens)) {
    for (const reader of READERS) {
      for (const intent of reader(wording)) {
        if (readings.size < MAX_READINGS) readings.set(JSON.stringify(intent), intent)
      }
    }
  }
  return { readings: [...readings.values()], ignoreCase, direct }
}

/** `In a.txt, how many lines contain x` also means `how many lines contain x in a.txt`. */
function wordingsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const comma = tokens.findIndex(({ text, quoted }) => !quoted && text === ',')
  const isTurned = comma > 1 && !tokens[0]!.quoted && /^(in|of|from|for|within|across)$/i.test(tokens[0]!.text)
  return isTurned ? [tokens, [...tokens.slice(comma + 1), ...tokens.slice(0, comma)]] : [tokens]
}

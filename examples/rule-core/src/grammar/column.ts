import { MACROS } from './macros.js'
import { compilePatterns } from './pattern.js'
import { tokensText } from './question.js'
import type { Token } from './question.js'

/**
 * Says which numbers of a file are meant: those of a column, counted from 1 (-1 is the last) or by its title, or all of them; with
 * `title`, those of the column of that title where there is one, else all.
 */
export type Column =
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'title'; readonly title: string }
  | { readonly kind: 'all'; readonly title?: string }

/** Words that part a title from what stands around it. */
const PARTING = new Set(
  'a an the all any each every in inside within from of across for over to with and or by up together column field file files where than what is'.split(
    ' ',
  ),
)

const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth'.split(' ')
const NUMBERS = '(numbers|number|values|value|integers|figures|entries|amounts)'

const columns = compilePatterns<{ title: string; index: number; ordinal: number }>(
  [
    `$the (${NUMBERS} (in|of|from))? (the)? (column|field) (number|no)? <index>`,
    `$the (${NUMBERS} (in|of|from))? (the)? <ordinal> (column|field)`,
    `$the (${NUMBERS} (in|of|from))? (the)? (column|field|key|property) (named|called)? <title>`,
    `$the (${NUMBERS} (in|of|from))? (the)? <title> (column|field|key|property|values|numbers|entries)`,
    `$the (${NUMBERS} (in|of|from)) (the)? <title>`,
    '$the <title>',
  ],
  { title: readTitle, index: readIndex, ordinal: readOrdinal },
  MACROS,
)
const everything = compilePatterns<object>(['$the (numbers|number|integers)'], {}, MACROS)
const values = compilePatterns<{ title: string }>(['$the <title>'], { title: readValuesWord }, MACROS)

/** Reads which numbers are meant. */
export function readColumn(tokens: readonly Token[]): Column | undefined {
  if (everything(tokens).length > 0) return { kind: 'all' }
  for (const { title = '' } of values(tokens)) return { kind: 'all', title }
  for (const { index, ordinal, title } of columns(tokens)) {
    return title === undefined ? { kind: 'index', index: index ?? ordinal ?? 1 } : { kind: 'title', title }
  }
  return undefined
}

/** `the values` may be all there are, or those under the title `value`. */
function readValuesWord(tokens: readonly Token[]): string | undefined {
  const [token] = tokens
  return tokens.length === 1 && /^(values?|figures?|entries)$/.test(token!.word) ? token!.text : undefined
}

function readIndex(tokens: readonly Token[]): number | undefined {
  const text = tokensText(tokens)
  return tokens.length === 1 && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined
}

/** Reads `2nd` and `second`; `last` is -1. */
export function readOrdinal(tokens: readonly Token[]): number | undefined {
  const text = tokensText(tokens).toLowerCase()
  const digits = /^([1-9]\d{0,5})(?:st|nd|rd|th)$/.exec(text)?.[1]
  if (digits !== undefined) return Number(digits)
  if (text === 'last') return -1
  const place = ORDINALS.indexOf(text)
  return place < 0 ? undefined : place + 1
}

/** A title of several words needs no quotes if none of them parts it from the rest. */
function readTitle(tokens: readonly Token[]): string | undefined {
  const isTitle =
    tokens.length <= 3 &&
    tokens.every(({ word, quoted, text }) => quoted || !(PARTING.has(word) || /[,;:?!()]/.test(text)))
  return isTitle ? tokensText(tokens) : undefined
}

import { compilePatterns } from './pattern.js'
import { looksLikePath } from './name.js'
import { tokensText } from './question.js'
import type { Token } from './question.js'

/** Says which lines, files or places are meant. */
export interface Condition {
  readonly kind: 'has' | 'starts' | 'ends' | 'empty'
  /** The text, verbatim; '' for `empty`. */
  readonly text: string
  /** Whether the text must stand as a word of its own. */
  readonly wholeWord: boolean
  /** Whether those are meant that do not fulfil it. */
  readonly negated: boolean
}

/** Is a text to look for. */
export interface Needle {
  readonly text: string
  readonly wholeWord: boolean
}

const HAS =
  '(contain|contains|containing|include|includes|including|mention|mentions|mentioning|match|matches|matching)'
const NOT = '(do not|does not|not)'
const NOT_HAS = `(${NOT} (contain|include|mention|match|have|containing|including|mentioning|matching)|without|that lack|lacking)`
const READERS = { needle: readNeedle, word: readWord }

const readings = (patterns: readonly string[]) => compilePatterns<{ needle: Needle; word: Needle }>(patterns, READERS)
const KINDS: readonly {
  readonly kind: Condition['kind']
  readonly negated: boolean
  readonly readings: ReturnType<typeof readings>
}[] = [
  { kind: 'has', negated: true, readings: readings([`(that|which)? ${NOT_HAS} <needle>`]) },
  {
    kind: 'starts',
    negated: true,
    readings: readings([`(that|which)? ${NOT} (start|begin|starting|beginning) with <needle>`]),
  },
  { kind: 'ends', negated: true, readings: readings([`(that|which)? ${NOT} (end|ending) (in|with) <needle>`]) },
  {
    kind: 'starts',
    negated: false,
    readings: readings(['(that|which)? (start|starts|starting|begin|begins|beginning) with <needle>']),
  },
  { kind: 'ends', negated: false, readings: readings(['(that|which)? (end|ends|ending) (in|with) <needle>']) },
  {
    kind: 'has',
    negated: false,
    readings: readings([`(that|which)? ${HAS} <needle>`, '(that|which)? (have|has|having|with) <word>']),
  },
]

/** Reads a condition such as `that contain "x"`, `starting with x` or `without x`. */
export function readCondition(tokens: readonly Token[]): Condition | undefined {
  for (const { kind, negated, readings } of KINDS) {
    for (const { word, needle = word } of readings(tokens)) {
      if (needle !== undefined) return { kind, negated, ...needle }
    }
  }
  return undefined
}

/** Reads what to look for: anything in quotes, or words that hide no second clause. `the word x` means a whole word. */
export function readNeedle(tokens: readonly Token[]): Needle | undefined {
  let rest = tokens
  const wholeWord = /^(?:the |a )?(?:whole |exact )?word\b./i.test(spoken(rest))
  const lead =
    /^(?:(?:the|a|an) )?(?:(?:whole|exact|literal) )?(?:word|text|string|phrase|term|name|number|character|letter|pattern|substring)$/i
  for (let size = Math.min(3, rest.length - 1); size > 0; size -= 1) {
    if (!lead.test(spoken(rest.slice(0, size)))) continue
    rest = rest.slice(size)
    break
  }
  const isQuantity =
    /^(more|less|fewer|at|exactly|the regex|the regular expression|regex|the most|the least|the fewest|only|no|any|some|many|\d+ (lines?|words?|characters?|files?))\b/i
  if (isQuantity.test(spoken(rest))) return undefined
  if (rest.length === 1) return rest[0]!.text === '' ? undefined : { text: rest[0]!.text, wholeWord }
  if (rest.length === 0 || rest.some((token) => token.quoted) || hidesClause(rest)) return undefined
  return { text: tokensText(rest), wholeWord }
}

/** `have` and `with` speak of many things; only one word, or one in quotes, after them is a text to look for. */
function readWord(tokens: readonly Token[]): Needle | undefined {
  const needle = readNeedle(tokens)
  const isQuoted = tokens.some(({ quoted }) => quoted)
  return needle !== undefined && (isQuoted || !/\s/.test(needle.text)) ? needle : undefined
}

/** Words without quotes that speak of more than the text itself would be misread as a part of it. */
function hidesClause(tokens: readonly Token[]): boolean {
  return tokens.some(({ text, glued }, index) => {
    if (/^(and|or|but|where|that|which|whose|either|neither|nor|how|what)$/i.test(text)) return true
    if (/^[,;]$|^\*\./.test(text)) return true
    const previous = tokens[index - 1]
    return (
      !glued &&
      previous !== undefined &&
      /^(in|of|from|file|inside|within)$/i.test(previous.text) &&
      looksLikePath(text)
    )
  })
}

function spoken(tokens: readonly Token[]): string {
  return tokens.map(({ text, quoted }) => (quoted ? '\uE000' : text)).join(' ')
}

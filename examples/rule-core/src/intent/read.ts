import { readOrdinal } from '../grammar/column.js'
import { MACROS } from '../grammar/macros.js'
import { readName } from '../grammar/name.js'
import { compilePatterns } from '../grammar/pattern.js'
import type { Token } from '../grammar/question.js'
import type { Intent, LineRange } from './intent.js'

interface Slots {
  readonly name: string
  readonly count: number
  readonly from: number
  readonly to: number
  readonly ordinal: number
  /** `2-4`. */
  readonly span: { readonly from: number; readonly to: number }
}

const READ = '(read|show|print|display|open|cat|output|give|dump|type|view|get)'
const ASK = `(${READ} $me|what is|what are|which are|which is|what does|what is on|what is in|what stands in|what stands on)?`
const SAY = '(say|contain|read)?'
const OF = '(of|in|from) (the)? (file|document)?'
const compile = (patterns: readonly string[]) =>
  compilePatterns<Slots>(
    patterns,
    { name: readName, count: readCount, from: readCount, to: readCount, ordinal: readOrdinal, span: readSpan },
    MACROS,
  )

const wholes = compile([
  `${READ} $me (out)? (the)? (full|whole|entire|complete)? (content|contents|text)? (of)? (the)? (file|document)? (named|called)? <name>`,
  `(${READ} $me)? what (is|are) (written)? (in|inside) (the)? (file|document)? <name> (is)?`,
  '(what (is|are))? (the)? (full|whole|entire|complete)? (content|contents|text) of (the)? (file|document)? <name>',
  'what does (the)? (file|document)? <name> (say|contain|read)',
  'what (text|content) does (the)? (file|document)? <name> (have|contain|hold)',
  `(${READ} $me)? what (the)? (file|document)? <name> (says|contains)`,
])
const parts = compile([
  `${ASK} (the)? (first|top) (line|row) ${OF} <name> ${SAY}`,
  `${ASK} (the)? (first|top) <count> (lines|rows) ${OF} <name>`,
  `${ASK} (the)? (line|row) (number)? <from> ${OF} <name> ${SAY}`,
  `${ASK} (the)? lines <span> ${OF} <name>`,
  `${ASK} (the)? lines <from> (to|through|until|and|-) <to> ${OF} <name>`,
  `${ASK} (the)? <ordinal> (line|row) ${OF} <name> ${SAY}`,
])
const ends = compile([
  `${ASK} (the)? (last|bottom|final) (line|row) ${OF} <name> ${SAY}`,
  `${ASK} (the)? (last|bottom|final) <count> (lines|rows) ${OF} <name>`,
])

/** Reads questions about the text of a file, or some of its lines. */
export function* readRead(tokens: readonly Token[]): Generator<Intent> {
  for (const slots of ends(tokens)) yield part(slots, { last: slots.count ?? 1 })
  for (const slots of parts(tokens)) yield part(slots, rangeOf(slots))
  for (const { name } of wholes(tokens)) if (name !== undefined) yield { kind: 'read', name }
}

function part({ name = '.' }: Partial<Slots>, lines: LineRange): Intent {
  return { kind: 'read', name, lines }
}

function rangeOf({ count, from, to, ordinal, span }: Partial<Slots>): LineRange {
  if (span !== undefined) return span
  if (count !== undefined) return { from: 1, to: count }
  const first = from ?? ordinal ?? 1
  return { from: first, to: to ?? first }
}

function readSpan(tokens: readonly Token[]): { from: number; to: number } | undefined {
  const match = /^([1-9]\d{0,6})[-–]([1-9]\d{0,6})$/.exec(tokens.length === 1 ? tokens[0]!.text : '')
  return match === null ? undefined : { from: Number(match[1]), to: Number(match[2]) }
}

const WORDS = 'one two three four five six seven eight nine ten'.split(' ')

function readCount(tokens: readonly Token[]): number | undefined {
  const [token] = tokens
  if (token === undefined || tokens.length > 1) return undefined
  const word = WORDS.indexOf(token.text.toLowerCase())
  if (word >= 0) return word + 1
  return /^[1-9]\d{0,6}$/.test(token.text) ? Number(token.text) : undefined
}

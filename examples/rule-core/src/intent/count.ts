import { readCondition, readNeedle } from '../grammar/condition.js'
import type { Condition, Needle } from '../grammar/condition.js'
import { MACROS } from '../grammar/macros.js'
import { compilePatterns } from '../grammar/pattern.js'
import { tokensText } from '../grammar/question.js'
import type { Token } from '../grammar/question.js'
import { readPlace, readScope } from '../grammar/scope.js'
import type { Scope } from '../grammar/scope.js'
import type { Intent, Unit } from './intent.js'

interface Slots {
  readonly scope: Scope
  readonly set: Scope
  readonly place: string
  readonly condition: Condition
  readonly needle: Needle
  /** A text in quotes or in capitals that stands right before `lines`. */
  readonly mark: Needle
  readonly quoted: Needle
  readonly unit: Unit
}

const READERS = {
  scope: readScope,
  set: readSet,
  place: readPlace,
  condition: readCondition,
  needle: readNeedle,
  mark: readMark,
  quoted: readQuoted,
  unit: readUnit,
}
const compile = (patterns: readonly string[]) => compilePatterns<Slots>(patterns, READERS, MACROS)
const LINES = '(lines|line|rows|text lines|lines of text|lines of code)'
const DO = '(does|do|has|have|did)'
const OCCUR = '(occur|occurs|appear|appears|show up|come up|be found|mentioned|used|found)'

const lines = compile([
  `$count ${LINES} $there $in <scope> $there <condition>`,
  `$count ${LINES} $there <condition> $there $in <scope>`,
  `$count ${LINES} <condition> $there`,
  `$count ${LINES} ${DO} <scope> $has <condition>`,
  `$in <scope> ,? $count ${LINES} $there <condition>`,
  `$count $in <scope> (the)? ${LINES} <condition>`,
])
const linesOfText = compile([
  `(in|on) how many ${LINES} (of <scope>)? (does|do|is|are) <needle> ${OCCUR}`,
  `(in|on) how many ${LINES} (does|do|is|are) <needle> ${OCCUR} $in <scope>`,
  `$count <mark> ${LINES} $there ($in <scope> $there)?`,
  `$count <mark> ${LINES} ${DO} <scope> $has?`,
])
const filesOfText = compile([
  `in how many $file (does|do|is|are) <needle> ${OCCUR}`,
  `$count $file (is|are) <needle> (mentioned|found|used) in`,
])
const emptyLines = compile([
  `$count (empty|blank) lines $there ($in <scope> $there)?`,
  `$count (empty|blank) lines ${DO} <scope> $has?`,
])
const fullLines = compile([
  `$count (non-empty|nonempty|non-blank|non empty|non blank) lines $there ($in <scope> $there)?`,
  `$count (non-empty|nonempty|non-blank|non empty|non blank) lines ${DO} <scope> $has?`,
])
const amounts = compile([
  '$count <unit> $there $in <scope> $there',
  '$count <unit> $there',
  `$count <unit> ${DO} <scope> ($has|got)?`,
  '$count <unit> long (is|are) <scope>',
  '(what is|tell)? (the)? <unit> (count|total) (of|in|for) <scope>',
  'count <scope> <unit>',
  `$in <scope> ,? $count <unit> $there`,
])
const sizes = compile([
  'how (big|large) (is|are) <scope>',
  '(sum|sum up|add up|total) (the)? (size|sizes|file sizes) of <scope>',
  '(what is|what are)? (the)? (size|sizes|file size|total size|size in bytes) (of|in bytes of) <scope>',
])
const lengths = compile(['how long is <scope>'])
const occurrences = compile([
  `(how many times|how often) (do|does|is|are|did)? <needle> ${OCCUR} ($in <scope>)?`,
  `(how many times|how often) (do|does|did) <scope> (mention|contain|include|say|use) <needle>`,
  '$count (occurrences|instances|mentions|matches|appearances|uses) (of|for) <needle> $there ($in <scope>)?',
  'count <quoted> ($in <scope>)?',
  'count how (often|many times) <needle> (occurs|appears|is mentioned|is used|is found) ($in <scope>)?',
  `how many <quoted> $there $in <scope>`,
])
const folders = compile([
  '$count $folder $there',
  '$count $folder $there (in|inside|within|of|under|below) <place> $there',
  `$count $folder ${DO} <place> $has?`,
])
const files = compile([
  '$count <set> $there',
  `$count $file ${DO} <place> $has?`,
  '$count $file $there (in|inside|within|under|below) <place> $there',
])

/** Reads questions that start with `how many`. */
export function* readCount(tokens: readonly Token[]): Generator<Intent> {
  for (const { scope = {}, condition } of lines(tokens))
    if (condition !== undefined) yield counted('lines', scope, { condition })
  for (const { scope = {}, needle, mark } of linesOfText(tokens)) {
    const wanted = needle ?? mark
    if (wanted !== undefined) yield counted('lines', scope, { condition: having(wanted) })
  }
  for (const { needle } of filesOfText(tokens)) {
    if (needle !== undefined) yield counted('files', { condition: having(needle) })
  }
  for (const { scope = {} } of emptyLines(tokens)) yield counted('lines', scope, { condition: EMPTY })
  for (const { scope = {} } of fullLines(tokens))
    yield counted('lines', scope, { condition: { ...EMPTY, negated: true } })
  for (const { scope = {}, unit } of amounts(tokens)) if (unit !== undefined) yield counted(unit, scope)
  for (const { scope = {} } of sizes(tokens)) yield counted('bytes', scope)
  for (const { scope = {} } of lengths(tokens)) yield counted('lines', scope)
  for (const { scope = {}, needle, quoted } of occurrences(tokens)) {
    const wanted = needle ?? quoted
    if (wanted !== undefined) yield counted('occurrences', scope, { needle: wanted })
  }
  for (const { place } of folders(tokens)) yield counted('folders', place === undefined ? {} : { place })
  for (const { set, place } of files(tokens)) yield counted('files', set ?? (place === undefined ? {} : { place }))
}

const EMPTY: Condition = { kind: 'empty', text: '', wholeWord: false, negated: false }

function having(needle: Needle): Condition {
  return { kind: 'has', negated: false, ...needle }
}

function counted(unit: Unit, scope: Scope, rest: { condition?: Condition; needle?: Needle } = {}): Intent {
  return { kind: 'count', unit, scope, ...rest }
}

function readUnit(tokens: readonly Token[]): Unit | undefined {
  const text = tokens.some(({ quoted }) => quoted) ? '' : tokensText(tokens).toLowerCase()
  if (/^(lines?|rows|text lines|lines of (text|code)|line)$/.test(text)) return 'lines'
  if (/^words?$/.test(text)) return 'words'
  if (/^(characters?|chars?|letters)$/.test(text)) return 'characters'
  return /^bytes?$/.test(text) ? 'bytes' : undefined
}

function readMark(tokens: readonly Token[]): Needle | undefined {
  const [token] = tokens
  const isMark = tokens.length === 1 && (token!.quoted || /^[A-Z][A-Z0-9_-]+$/.test(token!.text))
  return isMark ? readNeedle(tokens) : undefined
}

/** Only what speaks of files in general: `how many a.txt` is no question. */
function readSet(tokens: readonly Token[]): Scope | undefined {
  const speaksOfFiles = tokens.some(({ text, quoted }) => !quoted && /^(files?|documents?)$/i.test(text))
  const scope = speaksOfFiles ? readScope(tokens) : undefined
  return scope?.names === undefined ? scope : undefined
}

function readQuoted(tokens: readonly Token[]): Needle | undefined {
  return tokens.length === 1 && tokens[0]!.quoted ? readNeedle(tokens) : undefined
}

import { readCondition, readNeedle } from '../grammar/condition.js'
import type { Condition, Needle } from '../grammar/condition.js'
import { MACROS } from '../grammar/macros.js'
import { looksLikePath, readName, readNames } from '../grammar/name.js'
import { compilePatterns } from '../grammar/pattern.js'
import type { Token } from '../grammar/question.js'
import { readScope } from '../grammar/scope.js'
import type { Scope } from '../grammar/scope.js'
import type { Intent } from './intent.js'

interface Slots {
  readonly scope: Scope
  readonly condition: Condition
  readonly needle: Needle
  readonly quoted: Needle
  /** `the word x`, `the text x`. */
  readonly called: Needle
  /** A single word that can be no file. */
  readonly bare: Needle
  readonly names: readonly string[]
}

const LINES = '(lines|line|rows|row|entries)'
const SEEN = '(mentioned|found|used|written)'
const READERS = {
  scope: readScope,
  condition: readCondition,
  needle: readNeedle,
  quoted: readQuoted,
  bare: readBare,
  called: readCalled,
  names: readNames,
}
const readings = compilePatterns<Slots>(
  [
    `(which|what) (are|is)? (the)? ${LINES} $in <scope> (are there)? <condition>`,
    `(which|what) (are|is)? (the)? ${LINES} <condition> ($in <scope>)?`,
    `$show $me $the ${LINES} $in <scope> <condition>`,
    `$show $me $the ${LINES} <condition> ($in <scope>)?`,
    `$show $me <scope> ${LINES} <condition>`,
    '(search|grep|look|scan) $in? <scope> for <needle>',
    '(search for|search|grep for|grep|look for|scan for) <needle> $in <scope>',
    '(search for|search|grep for|grep|look for|scan for) <quoted>',
    '(search for|search|grep for|grep|scan for) <bare>',
    'grep <quoted> <scope>',
    'grep (for)? <needle> <names>',
    '(search|grep|look|scan) for <called>',
    'where $in <scope> (does|do|is|are) <needle> (occur|appear|show up|mentioned|found|used)',
    'find <bare> $in <scope>',
    'find <quoted> ($in <scope>)?',
    'find (all)? <called> ($in <scope>)?',
    `$show $me $the (occurrences|matches|mentions|instances|uses) (of|for) <needle> ($in <scope>)?`,
    `where (is|are|do you see) <needle> ${SEEN} ($in <scope>)?`,
    `where (does|do) <needle> (occur|appear|show up) ($in <scope>)?`,
    `(in|on) (which|what) ${LINES} (of <scope>)? (does|do|is|are) <needle> (occur|appear|${SEEN})`,
    `(in|on) (which|what) ${LINES} (does|do|is|are) <needle> (occur|appear|${SEEN}) $in <scope>`,
  ],
  READERS,
  MACROS,
)
const files = compilePatterns<Slots>(
  [
    '(in)? (which|what) $file (does|do|is|are) <needle> (occur|appear|mentioned|found|used|show up)',
    '(which|what) $file (is|are)? (the)? <needle> (mentioned|found|used) in',
  ],
  READERS,
  MACROS,
)

/** Reads questions about which lines, or which files, hold a text. */
export function* readGrep(tokens: readonly Token[]): Generator<Intent> {
  for (const {
    names,
    condition,
    needle,
    quoted,
    bare,
    called,
    scope = names === undefined ? {} : { names },
  } of readings(tokens)) {
    const wanted = condition ?? having(needle ?? quoted ?? called ?? bare)
    if (wanted !== undefined) yield { kind: 'grep', scope, condition: wanted }
  }
  for (const { needle } of files(tokens)) {
    const condition = having(needle)
    if (condition !== undefined) yield { kind: 'list', scope: { condition }, what: 'files', yesNo: false }
  }
}

function having(needle: Needle | undefined): Condition | undefined {
  return needle === undefined ? undefined : { kind: 'has', negated: false, ...needle }
}

function readCalled(tokens: readonly Token[]): Needle | undefined {
  const kind = tokens.findIndex(({ word }) => /^(text|word|string|phrase|term|pattern)$/.test(word))
  return kind >= 0 && kind <= 2 && kind < tokens.length - 1 ? readNeedle(tokens) : undefined
}

function readBare(tokens: readonly Token[]): Needle | undefined {
  const isBare = tokens.length === 1 && !looksLikePath(tokens[0]!.text) && readName(tokens) !== undefined
  return isBare ? readNeedle(tokens) : undefined
}

/** A word without quotes after `find` is more likely the name of a file. */
function readQuoted(tokens: readonly Token[]): Needle | undefined {
  const isQuoted = tokens.length === 1 && tokens[0]!.quoted
  return isQuoted ? readNeedle(tokens) : undefined
}

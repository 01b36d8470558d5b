import { MACROS } from '../grammar/macros.js'
import { readName, readNames } from '../grammar/name.js'
import { compilePatterns } from '../grammar/pattern.js'
import type { Token } from '../grammar/question.js'
import { readScope } from '../grammar/scope.js'
import type { Scope } from '../grammar/scope.js'
import type { Intent, Metric } from './intent.js'

interface Measure {
  readonly metric: Metric
  readonly order: 'most' | 'least'
}

interface Slots {
  readonly names: readonly string[]
  readonly name: string
  readonly other: string
  readonly scope: Scope
  /** `larger`, `longest`, `newer`. */
  readonly adjective: Measure
  /** `more lines`, `the fewest words`. */
  readonly amount: Measure
  /** `size`, `number of lines`. */
  readonly metric: Metric
}

const ADJECTIVES: readonly (readonly [RegExp, Measure])[] = [
  [/^(larger|largest|bigger|biggest|heavier|heaviest|large|big)$/, { metric: 'bytes', order: 'most' }],
  [/^(smaller|smallest|lighter|lightest|small)$/, { metric: 'bytes', order: 'least' }],
  [/^(longer|longest|long)$/, { metric: 'lines', order: 'most' }],
  [/^(shorter|shortest|short)$/, { metric: 'lines', order: 'least' }],
  [
    /^(newer|newest|latest|(more|most) recent|(more|most) recently (modified|changed))$/,
    { metric: 'modified', order: 'most' },
  ],
  [/^(older|oldest)$/, { metric: 'modified', order: 'least' }],
]
const UNITS: Readonly<Record<string, Metric>> = {
  bytes: 'bytes',
  size: 'bytes',
  sizes: 'bytes',
  line: 'lines',
  lines: 'lines',
  rows: 'lines',
  length: 'lines',
  lengths: 'lines',
  words: 'words',
  word: 'words',
  characters: 'characters',
  character: 'characters',
  chars: 'characters',
  letters: 'characters',
}
const READERS = {
  names: readSeveral,
  name: readName,
  other: readName,
  scope: readFileSet,
  adjective: readAdjective,
  amount: readAmount,
  metric: readMetric,
}
const compile = (patterns: readonly string[]) => compilePatterns<Slots>(patterns, READERS, MACROS)
const WHICH = '(which|what)'
const HAS = '(has|have|contains|contain|is having|with)'

const SIZE = '(in bytes|in size|by size|in terms of size)?'
const FILES = '(of|of these|of the|of the following|of the two|of the three)? (files|file)?'

const which = compile([
  `(is|are) <names> (the)? <adjective> ${SIZE}`,
  `(is|are) (the)? (file)? <name> (larger or smaller|bigger or smaller|smaller or larger|smaller or bigger) than (the)? (file)? <other> ${SIZE}`,
  `(between|of|among) <names> (,)? ${WHICH} (one|file)? (is|are) (the)? <adjective> ${SIZE}`,
  `(between|of|among) <names> (,)? ${WHICH} (one|file)? ${HAS} (the)? <amount>`,
  `${WHICH} (one)? ${FILES} (is|are) (the)? <adjective> (one|file)? (,|:|-)? <names>`,
  `${WHICH} (one)? ${FILES} ${HAS} (the)? <amount> (,|:|-)? <names>`,
  `${WHICH} (one|file|of)? (of|out of|among|between)? (the files|the two files|these files)? <names> (is|are) (the)? <adjective> ${SIZE}`,
  `${WHICH} (one|file|of)? (of|out of|among|between)? (the files|the two files|these files)? <names> ${HAS} (the)? <amount>`,
  `${WHICH} (one|file|is)? (is)? (the)? <adjective> (one|file)? (,|:|of|among|out of|between|-)? <names>`,
  `${WHICH} (one|file)? ${HAS} (the)? <amount> (,|:|of|among|out of|between|-)? <names>`,
  `(find|show|name|tell) (me)? (the)? <adjective> (one|file)? (of|among|out of|between) <names>`,
])
const ranked = compile([
  `${WHICH} <scope> (is|are) (the)? <adjective> (one|file)?`,
  `${WHICH} <scope> ${HAS} (the)? <amount>`,
  `${WHICH} (one)? (of|among) <scope> (is|are) (the)? <adjective>`,
  `${WHICH} (one)? (of|among) <scope> ${HAS} (the)? <amount>`,
  `(${WHICH} (is|are)|find|show|name|give|get)? $me (the)? <adjective> (file|one|document) ((in|of|among|inside|within|under) <scope>)?`,
  `(${WHICH} (is|are)|find|show|name|give|get)? $me (the)? <adjective> <scope>`,
  `(${WHICH} (is|are)|find|show|name|give|get)? $me (the)? (file|one|document) ((in|of|among) <scope>)? ${HAS} (the)? <amount>`,
  `(${WHICH} (is|are)|find|show|name|give|get)? $me (the)? (file|one|document) ${HAS} (the)? <amount> ((in|of|among) <scope>)?`,
])
const is = compile([
  `(is|are) (the)? (file)? <name> <adjective> than (the)? (file)? <other> ${SIZE}`,
  '(does|do|has) (the)? (file)? <name> (have|contain|has)? <amount> than (the)? (file)? <other>',
])
const difference = compile([
  'by how (many <metric>|much) (is|are) (the)? (file)? <name> <adjective> than (the)? (file)? <other>',
  'how much <adjective> is (the)? (file)? <name> than (the)? (file)? <other>',
  'how many <amount> (does|do|has) (the)? (file)? <name> (have|contain|has)? than (the)? (file)? <other>',
  '(what is)? (the)? difference (in|of) (the)? <metric> (between|of) <names>',
  '(what is)? (the)? difference between (the)? <metric> of <names>',
  '(what is)? (the)? <metric> difference (between|of) <names>',
])
const OF_OTHER = '(the size of|the length of|the number of lines of|the number of words of|that of)?'
const both = compile([
  `compare (the)? <metric> (of|in) (the)? (file)? <name> (and|with|to) ${OF_OTHER} (the)? (file)? <other>`,
  'compare how many <metric> <names> (have|contain|has)',
  '(do|does|are|is) <names> (have)? (of)? (the)? (same|equal) <metric>',

  'compare (the)? <metric> (of)? <names>',
  'compare <names> (by|in) (the)? <metric>',
  'compare <names>',
])

/** Reads questions about which file has more of something. */
export function* readCompare(tokens: readonly Token[]): Generator<Intent> {
  for (const { name = '', other = '', names = [name, other], ...slots } of which(tokens)) {
    yield compared({ names }, measureOf(slots), 'which')
  }
  for (const { scope = {}, ...slots } of ranked(tokens)) yield compared(scope, measureOf(slots), 'which')
  for (const { name = '', other = '', ...slots } of is(tokens)) {
    yield compared({ names: [name, other] }, measureOf(slots), 'is')
  }
  for (const { name = '', other = '', names = [name, other], ...slots } of difference(tokens)) {
    if (names.length === 2) yield compared({ names }, measureOf(slots), 'difference')
  }
  for (const { name = '', other = '', names = [name, other], ...slots } of both(tokens)) {
    yield compared({ names }, measureOf(slots), 'both')
  }
}

/** A unit that is named outright, as in `by how many lines is a longer than b`, says more than the adjective. */
function measureOf({ adjective, amount, metric }: Partial<Slots>): Measure {
  const { order = 'most', metric: implied = 'bytes' } = adjective ?? amount ?? {}
  return { metric: metric ?? implied, order }
}

function compared(scope: Scope, measure: Measure, form: 'which' | 'is' | 'difference' | 'both'): Intent {
  return { kind: 'compare', scope, ...measure, form }
}

function readSeveral(tokens: readonly Token[]): readonly string[] | undefined {
  const names = readNames(tokens)
  return names !== undefined && names.length >= 2 ? names : undefined
}

/** Only what speaks of many files. */
function readFileSet(tokens: readonly Token[]): Scope | undefined {
  const scope = readScope(tokens)
  return scope?.names !== undefined && scope.names.length === 1 && tokens.length === 1
    ? { place: scope.names[0]! }
    : scope
}

function readAdjective(tokens: readonly Token[]): Measure | undefined {
  const text = wordsOf(tokens)
  return ADJECTIVES.find(([pattern]) => pattern.test(text))?.[1]
}

function readAmount(tokens: readonly Token[]): Measure | undefined {
  const match =
    /^(more|most|fewer|fewest|less|least|larger|largest|greater|greatest|smaller|smallest)(?: (?:number|count|amount) of)? (\w+)$/.exec(
      wordsOf(tokens),
    )
  const metric = UNITS[match?.[2] ?? '']
  if (metric === undefined) return undefined
  return { metric, order: /^(more|most|larg|great)/.test(match![1]!) ? 'most' : 'least' }
}

function readMetric(tokens: readonly Token[]): Metric | undefined {
  const text = wordsOf(tokens)
    .replace(/^(?:(?:number|numbers|count|counts|amount) of |file )/, '')
    .replace(/ (?:count|counts|number)$/, '')
  return Object.hasOwn(UNITS, text) ? UNITS[text] : undefined
}

function wordsOf(tokens: readonly Token[]): string {
  return tokens.map(({ text, quoted }) => (quoted ? '"' : text.toLowerCase())).join(' ')
}

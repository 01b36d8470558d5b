import { wordsOf } from './canonical.js'

/** Is one place at which two values differ. What is missing there is undefined. */
export interface ValueChange {
  /** Where it is, such as `messages[0].content`; empty for the value itself. */
  readonly at: string
  /** What stands there, as text, JSON where JSON can say it, shortened; undefined where nothing does. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Places that are told of one pair of values; whoever needs more has the values. */
const MOST_CHANGES = 8
/** Characters that are shown of a value, and how many of them before the first that differs. */
const SHOWN = { characters: 72, before: 24 } as const
/** Values nested deeper than this are compared as text. */
const DEEPEST = 32

/** Lists where two values differ, at most a few places; empty if they say the same. */
export function valueChanges(before: unknown, after: unknown, most: number = MOST_CHANGES): readonly ValueChange[] {
  const changes: ValueChange[] = []
  collect({ at: '', before, after, depth: 0 }, changes, most)
  return changes
}

/** Says in one line where two values differ. */
export function changesText(changes: readonly ValueChange[]): string {
  return changes
    .map(({ at, before = 'nothing', after = 'nothing' }) => `${at === '' ? 'it' : at} was ${before}, now ${after}`)
    .join('; ')
}

interface Pair {
  readonly at: string
  readonly before: unknown
  readonly after: unknown
  readonly depth: number
}

function collect({ at, before, after, depth }: Pair, changes: ValueChange[], most: number): void {
  if (changes.length >= most || Object.is(before, after)) return
  const keys = depth < DEEPEST ? keysOf(before, after) : undefined
  if (keys === undefined) {
    const [was, is] = [textOf(before), textOf(after)]
    if (was !== is) changes.push({ at, ...around(was, is) })
    return
  }
  for (const key of keys) {
    const place = Array.isArray(before) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`
    const [was, is] = [before, after].map((value) => (value as Readonly<Record<string, unknown>>)[key])
    collect({ at: place, before: was, after: is, depth: depth + 1 }, changes, most)
  }
}

/** The keys of two values of the same shape; undefined where they are to be compared as a whole. */
function keysOf(before: unknown, after: unknown): readonly string[] | undefined {
  if (Array.isArray(before) !== Array.isArray(after) || !isTree(before) || !isTree(after)) return undefined
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
}

function isTree(value: unknown): value is object {
  if (Array.isArray(value)) return true
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : wordsOf(value)
}

/** Cuts two texts to the same place: shortly before they begin to differ. */
function around(before: string | undefined, after: string | undefined): Pick<ValueChange, 'before' | 'after'> {
  if (before === undefined || after === undefined) return { before: clip(before, 0), after: clip(after, 0) }
  let same = 0
  while (same < before.length && before[same] === after[same]) same += 1
  const from = Math.max(0, same - SHOWN.before)
  return { before: clip(before, from), after: clip(after, from) }
}

function clip(text: string | undefined, from: number): string | undefined {
  if (text === undefined || text.length <= SHOWN.characters) return text
  const to = from + SHOWN.characters
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`
}

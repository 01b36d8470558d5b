import type { Condition } from '../grammar/condition.js'
import type { Entry } from './folder.js'
import type { Plan, ToolAnswer } from './plan.js'
import { linesOf, readTexts } from './read-texts.js'

/** Is a line that fulfils a condition; lines count from 1. */
export interface LineHit {
  readonly path: string
  readonly line: number
  readonly text: string
}

/** Is what a search over files found. */
export interface LineSearch {
  readonly hits: readonly LineHit[]
  /** Files that hold no text, or too much. */
  readonly skipped: number
}

interface SearchOutput {
  readonly matches: readonly LineHit[]
  readonly filesSkipped: number
  readonly incomplete?: string
}

/** The most that `search_files` shows at once. */
const MOST_MATCHES = 500
const MOST_SEARCHES = 64

/**
 * Finds the lines of files that fulfil a condition: by searching where that can tell all of them, else by reading.
 */
export function* matchLines(files: readonly Entry[], condition: Condition, ignoreCase: boolean): Plan<LineSearch> {
  const isPlain =
    condition.kind === 'has' && !condition.negated && !condition.wholeWord && !condition.text.includes('\n')
  if (isPlain && files.length > 0) {
    const found = yield* searched(files, condition.text, ignoreCase)
    if (found !== undefined) return found
  }
  const test = lineTest(condition, ignoreCase)
  const hits: LineHit[] = []
  let skipped = 0
  for (const { entry, text } of yield* readTexts(files)) {
    if (text === undefined) skipped += 1
    else
      linesOf(text).forEach((line, index) => test(line) && hits.push({ path: entry.path, line: index + 1, text: line }))
  }
  return { hits, skipped }
}

function* searched(files: readonly Entry[], query: string, ignoreCase: boolean): Plan<LineSearch | undefined> {
  const input = { query, ignoreCase, limit: MOST_MATCHES }
  const paths = files.length <= MOST_SEARCHES ? files.map(({ path }) => path) : ['.']
  const answers = yield paths.map((path) => ({ tool: 'search_files', input: { ...input, path } }))
  const outputs = answers.map(searchOutput)
  if (outputs.some((output) => output === undefined || output.incomplete !== undefined)) return undefined
  const wanted = new Set(files.map(({ path }) => path))
  const complete = outputs as readonly SearchOutput[]
  return {
    hits: complete.flatMap(({ matches }) => matches).filter(({ path }) => wanted.has(path)),
    skipped: complete.reduce((sum, { filesSkipped }) => sum + filesSkipped, 0),
  }
}

function searchOutput(answer: ToolAnswer): SearchOutput | undefined {
  return answer.ok ? (answer.output as SearchOutput) : undefined
}

/** Makes a test for one line. */
export function lineTest(
  { kind, text, wholeWord, negated }: Condition,
  ignoreCase: boolean,
): (line: string) => boolean {
  const fold = (value: string) => (ignoreCase ? value.toLowerCase() : value)
  const wanted = fold(text)
  const tests: Record<Condition['kind'], (line: string) => boolean> = {
    has: wholeWord ? (line) => countText(line, { text: wanted, wholeWord }) > 0 : (line) => line.includes(wanted),
    starts: (line) => line.startsWith(wanted),
    ends: (line) => line.endsWith(wanted),
    empty: (line) => line.trim() === '',
  }
  const test = tests[kind]
  return (line) => test(fold(line)) !== negated
}

const WORD_BEFORE = /[\p{L}\p{N}_]$/u
const WORD_AFTER = /^[\p{L}\p{N}_]/u

/** Counts where a text stands in another one, without overlaps; a whole word has no letter or digit beside it. */
export function countText(
  where: string,
  { text, wholeWord }: { readonly text: string; readonly wholeWord: boolean },
): number {
  let count = 0
  for (let at = where.indexOf(text); at >= 0;) {
    const end = at + text.length
    const counts =
      !wholeWord ||
      !(WORD_BEFORE.test(where.slice(Math.max(0, at - 2), at)) || WORD_AFTER.test(where.slice(end, end + 2)))
    if (counts) count += 1
    at = where.indexOf(text, counts ? end : at + 1)
  }
  return count
}

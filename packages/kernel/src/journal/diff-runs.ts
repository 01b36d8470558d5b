import { canonicalText } from './canonical.js'
import { checkJournal, type CheckedJournal } from './check-journal.js'
import { readable } from './divergence.js'
import type { CallEntry, EndEntry } from './journal-entry.js'
import { parentPath } from './journal-scope.js'
import type { RunJournal } from './run-journal.js'
import { RunNumbers, untimed } from './run-numbers.js'
import type { Captured } from './value-codec.js'
import { valueChanges, type ValueChange } from './value-diff.js'

/**
 * Is one thing in which two runs differ. `missing`: only the first has the call; `added`: only the second; `request`: they ask
 * something else at the same place; `outcome`: the same question came to something else; `order`: it settled earlier or later
 * among the others; `input`, `end`: of the run as a whole.
 */
export interface RunDifference {
  readonly kind: 'input' | 'missing' | 'added' | 'request' | 'outcome' | 'order' | 'end'
  /** Path of the call in the first run, or in the second if only that has it; empty for the run as a whole. */
  readonly path: string
  /** Name of the syscall, or of the run. */
  readonly name: string
  /** Line of the call in each run; 0 where it is not. */
  readonly lines: readonly [before: number, after: number]
  /** A few of the places that differ, if values do. */
  readonly changes: readonly ValueChange[]
}

/** Is a call with what it says, once what differs from run to run is taken out. */
interface Told {
  readonly line: CallEntry
  /** What it asked, and a name of that. */
  readonly request: unknown
  readonly asks: string
  readonly outcome: unknown
}

/** Is a call that both runs have. */
interface Pair {
  readonly before: Told
  readonly after: Told
}

/**
 * Compares two runs call by call: by who made a call and what it asked, so that a call more or less does not make all that
 * follow it different.
 *
 * @param before - what `readRun` or `fork` returned
 * @param after - the run to compare with it
 * @returns the differences, in the order of the calls; empty if the runs did the same
 * @throws AiosError `AIOS_CORRUPT` for a damaged journal; `AIOS_INVALID_OPTION` for what is none
 * @example
 * ```ts
 * import { diffRuns, type RunJournal } from '@aios/kernel'
 *
 * function report(before: RunJournal, after: RunJournal): void {
 *   for (const { kind, path, name, changes } of diffRuns(before, after))
 *     console.log(path, name, kind, changes.map(({ at }) => at).join(', '))
 * }
 * ```
 */
export function diffRuns(before: RunJournal, after: RunJournal): readonly RunDifference[] {
  const [a, b] = [checkJournal(before, 'diffRuns()'), checkJournal(after, 'diffRuns()')]
  const whole = { path: '', name: a.header.name }
  const differences: RunDifference[] = []
  const pairs = pairsOf(byParent(a), byParent(b), differences)
  differences.push(...outOfOrder(pairs))
  differences.sort((x, y) => byPath(x.path, y.path))
  const input = valueChanges(readable(a.start.input), readable(b.start.input))
  if (input.length > 0) differences.unshift({ kind: 'input', ...whole, lines: [1, 1], changes: input })
  const changes = valueChanges(endOf(a.end), endOf(b.end))
  if (changes.length > 0) differences.push({ kind: 'end', ...whole, lines: [a.end?.n ?? 0, b.end?.n ?? 0], changes })
  return differences
}

type Family = ReadonlyMap<string, readonly Told[]>

/** The calls of each process or call, in the order in which they were made. */
function byParent({ header, lines }: CheckedJournal): Family {
  const numbers = new RunNumbers(header.pid, lines)
  const families = new Map<string, Told[]>()
  for (const line of lines) {
    if (line.kind !== 'call') continue
    const parent = parentPath(line.path) ?? ''
    const told = toldBy(line, numbers)
    const family = families.get(parent)
    if (family === undefined) families.set(parent, [told])
    else family.push(told)
  }
  for (const family of families.values()) family.sort((x, y) => byPath(x.line.path, y.line.path))
  return families
}

function toldBy(line: CallEntry, numbers: RunNumbers): Told {
  const { codec } = line.request
  const request = codec === 'x' ? readable(line.request) : numbers.request(line)
  // Of a request that was not kept there is still the name of what it asked.
  const asks = codec === 'x' ? line.digest : canonicalText(request)
  const { outcome } = line
  const result = line.result.codec === 'e' || line.result.codec === 'x' ? thrown(line.result) : numbers.result(line)
  return { line, request, asks: `${line.row} ${asks}`, outcome: { outcome, result } }
}

function thrown(result: Captured): unknown {
  return result.codec === 'e' ? (JSON.parse(result.text) as unknown) : readable(result)
}

function endOf(end: EndEntry | undefined): unknown {
  if (end === undefined) return { outcome: 'not ended' }
  const { outcome, result } = end
  return { outcome, result: result.codec === 'e' ? thrown(result) : untimed(readable(result)) }
}

/** Finds the calls that both have, from the root down, and notes what differs in them. */
function pairsOf(before: Family, after: Family, differences: RunDifference[]): readonly Pair[] {
  const pairs: Pair[] = []
  const parents: (readonly [string, string])[] = [['', '']]
  for (const [a, b] of parents) {
    for (const { before: x, after: y } of matched(before.get(a) ?? [], after.get(b) ?? [])) {
      if (x !== undefined && y !== undefined) {
        parents.push([x.line.path, y.line.path])
        pairs.push({ before: x, after: y })
        differences.push(...compared(x, y))
      } else {
        differences.push(...alone(x, before, 'missing'), ...alone(y, after, 'added'))
      }
    }
  }
  return pairs
}

/** Pairs calls that ask the same; then those of the same row that are left, in their order. */
function matched(before: readonly Told[], after: readonly Told[]): readonly Partial<Pair>[] {
  const found = new Map<Told, Told>()
  const taken = new Set<Told>()
  for (const nameOf of [({ asks }: Told) => asks, ({ line }: Told) => line.row]) {
    const left = new Map<string, Told[]>()
    for (const told of after) {
      if (taken.has(told)) continue
      const alike = left.get(nameOf(told))
      if (alike === undefined) left.set(nameOf(told), [told])
      else alike.push(told)
    }
    for (const told of before) {
      const other = found.has(told) ? undefined : left.get(nameOf(told))?.shift()
      if (other === undefined) continue
      found.set(told, other)
      taken.add(other)
    }
  }
  const pairs = before.map((told) => {
    const other = found.get(told)
    return { before: told, ...(other === undefined ? {} : { after: other }) }
  })
  return [...pairs, ...after.filter((told) => !taken.has(told)).map((told) => ({ after: told }))]
}

function compared(before: Told, after: Told): readonly RunDifference[] {
  const base = { path: before.line.path, name: before.line.row, lines: [before.line.n, after.line.n] } as const
  if (before.asks !== after.asks)
    return [{ kind: 'request', ...base, changes: valueChanges(before.request, after.request) }]
  const changes = valueChanges(before.outcome, after.outcome)
  return changes.length === 0 ? [] : [{ kind: 'outcome', ...base, changes }]
}

/** A call that only one run has, with all that was made under it. */
function alone(told: Told | undefined, family: Family, kind: 'missing' | 'added'): readonly RunDifference[] {
  if (told === undefined) return []
  const { path, row: name, n } = told.line
  const lines: RunDifference['lines'] = kind === 'missing' ? [n, 0] : [0, n]
  const below = (family.get(path) ?? []).flatMap((each) => alone(each, family, kind))
  return [{ kind, path, name, lines, changes: [] }, ...below]
}

/** Names the fewest calls without which both runs settled in the same order. */
function outOfOrder(pairs: readonly Pair[]): readonly RunDifference[] {
  const inOrder = [...pairs].sort((x, y) => x.before.line.n - y.before.line.n)
  const steady = longestRise(inOrder.map(({ after }) => after.line.n))
  return inOrder
    .filter((_, index) => !steady.has(index))
    .map(({ before, after }) => ({
      kind: 'order' as const,
      path: before.line.path,
      name: before.line.row,
      lines: [before.line.n, after.line.n] as const,
      changes: [],
    }))
}

/** Returns the places of the longest part of a list whose numbers only rise. */
function longestRise(numbers: readonly number[]): ReadonlySet<number> {
  /** Of each length, where the part ends that ends lowest. */
  const ends: number[] = []
  const previous: (number | undefined)[] = []
  for (const [index, number] of numbers.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((numbers[ends[middle] as number] as number) < number) low = middle + 1
      else high = middle
    }
    previous[index] = ends[low - 1]
    ends[low] = index
  }
  const rise = new Set<number>()
  for (let at = ends.at(-1); at !== undefined; at = previous[at]) rise.add(at)
  return rise
}

/** Compares paths number by number. */
function byPath(a: string, b: string): number {
  const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let index = 0; index < Math.min(x.length, y.length); index += 1) {
    const difference = (x[index] as number) - (y[index] as number)
    if (difference !== 0) return difference
  }
  return x.length - y.length
}

import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import type { ProcessEnd } from '../process/process-end.js'
import type { Process } from '../process/process.js'
import type { Syscall } from '../syscall/syscall.js'
import { parentPath, type CallRecord } from './journal-scope.js'
import type { Recorded, RecordedRun, ValueView } from './recorded-run.js'
import { changesText, valueChanges, type ValueChange } from './value-diff.js'
import { restored, type Captured } from './value-codec.js'

/** Is how an agent left the way that its journal tells. */
export interface Divergence {
  readonly runId: string
  readonly recorded: RecordedRun
  /** What the journal holds next, if it knows. */
  readonly next: Recorded | undefined
  /** The call that came; undefined if none did. */
  readonly came: Syscall | undefined
  /** How the agent ended instead of making a call. Default: it did not. */
  readonly end?: ProcessEnd | undefined
}

/** Recorded calls that are compared with one that came. */
const MOST_COMPARED = 256
const ADVICE = 'An agent must take time, chance and everything from outside through sys.'

/** Makes the error of an agent that did not do what its journal holds: names both, and where the nearest miss differs. */
export function divergedError({ runId, recorded, next, came, end }: Divergence): AiosError {
  const shown = (request: Captured): unknown => shownOf(request, recorded.view)
  const nearest = came === undefined ? undefined : nearestMiss(came, recorded)
  const line = nearest?.line ?? next
  const request = came === undefined ? undefined : shown((came.record as CallRecord).request)
  const expected = line === undefined ? 'no further call' : `${line.row} (line ${line.n}, call ${line.path})`
  const got =
    came === undefined ? endText(end, recorded.view) : `${came.row.name} (call ${(came.record as CallRecord).path})`
  const differs = nearest === undefined ? '' : ` In its request ${changesText(nearest.changes)}.`
  return new AiosError(
    'AIOS_REPLAY_DIVERGED',
    `Run ${runId} does not do what its journal holds: expected ${expected}, got ${got}.${differs} ${ADVICE}`,
    {
      details: {
        runId,
        expected: line && { n: line.n, path: line.path, name: line.row, request: shown(line.request) },
        got: came && { path: (came.record as CallRecord).path, name: came.row.name, request },
        changes: nearest?.changes ?? [],
      },
      ...(end?.how === 'threw' && { cause: end.error }),
    },
  )
}

function endText(end: ProcessEnd | undefined, view: ValueView | undefined): string {
  if (end === undefined) return 'no call'
  if (end.how === 'fulfilled') return 'the end of the agent, which returned'
  const error = errorText(end.error)
  return `the end of the agent, which threw: ${String(view === undefined ? error : view.clean(error))}`
}

/** Finds the call of the same row, that nothing asked for, whose request differs least. */
function nearestMiss(
  came: Syscall,
  recorded: RecordedRun,
): { readonly line: Recorded; readonly changes: readonly ValueChange[] } | undefined {
  const { request, parent } = came.record as CallRecord
  const { view } = recorded
  const wanted = shownOf(request, view)
  const candidates = recorded
    .remaining()
    .filter(({ row }) => row === came.row.name)
    .map((line) => ({ line, isSibling: parentPath(line.path) === parent.path }))
    .sort((a, b) => Number(b.isSibling) - Number(a.isSibling) || a.line.n - b.line.n)
    .slice(0, MOST_COMPARED)
    .map(({ line, isSibling }) => ({ line, isSibling, changes: valueChanges(shownOf(line.request, view), wanted) }))
  let nearest = candidates[0]
  for (const each of candidates) if (nearest === undefined || weight(each) < weight(nearest)) nearest = each
  return nearest
}

/** One of another parent counts as if one thing more were different. */
function weight({
  isSibling,
  changes,
}: {
  readonly isSibling: boolean
  readonly changes: readonly ValueChange[]
}): number {
  return changes.length + (isSibling ? 0 : 1)
}

/** Returns a request, or why it is not there. */
export function readable(request: Captured): unknown {
  return request.codec === 'x' ? request.why : restored(request)
}

/** Returns what may be shown of a request, or why it is not there. */
function shownOf(request: Captured, view: ValueView | undefined): unknown {
  const value = readable(request)
  return view === undefined ? value : view.clean(value)
}

/** Whether a process, or one above it and below the root of the run, does not end with its parent. */
export function isDetached(process: Process, root: Process | undefined): boolean {
  for (let at: Process | undefined = process; at !== undefined && at !== root; at = at.parent)
    if (at.detached) return true
  return false
}

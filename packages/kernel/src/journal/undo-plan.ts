import type { SyscallRow } from '../syscall/syscall-row.js'
import type { SyscallTable } from '../syscall/table.js'
import type { CallEntry, JournalEntry, OpenEntry } from './journal-entry.js'
import { parentPath } from './journal-scope.js'
import { durableId } from './run-header.js'
import { restored } from './value-codec.js'

/** Names a call that was undone: its durable id, `runId/path`, and its syscall. */
export interface UndoneCall {
  readonly id: string
  readonly name: string
}

/**
 * Names a call that was not undone. `no-compensation`: its syscall declares none. `already-undone`: an earlier undo did.
 * `covered`: the call it was made under has a compensation, which stands for both; or it was not executed itself, but got what
 * another call with its idempotency key, or the one that a fork copied, came to: it is undone with that one. `unknown-syscall`: this kernel has no such
 * syscall. `not-kept`: its request or result was redacted or could not be stored. `outcome-unknown`: it was on its device when
 * the process was killed. `not-fulfilled`: it failed.
 */
export interface SkippedCall extends UndoneCall {
  readonly why:
    | 'no-compensation'
    | 'already-undone'
    | 'covered'
    | 'unknown-syscall'
    | 'not-kept'
    | 'outcome-unknown'
    | 'not-fulfilled'
}

/** Is a call that can be undone. */
export interface UndoableCall extends UndoneCall {
  readonly path: string
  readonly row: SyscallRow
  readonly request: unknown
  readonly result: unknown
}

/** Is what of a run is to be undone: what was made at or under a path, or one call. */
export interface UndoScope {
  readonly runId: string
  readonly path: string
  /** Whether one call was asked for, which is told of even if it has nothing to undo. */
  readonly single: boolean
  /** For the run of a detached process: see `RunHeader`. */
  readonly callId?: string | undefined
}

/** Lists what there is to undo, the newest first, and what cannot be. Calls that change nothing are in neither list. */
export function planUndo(
  table: SyscallTable,
  lines: readonly JournalEntry[],
  scope: UndoScope,
): { readonly calls: readonly UndoableCall[]; readonly skipped: readonly SkippedCall[] } {
  const calls: UndoableCall[] = []
  const skipped: SkippedCall[] = []
  const settled = new Map(lines.flatMap((line) => (line.kind === 'call' ? [[line.path, line] as const] : [])))
  for (const line of [...lines].reverse()) {
    if ((line.kind !== 'call' && line.kind !== 'open') || !isWithin(line.path, scope.path)) continue
    if (line.kind === 'open' && settled.has(line.path)) continue
    const found = undoable(table, { line, settled, scope })
    if (found === undefined) continue
    if (typeof found === 'object') calls.push(found)
    else skipped.push({ id: durableId(scope, line.path), name: line.row, why: found })
  }
  return { calls, skipped }
}

interface Sight {
  readonly line: CallEntry | OpenEntry
  readonly settled: ReadonlyMap<string, CallEntry>
  readonly scope: UndoScope
}

function undoable(table: SyscallTable, { line, settled, scope }: Sight): UndoableCall | SkippedCall['why'] | undefined {
  const row = table.find(line.row)
  const asked = scope.single && line.path === scope.path
  if (line.kind === 'open') return line.intent || asked ? 'outcome-unknown' : undefined
  if (line.outcome !== 'fulfilled') return asked ? 'not-fulfilled' : undefined
  if (row === undefined) return 'unknown-syscall'
  if (row.compensate === undefined) return row.effect !== 'repeatable' || asked ? 'no-compensation' : undefined
  if (isCovered(table, line.path, settled)) return 'covered'
  const { request, result, path } = line
  if (request.codec === 'x' || result.codec === 'x') return 'not-kept'
  return {
    id: durableId(scope, path),
    name: line.row,
    path,
    row,
    request: restored(request),
    result: restored(result),
  }
}

function isWithin(path: string, above: string): boolean {
  return above === '' || path === above || path.startsWith(`${above}.`)
}

/** Whether a call above this one did what it did, and says itself how that is undone. */
function isCovered(table: SyscallTable, path: string, settled: ReadonlyMap<string, CallEntry>): boolean {
  for (let at = parentPath(path); at !== undefined; at = parentPath(at)) {
    const above = settled.get(at)
    if (above?.outcome === 'fulfilled' && table.find(above.row)?.compensate !== undefined) return true
  }
  return false
}

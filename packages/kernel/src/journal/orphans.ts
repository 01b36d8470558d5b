import type { SpawnOptions } from '../process/agent.js'
import type { Process } from '../process/process.js'
import type { Journal } from './journal.js'
import type { StartEntry } from './journal-entry.js'
import { JOURNAL_SPACES, orphanMark } from './journal-keys.js'
import { CallRecord, isWithin, pathBelow, type JournalScope } from './journal-scope.js'
import type { Run } from './run.js'
import { requestMade } from './made-call.js'
import { orphanId } from './run-header.js'
import { capture, NOTHING, REDACTED, restored, type Captured } from './value-codec.js'

/** Is what a detached process was started with. */
export interface Birth {
  readonly input: Captured
  readonly options: SpawnOptions
}

/**
 * Gives each detached process that was spawned under a path, and that nothing will spawn again, a run of its own: when what spawned
 * it has ended. Its lines up to now stay where they are. To be called within what is committed together with that end.
 *
 * @param path - of a call that settled; the empty path when the run ends
 */
export function partOrphans(journal: Journal, run: Run, path: string): void {
  if (run.seed.traced) return
  const parting = [...(run.detached ?? [])].filter(
    ([{ end, scope }]) => end === undefined && scope?.run === run && scope.path !== '' && isWithin(scope.path, path),
  )
  const runs = new Map<Process, Departing>()
  // Ancestors come first in the order in which they were spawned.
  for (const [process, birth] of parting) {
    const head = headOf(process, runs)
    if (head === undefined) runs.set(process, depart(journal, run, { process, birth }))
    const own = (head ?? runs.get(process)) as Departing
    run.detached?.delete(process)
    if (head !== undefined) (own.run.detached ??= new Map()).set(process, birth)
    for (const each of household(process)) move(each, run, own)
  }
  if (run.detached?.size === 0) run.detached = undefined
  if (run.replay !== undefined) for (const [process, { run: own }] of runs) journal.leaveOff(own, process)
}

/** Is a run of its own, and what it was in the run that it left. */
interface Departing {
  readonly run: Run
  readonly path: string
}

/** Returns the run of the nearest process above that spawns this one again when it is gone through. */
function headOf({ parent }: Process, runs: ReadonlyMap<Process, Departing>): Departing | undefined {
  for (let at = parent; at !== undefined; at = at.parent) {
    const found = runs.get(at)
    if (found !== undefined) return found
  }
  return undefined
}

/** Lists a process and its living descendants that end with it. */
function household(process: Process): readonly Process[] {
  const children = [...(process.children ?? [])].filter(({ detached }) => !detached)
  return [process, ...children.flatMap(household)]
}

function depart(
  journal: Journal,
  run: Run,
  { process, birth }: { readonly process: Process; readonly birth: Birth | undefined },
): Departing {
  const scope = process.scope as JournalScope
  const { path } = scope
  const callId = run.idOf(path)
  const { name, pid, createdAt } = process
  const from = { runId: run.id, path }
  const id = orphanId(callId)
  const own = journal.enter(
    { id, name, pid, createdAt, traced: false, named: false, from, callId, root: scope },
    process,
  )
  own.continueAfter({ n: 0, tick: run.tick })
  own.start(startOf(process, birth))
  journal.log.write({ op: 'put', space: JOURNAL_SPACES.orphans, ...orphanMark(run.id, id) }, own)
  return { run: own, path }
}

/** Takes a process, and what it has under way, from one run to another. */
function move(process: Process, run: Run, to: Departing): void {
  const records = process.outstanding().flatMap(({ record }) => (record === undefined ? [] : [record]))
  for (const scope of new Set([process.scope, ...records])) {
    if (scope?.run !== run) continue
    scope.run = to.run
    scope.path = pathBelow(scope.path, to.path)
  }
}

/** Makes the first line of the run of a process: what it was spawned with, and what it has from its parent. */
function startOf(process: Process, birth: Birth | undefined): StartEntry {
  const { scope, namespace, tree, createdAt } = process
  const { input, options } = birth ?? birthOf(scope)
  const at = scope instanceof CallRecord ? (scope.entry?.at ?? createdAt) : createdAt
  const stored = options === undefined ? REDACTED : capture({ ...options, namespace, tenant: tree.tenant.name })
  return { kind: 'start', n: 1, tick: 0, path: '', at, input, options: stored, fingerprint: '' }
}

/** Returns what a call spawned a process with. */
function birthOf(scope: JournalScope | undefined): {
  readonly input: Captured
  readonly options: SpawnOptions | undefined
} {
  if (!(scope instanceof CallRecord)) return { input: NOTHING, options: {} }
  const { redaction } = scope
  const request = requestMade({ request: scope.request, made: scope.made ?? scope.entry?.made })
  if (redaction?.request === true || request.codec === 'x')
    return { input: request.codec === 'x' ? request : REDACTED, options: undefined }
  return birthFrom(request)
}

/** Reads what a call spawned a process with from its request. */
export function birthFrom(request: Captured): Birth {
  const { agent, hasSignal, input, ...options } = restored(request) as SpawnOptions & {
    readonly agent: unknown
    readonly hasSignal: unknown
    readonly input: unknown
  }
  void agent
  void hasSignal
  return { input: capture(input), options: storable(options) }
}

/** Notes what a process was started with that no call spawned, if it is detached and journalled. */
export function noteBirth(process: Process, input: unknown, options: SpawnOptions): void {
  const born = process.scope?.run.detached
  if (born?.has(process) === true) born.set(process, { input: capture(input), options: storable(options) })
}

/** What of its options a process gets again in its next life. */
export function storable({ signal, replay, runId, detached, ...rest }: SpawnOptions): SpawnOptions {
  void signal
  void replay
  void runId
  void detached
  return rest
}

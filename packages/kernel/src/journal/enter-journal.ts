import type { KernelState } from '../kernel-state.js'
import type { SpawnOptions } from '../process/agent.js'
import type { Process } from '../process/process.js'
import type { Bounds, Spawner } from '../process/spawn.js'
import type { Journal } from './journal.js'
import { JournalScope } from './journal-scope.js'
import { capture, NOTHING } from './value-codec.js'

/** Is how a process is made known to the journal. */
export interface Entrance {
  readonly spawner: Spawner
  readonly options: SpawnOptions
  /** Sets the timers that can end the process. */
  readonly bound: (kernel: KernelState, process: Process, bounds: Bounds) => void
}

/**
 * Gives a new process its place in the journal: a child that of the call it was spawned by, one that hosts calls of code
 * outside a trace of its own. A root that runs an agent gets its run when it starts.
 */
export function enterJournal(kernel: KernelState, process: Process, { spawner, options, bound }: Entrance): void {
  const { parent } = process
  if (parent === undefined || spawner.claims !== undefined) {
    if (spawner.hosts === true) process.scope = traceOf(kernel, process)
    if (spawner.hosts === true) bound(kernel, process, { options, since: process.createdAt })
    return
  }
  process.scope = spawner.scope ?? scopeUnder(process, spawner)
  if (process.detached && process.scope !== undefined)
    (process.scope.run.detached ??= new Map()).set(process, undefined)
  const replay = process.scope?.run.replay
  if (replay === undefined || process.scope === undefined) {
    bound(kernel, process, { options, since: process.createdAt })
    return
  }
  replay.enter(process.scope.path, process)
  const since = spawner.scope === undefined ? process.createdAt : replay.madeAt(spawner.scope)
  replay.whenLive(() => {
    if (process.end === undefined) bound(kernel, process, { options, since })
  })
}

/** A process that a tool spawns, not by a syscall, is counted among the calls of that tool. */
function scopeUnder({ parent }: Process, { origin }: Spawner): JournalScope | undefined {
  const above = origin?.owner === parent ? (origin?.record ?? parent?.scope) : parent?.scope
  return above === undefined ? undefined : new JournalScope(above.run, above.next())
}

function traceOf(kernel: KernelState, process: Process): JournalScope {
  const journal = kernel.journal as Journal
  const run = journal.enter(
    {
      id: process.runId,
      name: process.name,
      pid: process.pid,
      createdAt: process.createdAt,
      traced: true,
      named: false,
    },
    process,
  )
  const { createdAt: at, tree, namespace } = process
  // For whom it is, so that what it did can be undone for the same.
  const options = capture({ tenant: tree.tenant.name, namespace })
  run.start({ kind: 'start', n: 1, tick: 0, path: '', at, input: NOTHING, options, fingerprint: '' })
  return run.root
}

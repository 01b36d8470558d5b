import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { KernelState } from '../kernel-state.js'
import type { SpawnOptions } from '../process/agent.js'
import type { Journal } from './journal.js'
import type { StartEntry } from './journal-entry.js'
import { isWithin } from './journal-scope.js'
import { findRun } from './run-archive.js'
import { durableId, placeOf } from './run-header.js'
import { readRun, type RunJournal } from './run-journal.js'
import type { UndoScope } from './undo-plan.js'
import { restored } from './value-codec.js'

/** Is a part of a run that nobody changes meanwhile, with all lines of the run. */
export interface UndoTarget extends RunJournal {
  readonly scope: UndoScope
}

/** The durable id of a call: the run, and the path of the call in it. */
const CALL_ID = /^(.+)\/(\d+(?:\.\d+)*)$/s

/**
 * Finds what is to be undone.
 *
 * @throws AiosError `AIOS_NO_SUCH_PROCESS`, `AIOS_NOT_FOUND`; `AIOS_INVALID_OPTION` for a process or run that goes on
 */
export async function findTarget(kernel: KernelState, target: number | string): Promise<UndoTarget> {
  const journal = kernel.journal as Journal
  await journal.log.durable()
  if (typeof target === 'number') return ofProcess(kernel, target)
  if (typeof target !== 'string')
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected a pid, the id of a run or "runId/path" of a call, got ${describe(target)}.`,
    )
  const { records } = journal
  if ((await findRun(records, target)) !== undefined) {
    const run = await readRun(records, target)
    await refuseLiving(kernel, run, '')
    return { ...run, scope: { runId: target, path: '', single: false } }
  }
  const [, runId, path] = CALL_ID.exec(target) ?? []
  if (runId === undefined || path === undefined || (await findRun(records, runId)) === undefined)
    throw new AiosError('AIOS_NOT_FOUND', `The journal holds no run, or call of a run, "${target}".`)
  const run = await readRun(records, runId)
  if (!run.lines.some((line) => (line.kind === 'call' || line.kind === 'open') && line.path === path))
    throw new AiosError('AIOS_NOT_FOUND', `Run "${runId}" holds no call "${path}".`)
  return { ...run, scope: { runId, path, single: true } }
}

async function ofProcess(kernel: KernelState, pid: number): Promise<UndoTarget> {
  const process = kernel.processes.get(pid)
  const runId = process?.journalId ?? kernel.processes.exited(pid)?.info.runId
  if (runId === undefined) throw noProcess(pid)
  const run = await readRun((kernel.journal as Journal).records, runId)
  const path = process?.scope?.path ?? pathOf(run, pid)
  if (path === undefined) throw noProcess(pid)
  await refuseLiving(kernel, run, path)
  return { ...run, scope: { runId, path, single: false } }
}

/** Returns the path of a process that has ended: of the root, or of the call that spawned it. */
function pathOf({ header, lines }: RunJournal, pid: number): string | undefined {
  if (header.pid === pid) return ''
  const spawn = lines.find(
    (line) =>
      line.kind === 'call' &&
      line.row === 'agent.spawn' &&
      line.outcome === 'fulfilled' &&
      line.result.codec === 'j' &&
      (restored(line.result) as { readonly pid?: unknown }).pid === pid,
  )
  return spawn?.path
}

function noProcess(pid: number): AiosError {
  return new AiosError(
    'AIOS_NO_SUCH_PROCESS',
    `No process has the pid ${pid}, or it ended long ago. Pass the id of its run, or "runId/path" of the call.`,
  )
}

/** What goes on would act on what was undone. */
async function refuseLiving(kernel: KernelState, { header }: RunJournal, path: string): Promise<void> {
  const { runId } = header
  // Also a detached one that left the run goes on with what was done in it.
  const place = placeOf(durableId(header, path))
  const going = kernel.processes.living().find(({ scope, frozen }) => {
    if (scope === undefined || frozen > 0) return false
    const its = placeOf(scope.run.idOf(scope.path))
    return its.runId === place.runId && isWithin(its.path, place.path)
  })
  if (going !== undefined)
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected a process that is suspended or has ended, got process ${going.pid} (${going.name}), which goes on. Suspend or kill it first.`,
    )
  const isOurs = kernel.processes.living().some(({ scope }) => scope?.run.id === runId)
  if (header.state === 'running' && !isOurs && !(await (kernel.journal as Journal).mayTake(header)))
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected a run that nobody goes on with, got "${runId}", which another kernel has.`,
    )
}

/** Returns for whom a run was made, so that it is undone for the same. */
export function spawnedFor({ header, lines }: RunJournal): SpawnOptions {
  const start = lines.find((line): line is StartEntry => line.kind === 'start')
  const options = start === undefined || start.options.codec === 'x' ? undefined : restored(start.options)
  const { tenant, namespace, name } = (options ?? {}) as SpawnOptions
  return { name: 'undo', tenant, namespace: namespace ?? name ?? (header.name === 'agent' ? 'default' : header.name) }
}

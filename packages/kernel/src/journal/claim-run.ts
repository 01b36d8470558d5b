import { AiosError } from '../error/aios-error.js'
import type { KernelState } from '../kernel-state.js'
import type { Process } from '../process/process.js'
import type { Journal } from './journal.js'
import type { EndEntry, JournalEntry, StartEntry } from './journal-entry.js'
import { lineWrites } from './line-writes.js'
import type { Lineage } from './lineage.js'
import { JOURNAL_SPACES, textKey } from './journal-keys.js'
import { endOfRun, findRun, linesOf, startOfRun } from './run-archive.js'
import { encodeHeader, JOURNAL_SCHEMA, type RunHeader } from './run-header.js'
import { digestOf, type Captured } from './value-codec.js'

/** Is what there was of a run when it was claimed. */
export type Claimed =
  | { readonly kind: 'new' }
  | { readonly kind: 'open'; readonly header: RunHeader; readonly lines: readonly JournalEntry[] }
  | { readonly kind: 'ended'; readonly end: EndEntry }

/** Milliseconds after which somebody who waits for a run of another kernel looks again. */
const LOOK_AGAIN_MS = 100

/**
 * Makes a run this kernel's own: nobody else's from then on. One that another kernel has is waited for, until it has ended
 * or its kernel is known to be gone.
 *
 * @returns undefined if the process ended meanwhile
 *
 * @throws AiosError `AIOS_IDEMPOTENCY_CONFLICT` if it was started with another input
 */
export async function claimRun(
  kernel: KernelState,
  process: Process,
  { first: start, lineage }: { readonly first: StartEntry; readonly lineage: Lineage | undefined },
): Promise<Claimed | undefined> {
  const { journalId: runId } = process
  const { records } = kernel
  const journal = kernel.journal as Journal
  const mine = (header: Pick<RunHeader, 'pid' | 'createdAt'>): RunHeader => ({
    schema: JOURNAL_SCHEMA,
    runId,
    name: process.name,
    state: 'running',
    owner: journal.kernelId,
    pid: header.pid,
    createdAt: header.createdAt,
    endedAt: undefined,
    halted: undefined,
    ...(lineage !== undefined && { from: lineage.from, callId: lineage.callId }),
  })
  while (process.end === undefined) {
    const found = await findRun(records, runId)
    if (found === undefined) {
      if (await take(journal, mine(process), { version: 0, start })) return { kind: 'new' }
      continue
    }
    const { header, record } = found
    if (header.state === 'traced')
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        `Expected the id of a run of an agent, got "${runId}", which is the trace of a process that ran none.`,
      )
    if (header.state === 'running' && (journal.runs(runId) || !(await journal.mayTake(header)))) {
      await pause(kernel, LOOK_AGAIN_MS)
      continue
    }
    checkInput(runId, start.input, await startOfRun(records, runId))
    if (header.state !== 'running') return { kind: 'ended', end: await endOfRun(records, runId) }
    if (header.from !== undefined && lineage === undefined) throw isOrphan(header)
    const isOurs = await take(journal, mine(header), { version: record.version, start: undefined })
    // Whoever waits for a run that others have, or is turned away, holds nothing of it.
    if (isOurs) return { kind: 'open', header, lines: await linesOrRelease(journal, mine(header)) }
  }
  return undefined
}

/** Nobody but who takes up all can tell from what a detached process has its budgets and grants. */
function isOrphan({ runId, name }: RunHeader): AiosError {
  return new AiosError(
    'AIOS_INVALID_OPTION',
    `Expected the id of a root's run, got "${runId}", which is that of a detached process and has not ended. Take it up by kernel.recover({ agents: { ${JSON.stringify(name)}: … } }).`,
  )
}

/** Reads the lines of a run that is ours; if they cannot be read, leaves it to whoever can. */
async function linesOrRelease(journal: Journal, header: RunHeader): Promise<readonly JournalEntry[]> {
  const { runId } = header
  try {
    return await linesOf(journal.records, header)
  } catch (error) {
    const halted = AiosError.is(error) ? error.code : 'error'
    journal.log.write({
      op: 'put',
      space: JOURNAL_SPACES.runs,
      key: textKey(runId),
      value: encodeHeader({ ...header, halted }),
    })
    // Whatever becomes of that, what is told is the damage.
    await new Promise<unknown>((resolve) => {
      journal.log.whenDurable(resolve)
    })
    throw error
  }
}

/** Is what a claim depends on, and begins with. */
interface Claim {
  /** Version of the header that is replaced; 0 if there is none. */
  readonly version: number
  /** First line of a run that is new. */
  readonly start: StartEntry | undefined
}

/** Writes that the run is ours; returns false if somebody else was first. */
async function take({ records }: Journal, header: RunHeader, { version, start }: Claim): Promise<boolean> {
  const { runId } = header
  const key = textKey(runId)
  try {
    await records.batch([
      { op: 'put', space: JOURNAL_SPACES.runs, key, value: encodeHeader(header), ifVersion: version },
      { op: 'put', space: JOURNAL_SPACES.open, key, value: new Uint8Array() },
      ...(start === undefined ? [] : lineWrites({ id: runId, blobs: new Set() }, start)),
    ])
    return true
  } catch (error) {
    if (AiosError.is(error, 'AIOS_VERSION_CONFLICT')) return false
    throw error
  }
}

function checkInput(runId: string, input: Captured, start: StartEntry): void {
  if (digestOf(start.input) === digestOf(input)) return
  throw new AiosError(
    'AIOS_IDEMPOTENCY_CONFLICT',
    `Run "${runId}" was started with another input. Give another input another run id.`,
    { details: { runId } },
  )
}

function pause(kernel: KernelState, ms: number): Promise<void> {
  return new Promise((resolve) => {
    kernel.wheel.set(ms, true, resolve)
  })
}

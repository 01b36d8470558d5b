import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { KernelState } from '../kernel-state.js'
import type { Agent, SpawnOptions } from '../process/agent.js'
import { endProcess } from '../process/end-process.js'
import { killed, returned, threw, type ProcessEnd } from '../process/process-end.js'
import { factOf } from '../process/process-fact.js'
import type { Process } from '../process/process.js'
import { bound, makeProcess, startAgent } from '../process/spawn.js'
import { claimRun, type Claimed } from './claim-run.js'
import { executedIn } from './fork.js'
import { mergedLines, type Lineage } from './lineage.js'
import { storable } from './orphans.js'
import { fingerprintOf, type Journal } from './journal.js'
import type { EndEntry, JournalEntry, StartEntry } from './journal-entry.js'
import { RecordedRun } from './recorded-run.js'
import type { ReplayMode } from './replay-mode.js'
import { Replay } from './replay.js'
import type { Run } from './run.js'
import { capture, MOST_BYTES, restored } from './value-codec.js'

/** Is an agent that is to run in a journalled process. */
export interface Start {
  readonly agent: Agent<never, unknown>
  readonly input: unknown
  readonly options: SpawnOptions
  /** What to do with calls whose outcome is not known. */
  readonly onUnknown?: ReplayMode['onUnknown']
  /** Where a detached process comes from that outlived what spawned it. */
  readonly lineage?: Lineage | undefined
  /** When its run was started first, for one that is taken up. */
  readonly since?: number | undefined
}

/** Makes the process of a detached agent that outlived what spawned it, below those that it was below. */
export function makeOrphan(kernel: KernelState, { runId, ...options }: SpawnOptions, lineage: Lineage): Process {
  const parent = journalOf(kernel).ghosts.above(lineage)
  return makeProcess({ kernel, parent, origin: undefined, claims: runId }, { ...options, detached: true })
}

/** Starts an agent in a root process of a kernel with a journal. */
export function startRun(kernel: KernelState, process: Process, start: Start): void {
  if (start.options.runId !== undefined) void claimAndStart(kernel, process, start)
  else beginOrFork(kernel, process, start)
}

/** Begins a run of its own: with the agent's first call, or with those of another run. */
function beginOrFork(kernel: KernelState, process: Process, start: Start): void {
  const { replay } = start.options
  if (replay === undefined) beginRun(kernel, process, start)
  else continueRun(kernel, process, { start, lines: executedIn(replay.header, replay.lines), forked: true })
}

function journalOf(kernel: KernelState): Journal {
  return kernel.journal as Journal
}

/** Begins a run that nobody had before. */
function beginRun(kernel: KernelState, process: Process, start: Start): void {
  enter(kernel, process, start).start(startOf(process, start))
  bound(kernel, process, { options: start.options, since: process.createdAt })
  launch(kernel, process, start)
}

/** Makes the first line of a run. */
function startOf({ createdAt }: Process, { agent, input, options }: Start): StartEntry {
  const stored = capture(storable(options))
  return {
    kind: 'start',
    n: 1,
    tick: 0,
    path: '',
    at: createdAt,
    input: capture(input),
    options: stored,
    fingerprint: fingerprintOf(agent, stored.codec === 'j' ? stored.text : ''),
  }
}

function enter(kernel: KernelState, process: Process, { options: { runId }, lineage, since }: Start): Run {
  const run = journalOf(kernel).enter(
    {
      id: process.journalId,
      name: process.name,
      pid: process.pid,
      createdAt: since ?? process.createdAt,
      traced: false,
      named: runId !== undefined,
      from: lineage?.from,
      callId: lineage?.callId,
    },
    process,
  )
  process.scope = run.root
  return run
}

function launch(kernel: KernelState, process: Process, { agent, input }: Start): void {
  startAgent(kernel, process, { agent: agent as Agent<unknown, unknown>, input })
}

/** Finds out what there is of a named run: starts it, takes it up, or ends the process with what it came to. */
async function claimAndStart(kernel: KernelState, process: Process, start: Start): Promise<void> {
  try {
    const first = startOf(process, start)
    if (first.input.codec === 'x') throw notStorable(process, start.input, first.input.why)
    const claimed = await claimRun(kernel, process, { first, lineage: start.lineage })
    if (claimed !== undefined) goOn(kernel, process, { start, claimed })
  } catch (error) {
    if (process.end === undefined) endProcess(kernel, process, threw(process, error))
  }
  kernel.settleDown()
}

function goOn(
  kernel: KernelState,
  process: Process,
  { start: asked, claimed }: { readonly start: Start; readonly claimed: Claimed },
): void {
  const start = claimed.kind === 'open' ? { ...asked, since: claimed.header.createdAt } : asked
  if (process.end !== undefined) {
    // It was killed while it was claimed; what had ended before stays as it was.
    if (claimed.kind !== 'ended') endClaimed(kernel, process, { start, claimed })
    return
  }
  if (claimed.kind === 'open') kernel.processes.rename(process, claimed.header.pid)
  kernel.hub.push('process:spawned', factOf(kernel, process))
  if (claimed.kind === 'ended') finishAs(kernel, process, claimed.end)
  else if (claimed.kind === 'open' && !isBare(claimed.lines, start.options))
    continueRun(kernel, process, { start, lines: claimed.lines, forked: false })
  else beginOrFork(kernel, process, start)
}

/** Writes the end of a run whose process was killed before it began to go on; after the lines that are there. */
function endClaimed(
  kernel: KernelState,
  process: Process,
  { start, claimed }: { readonly start: Start; readonly claimed: Exclude<Claimed, { readonly kind: 'ended' }> },
): void {
  const run = enter(kernel, process, start)
  // A claim writes the first line of a run that is new.
  run.continueAfter((claimed.kind === 'open' ? claimed.lines.at(-1) : undefined) ?? { n: 1, tick: 0 })
  void run.end(process.end as ProcessEnd)
}

/** Whether a run that begins as another one did was killed before it had the lines of that. */
function isBare(lines: readonly JournalEntry[], { replay }: SpawnOptions): boolean {
  return replay !== undefined && lines.length === 1
}

function notStorable({ journalId: runId }: Process, input: unknown, why: string): AiosError {
  const holds = why === 'too-large' ? `takes more than ${MOST_BYTES} bytes` : 'holds functions or handles'
  return new AiosError(
    'AIOS_NOT_CLONEABLE',
    `Expected an input that can be stored for run "${runId}", got ${describe(input)}, which ${holds}.`,
  )
}

/** Ends a process as its run ended before. */
function finishAs(kernel: KernelState, process: Process, end: EndEntry): void {
  const value = restored(end.result)
  if (end.outcome === 'fulfilled') endProcess(kernel, process, returned(process, value))
  else endProcess(kernel, process, end.outcome === 'threw' ? threw(process, value) : killed(value))
}

/** Goes through what a run did before, and on from there. */
function continueRun(
  kernel: KernelState,
  process: Process,
  {
    start,
    lines,
    forked,
  }: { readonly start: Start; readonly lines: readonly JournalEntry[]; readonly forked: boolean },
): void {
  const first = lines.find((line): line is StartEntry => line.kind === 'start')
  const last = lines.at(-1)
  if (first === undefined || last === undefined)
    throw new AiosError('AIOS_CORRUPT', `Run "${process.journalId}" has no beginning in the journal.`)
  const run = enter(kernel, process, start)
  if (forked) run.copy(lines, capture(start.input))
  else run.continueAfter(last)
  const replay = new Replay(kernel, run, {
    recorded: new RecordedRun(start.lineage === undefined ? lines : mergedLines(lines, start.lineage)),
    mode: { atEnd: 'live', onUnknown: start.onUnknown },
  })
  run.replay = replay
  replay.enter('', process)
  replay.whenLive(() => {
    if (process.end === undefined)
      bound(kernel, process, { options: start.options, since: forked ? process.createdAt : first.at })
  })
  launch(kernel, process, start)
  replay.begin()
}

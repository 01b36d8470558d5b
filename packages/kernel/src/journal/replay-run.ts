import { bootState } from '../boot.js'
import { AiosError } from '../error/aios-error.js'
import type { KernelState } from '../kernel-state.js'
import { checkOptions, option } from '../option/check-options.js'
import type { Agent, SpawnOptions } from '../process/agent.js'
import { endProcesses } from '../process/end-process.js'
import { killed } from '../process/process-end.js'
import { ProcessHandle } from '../process/process-handle.js'
import type { Process } from '../process/process.js'
import { makeProcess, startAgent } from '../process/spawn.js'
import type { SyscallDefinition } from '../syscall/define-syscall.js'
import type { Syscall } from '../syscall/syscall.js'
import type { Clock } from '../time/clock.js'
import { checkJournal, type CheckedJournal } from './check-journal.js'
import { divergedError, readable } from './divergence.js'
import type { Journal } from './journal.js'
import type { JournalEntry } from './journal-entry.js'
import { parentPath, type CallRecord } from './journal-scope.js'
import { RecordedRun, type ValueView } from './recorded-run.js'
import { Replay } from './replay.js'
import type { RunJournal } from './run-journal.js'
import { restored } from './value-codec.js'

/** Is what `replay` takes. Unknown keys are rejected. */
export interface ReplayOptions {
  /**
   * Number of the line after which to stop: what settled up to it is delivered, and the agents do what they do at once upon it.
   * Default: the last one.
   */
  readonly until?: number | undefined
  /**
   * Milliseconds after which a replay whose agents do nothing more is given up. Only agents that wait for something else than
   * a syscall make it wait that long. Default 1,000.
   */
  readonly idleMs?: number | undefined
  /** Rows of third parties that the agent calls, made by `defineSyscall`; they are not run. Default: none. */
  readonly syscalls?: readonly SyscallDefinition[] | undefined
  /** Source of time for `idleMs`. Default: the system's. */
  readonly clock?: Clock | undefined
  /** Ends the replay, which then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/** Is a call that a replayed agent made and that nothing recorded answered yet. */
export interface WaitingCall {
  readonly path: string
  /** Name of the syscall, such as `llm.chat`. */
  readonly name: string
  readonly request: unknown
}

/** Is what a replay came to. */
export type Replayed<O = unknown> = {
  /** Number of lines that were gone through. */
  readonly lines: number
} & (
  | { readonly outcome: 'fulfilled'; readonly value: O }
  | { readonly outcome: 'threw' | 'killed'; readonly error: unknown }
  /** At `until`, or at the end of a run that has not ended: with the calls that would have been made next. */
  | { readonly outcome: 'stopped'; readonly waiting: readonly WaitingCall[] }
)

/** Is what a replay is told besides its options. */
export interface ReplaySettings extends ReplayOptions {
  /** What counts of requests, and may be shown. Default: all of them. */
  readonly view?: ValueView | undefined
}

const IDLE_MS = 1_000
const OPTIONS = option.object({
  until: option.optional(option.integer(1)),
  idleMs: option.optional(option.integer(0)),
  syscalls: option.optional(option.array(option.record)),
  clock: option.optional(option.record),
  signal: option.optional(option.custom('an AbortSignal', (value) => value instanceof AbortSignal)),
})

/**
 * Runs an agent again through a recorded run, finished or not, without any device: in a kernel of its own, in which every call
 * is answered from the journal, in the order in which they settled then. Nothing is written, and nothing is asked of a model,
 * a tool or a store. An agent that takes everything from outside through `sys` does exactly what it did.
 *
 * @param journal - what `readRun` returned
 * @throws AiosError `AIOS_REPLAY_DIVERGED` if the agent makes another call than was recorded, or fewer, naming the call, what
 *   was recorded and what came; `AIOS_NOT_CLONEABLE` if a value that it needs was redacted or could not be kept;
 *   `AIOS_CORRUPT` for a damaged journal; `AIOS_INVALID_OPTION`
 * @example
 * ```ts
 * import { createKernel, ramRecords, readRun, replay, type Agent } from '@aios/kernel'
 * import { scriptedCore } from '@aios/llm/testing'
 *
 * const ask: Agent<string, string> = async (sys, question) =>
 *   (await sys.llm.chat({ messages: [{ role: 'user', content: question }] })).text
 * const records = ramRecords()
 * const kernel = await createKernel({ llm: scriptedCore(['Four.']), records, journal: true })
 * await kernel.run(ask, 'What is 2 + 2?', { runId: 'sum-1' })
 * const again = await replay(await readRun(records, 'sum-1'), ask)
 * await kernel.close()
 * console.log(again.outcome === 'fulfilled' && again.value) // Four.
 * ```
 */
export async function replay<I, O>(
  journal: RunJournal,
  agent: Agent<I, O>,
  options: ReplayOptions = {},
): Promise<Replayed<O>> {
  checkOptions('replay()', options, OPTIONS)
  return replayLines(journal, agent, options)
}

/** Is {@link replay} for callers within the kernel, whose options are known to be right. */
export async function replayLines<I, O>(
  journal: RunJournal,
  agent: Agent<I, O>,
  settings: ReplaySettings,
): Promise<Replayed<O>> {
  const checked = checkJournal(journal, 'replay()')
  if (typeof agent !== 'function')
    throw new AiosError('AIOS_INVALID_OPTION', `Expected an agent function in replay(), got a ${typeof agent}.`)
  const { signal, until = checked.lines.length } = settings
  if (until > checked.lines.length)
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected a line from 1 to ${checked.lines.length} for "until" in replay(), got ${until}.`,
    )
  signal?.throwIfAborted()
  const { syscalls, clock, idleMs = IDLE_MS } = settings
  const kernel = bootState({ journal: true, syscalls, clock, limits: { replayIdleMs: idleMs } })
  await kernel.records.open()
  try {
    await (kernel.journal as Journal).open()
    return await goThrough(kernel, { journal: checked, agent: agent as Agent, settings: { ...settings, until } })
  } finally {
    await shutDown(kernel)
  }
}

interface Journey {
  readonly journal: CheckedJournal
  readonly agent: Agent
  readonly settings: ReplaySettings & { readonly until: number }
}

async function goThrough<O>(kernel: KernelState, { journal, agent, settings }: Journey): Promise<Replayed<O>> {
  const { header, lines, start, end } = journal
  const { until, view, signal } = settings
  const input = restored(start.input)
  const process = processOf(kernel, journal, signal)
  const seed = { id: header.runId, name: header.name, pid: process.pid, createdAt: header.createdAt }
  const run = (kernel.journal as Journal).enter({ ...seed, traced: false, named: false }, process)
  process.scope = run.root
  const recorded = new RecordedRun(withoutInsides(lines), view)
  const isWhole = until >= (end?.n ?? lines.length)
  const replay = new Replay(kernel, run, {
    recorded,
    mode: { atEnd: 'stop', ended: end, until: isWhole ? undefined : until },
  })
  run.replay = replay
  replay.enter('', process)
  startAgent(kernel, process, { agent, input })
  replay.begin()
  const result = new ProcessHandle<O>(kernel, process).result
  await result.catch(() => undefined)
  replay.stop()
  if (replay.halted !== undefined) {
    const { error, waiting } = replay.halted
    if (error !== undefined) throw error
    return { outcome: 'stopped', lines: until, waiting: waiting.map(waitingCall) }
  }
  signal?.throwIfAborted()
  return verdict(process, { recorded, runId: header.runId, lines: until })
}

/** Says how the replayed process ended, unless it left out calls that were recorded. */
function verdict<O>(
  { end }: Process,
  { recorded, runId, lines }: { readonly recorded: RecordedRun; readonly runId: string; readonly lines: number },
): Replayed<O> {
  if (end === undefined) throw new AiosError('AIOS_BUG', 'A replayed process settled without an end.')
  const [next] = recorded.remaining()
  if (end.how === 'killed') return { outcome: 'killed', error: end.error, lines }
  if (next !== undefined) throw divergedError({ runId, recorded, next, came: undefined, end })
  if (end.how === 'threw') return { outcome: 'threw', error: end.error, lines }
  return { outcome: 'fulfilled', value: end.value as O, lines }
}

/** Makes the root process as it was: with its pid, its name, its budgets and grants. */
function processOf(kernel: KernelState, { header, start }: CheckedJournal, signal: AbortSignal | undefined): Process {
  // Options that could not be kept held functions or handles: nothing that a replay needs.
  const options = start.options.codec === 'x' ? {} : (restored(start.options) as SpawnOptions)
  return makeProcess(
    { kernel, parent: undefined, origin: undefined, pid: header.pid },
    { ...options, name: options.name ?? header.name, runId: header.runId, signal },
  )
}

/** Leaves out what was done under a call that had not settled, such as a tool: without devices it is not done again. */
function withoutInsides(lines: readonly JournalEntry[]): readonly JournalEntry[] {
  const settled = new Set(lines.flatMap((line) => (line.kind === 'call' ? [line.path] : [])))
  const open = new Set(lines.flatMap((line) => (line.kind === 'open' && !settled.has(line.path) ? [line.path] : [])))
  const isInside = (path: string): boolean => {
    for (let at = parentPath(path); at !== undefined && at !== ''; at = parentPath(at)) if (open.has(at)) return true
    return false
  }
  return open.size === 0 ? lines : lines.filter(({ path }) => !isInside(path))
}

function waitingCall(call: Syscall): WaitingCall {
  const { path, request } = call.record as CallRecord
  return { path, name: call.row.name, request: readable(request) }
}

async function shutDown(kernel: KernelState): Promise<void> {
  const closed = new AiosError('AIOS_CLOSED', 'The replay is over.')
  kernel.journal?.seal()
  kernel.closed = closed
  endProcesses(kernel, kernel.processes.living(), () => killed(closed))
  kernel.settleDown()
  await kernel.journal?.close()
  await kernel.records.close()
  kernel.wheel.close()
  kernel.hub.close()
}

import { AiosError } from '../error/aios-error.js'
import { checkOptions, option } from '../option/check-options.js'
import { checkJournal } from './check-journal.js'
import type { CallEntry, JournalEntry } from './journal-entry.js'
import { durableId, type RunHeader } from './run-header.js'
import { RecordedRun } from './recorded-run.js'
import type { RunJournal } from './run-journal.js'
import { capture, captureError } from './value-codec.js'

/** Is what a call came to in a fork, instead of what it came to: a result, or an error. */
export type ForkPatch = { readonly result: unknown } | { readonly error: unknown }

/** Is what `fork` takes. Unknown keys are rejected. */
export interface ForkOptions {
  /** Number of the line, of a call that settled, from which on the fork goes its own way. */
  readonly at: number
  /** What that call comes to in the fork. Default: the call is made again, live. */
  readonly patch?: ForkPatch | undefined
  /** Id of the fork. Default: that of the run, `/fork-` and the number of the line. */
  readonly runId?: string | undefined
}

const isPatch = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === 1 &&
  (Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error'))

const OPTIONS = option.object({
  at: option.integer(1),
  patch: option.optional(option.custom('either { result } or { error }', isPatch)),
  runId: option.optional(option.name),
})

/**
 * Makes the journal of another course of a run: everything up to a call is as it was, the call itself comes to something else
 * or is made again, and what followed is gone. `kernel.run(agent, input, { replay: forked })` goes through it and on from
 * there, live; the run that was forked stays as it is. Lines are numbered anew.
 *
 * A call that was on its device at that moment is made again, also one that must not be made twice: a fork is another run.
 *
 * @param journal - what `readRun` returned, or another fork
 * @throws AiosError `AIOS_INVALID_OPTION` if `at` is not the line of a call that settled, or the patch none that can take its
 *   place; `AIOS_NOT_CLONEABLE` for a result that holds functions or handles; `AIOS_CORRUPT` for a damaged journal
 * @example
 * ```ts
 * import { createKernel, fork, ramRecords, readRun, type Agent } from '@aios/kernel'
 * import { scriptedCore } from '@aios/llm/testing'
 *
 * const twice: Agent<string, string> = async (sys, question) => {
 *   const { text } = await sys.llm.chat({ messages: [{ role: 'user', content: question }] })
 *   return (await sys.llm.chat({ messages: [{ role: 'user', content: `Check: ${text}` }] })).text
 * }
 * const records = ramRecords()
 * const kernel = await createKernel({ llm: scriptedCore(['Five.', 'Wrong.', 'Right.']), records, journal: true })
 * await kernel.run(twice, 'What is 2 + 2?', { runId: 'sum-1' })
 * const journal = await readRun(records, 'sum-1')
 * const first = journal.lines.find((line) => line.kind === 'call')
 * const forked = fork(journal, { at: first?.n ?? 0, patch: { error: new Error('The model was busy.') } })
 * console.log(forked.lines.length) // 2
 * await kernel.close()
 * ```
 */
export function fork(journal: RunJournal, options: ForkOptions): RunJournal {
  checkOptions('fork()', options, OPTIONS)
  const { header, lines } = checkJournal(journal, 'fork()')
  const { at, patch, runId = `${header.runId}/fork-${at}` } = options
  const call = lines[at - 1]
  if (call?.kind !== 'call') throw noCall(at, call, lines)
  const { path } = call
  const before = lines.slice(0, at - 1)
  const told = patch === undefined && isTold(call, before)
  const kept = before.filter((line) =>
    patch === undefined ? !isWithin(line.path, path) || (told && line.path === path) : !isPartOf(line, path),
  )
  const settled = new Set(before.flatMap((line) => (line.kind === 'call' ? [line.path] : [])))
  const all = patch === undefined ? kept : [...kept, patched(call, patch)]
  return {
    header: {
      ...header,
      runId,
      state: 'running',
      endedAt: undefined,
      halted: undefined,
      from: undefined,
      callId: undefined,
    },
    lines: executedIn(header, all).map((line, index) => ({ ...withoutIntent(line, settled), n: index + 1 })),
  }
}

/** Says of each call that settled in a run that it was executed there, unless that one copied it itself. */
export function executedIn(
  header: Pick<RunHeader, 'runId' | 'callId'>,
  lines: readonly JournalEntry[],
): readonly JournalEntry[] {
  return lines.map((line) =>
    line.kind === 'call' ? { ...line, executed: line.executed ?? durableId(header, line.path) } : line,
  )
}

function noCall(at: number, line: JournalEntry | undefined, lines: readonly JournalEntry[]): AiosError {
  const calls = lines.filter(({ kind }) => kind === 'call').map(({ n }) => n)
  const which = calls.length === 0 ? 'no call in it has settled' : `its calls end at ${listed(calls)}`
  const got = line === undefined ? `${at} of ${lines.length} lines` : `${at}, a line of kind "${line.kind}"`
  return new AiosError(
    'AIOS_INVALID_OPTION',
    `Expected the line of a call that settled for "at" in fork(), got ${got}; ${which}.`,
    { details: { at, calls } },
  )
}

/** Line numbers that a message names. */
const MOST_LISTED = 20

function listed(numbers: readonly number[]): string {
  const shown = numbers.slice(0, MOST_LISTED).join(', ')
  return numbers.length > MOST_LISTED ? `${shown}, …` : shown
}

function isWithin(path: string, call: string): boolean {
  return path === call || path.startsWith(`${call}.`)
}

/** Whether the agent acted on the beginning of an answer: then that cannot be another, and the answer goes on from there. */
function isTold({ path }: CallEntry, before: readonly JournalEntry[]): boolean {
  const open = before.findLast((line) => line.kind === 'open' && line.path === path)
  return open?.kind === 'open' && new RecordedRun(before).toldOf(open) !== undefined
}

/** Whether a line holds a piece of the answer that the patch takes the place of. */
function isPartOf({ kind, path }: JournalEntry, call: string): boolean {
  return path === call && (kind === 'parts' || kind === 'context')
}

function patched(call: CallEntry, patch: ForkPatch): CallEntry {
  if ('error' in patch) return { ...call, outcome: 'rejected', result: captureError(patch.error) }
  if (call.row === 'agent.spawn')
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      'Expected { error } as the patch of agent.spawn in fork(), got { result }: its result is the child that it starts.',
    )
  const result = capture(patch.result)
  if (result.codec === 'x')
    throw new AiosError(
      'AIOS_NOT_CLONEABLE',
      `Expected plain data as the result of ${call.row} in fork(), got what holds functions or handles.`,
    )
  return { ...call, outcome: 'fulfilled', result }
}

/** What had not settled is made again in another run, so nobody has to say what became of it in this one. */
function withoutIntent(line: JournalEntry, settled: ReadonlySet<string>): JournalEntry {
  return line.kind === 'open' && line.intent && !settled.has(line.path) ? { ...line, intent: false } : line
}

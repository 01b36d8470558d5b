import { AiosError, diffRuns, fork, replay } from '@aios/kernel'
import type { Agent, Captured, Replayed, RunDifference, RunJournal, SpawnOptions } from '@aios/kernel'
import { agentOf, loadAgentsModule, type AgentsModule } from './agents-module.js'
import { capturedValue, Hidden } from './captured-value.js'
import { findRun } from './find-run.js'
import { EXIT, type JournalCommand, type JournalPorts } from './journal-ports.js'
import { liveKernel } from './live-kernel.js'
import { harmless, oneLine } from './one-line.js'
import { resultText } from './result-text.js'
import { textTable } from './text-table.js'
import { errorData, errorText, jsonText, valueText } from './value-text.js'

type ReplayCommand = JournalCommand & { readonly type: 'replay' }

/** Runs the agent of a run again from what was recorded, tells what it came to, and returns the exit code. */
export async function replayRun(
  { agents, until, json }: ReplayCommand,
  journal: RunJournal,
  ports: JournalPorts,
): Promise<number> {
  const agent = agentFor(journal, await loadAgentsModule(agents, ports))
  const replayed = await replay(journal, agent, { until, signal: ports.signal })
  ports.out(json ? replayedJson(replayed, journal) : replayedText(replayed, journal))
  return replayed.outcome === 'threw' ? EXIT.failed : EXIT.done
}

/** Finds the agent of a run that has one. */
function agentFor({ header }: RunJournal, module: AgentsModule): Agent<never, unknown> {
  if (header.state !== 'traced') return agentOf(module, header.name)
  throw new AiosError(
    'AIOS_INVALID_OPTION',
    `Expected the run of an agent, got "${header.runId}", which is the trace of a program's own calls: there is nothing to run again. "aios trace" shows it.`,
  )
}

function replayedText(replayed: Replayed, { lines }: RunJournal): string {
  const head = `${replayed.outcome} after ${replayed.lines} of ${lines.length} lines\n`
  if (replayed.outcome === 'fulfilled') return `${head}${harmless(resultText(replayed.value))}\n`
  if (replayed.outcome !== 'stopped') return `${head}${harmless(errorText(replayed.error))}\n`
  const next = replayed.waiting.map(({ path, name, request }) => [path, name, oneLine(valueText(request), 80)])
  return next.length === 0 ? head : `${head}${textTable(['NEXT', 'SYSCALL', 'REQUEST'], next)}`
}

function replayedJson(replayed: Replayed, { header, lines }: RunJournal): string {
  const error = 'error' in replayed ? { error: errorData(replayed.error) } : {}
  return `${jsonText({ runId: header.runId, ...replayed, ...error, of: lines.length }, 2)}\n`
}

/** Is what a run came to when it was taken another way. */
interface Forked {
  readonly runId: string
  readonly outcome: 'fulfilled' | 'failed'
  readonly value?: unknown
  readonly error?: unknown
}

/** Takes a run another way, live, tells what became different, and returns the exit code. */
export async function forkRun(
  { run, agents, fork: at, json }: ReplayCommand & { readonly fork: number },
  directory: string,
  ports: JournalPorts,
): Promise<number> {
  const module = await loadAgentsModule(agents, ports)
  const { kernel, records } = await liveKernel(directory, module, ports)
  try {
    const journal = await findRun(records, run)
    const agent = agentFor(journal, module) as Agent
    const { input, options } = startOf(journal)
    const root = kernel.spawn(agent, input, { ...options, replay: fork(journal, { at }), signal: ports.signal })
    const { runId } = root
    const forked = await root.result.then(
      (value): Forked => ({ runId, outcome: 'fulfilled', value }),
      (error: unknown): Forked => ({ runId, outcome: 'failed', error }),
    )
    ports.signal.throwIfAborted()
    const differences = diffRuns(journal, await kernel.readRun(forked.runId))
    ports.out(json ? forkedJson(forked, differences) : forkedText(forked, differences))
    return forked.outcome === 'failed' ? EXIT.failed : EXIT.done
  } finally {
    await kernel.close()
  }
}

/** What a run was started with: a fork has the same bounds. */
function startOf({ header, lines }: RunJournal): { readonly input: unknown; readonly options: SpawnOptions } {
  const [start] = lines
  const kept = (captured: Captured | undefined, what: string): unknown => {
    const value = captured === undefined ? new Hidden('lost') : capturedValue(captured)
    if (!(value instanceof Hidden)) return value
    throw new AiosError(
      'AIOS_NOT_CLONEABLE',
      `The ${what} of run "${header.runId}" could not be kept, so it cannot be forked.`,
    )
  }
  const first = start?.kind === 'start' ? start : undefined
  const options = kept(first?.options, 'options') as SpawnOptions
  return { input: kept(first?.input, 'input'), options: { ...options, name: header.name } }
}

function forkedText({ runId, outcome, value, error }: Forked, differences: readonly RunDifference[]): string {
  const result = outcome === 'fulfilled' ? resultText(value) : `failed: ${errorText(error)}`
  return `forked as ${oneLine(runId, 200)}\n${harmless(result)}\n${differencesText(differences)}`
}

function forkedJson({ error, ...forked }: Forked, differences: readonly RunDifference[]): string {
  return `${jsonText({ ...forked, ...(error === undefined ? {} : { error: errorData(error) }), differences }, 2)}\n`
}

function differencesText(differences: readonly RunDifference[]): string {
  if (differences.length === 0) return 'No differences.\n'
  const rows = differences.map(({ kind, path, name, changes }) => [
    path,
    name,
    kind,
    oneLine(changes.map(({ at, before, after }) => `${at}: ${before ?? '-'} → ${after ?? '-'}`).join('; '), 100),
  ])
  return textTable(['CALL', 'SYSCALL', 'DIFFERENCE', 'WHERE'], rows)
}

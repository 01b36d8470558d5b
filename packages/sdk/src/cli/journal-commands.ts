import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { AiosError, diffRuns, fork, replay } from '@aios/kernel'
import type { Agent, Kernel, RecordStore, Replayed, RunDifference, RunJournal } from '@aios/kernel'
import { createKernel } from '../preset/create-kernel.js'
import type { ModuleLoader } from './agent-module.js'
import { agentOf, loadAgentsModule, type AgentsModule } from './agents-module.js'
import { capturedValue } from './captured-value.js'
import type { Command } from './command.js'
import { resultText } from './result-text.js'
import { findRun } from './find-run.js'
import { oneLine } from './one-line.js'
import { runsText } from './run-table.js'
import { textTable } from './text-table.js'
import { traceText } from './trace.js'

/** Is what these commands reach outside with. */
export interface JournalPorts extends ModuleLoader {
  /** Characters of a line of the terminal. */
  readonly columns: number
  /** Ends the run when it aborts. */
  readonly signal: AbortSignal
  /** Makes the store of a data directory. */
  records(dir: string, options: { readonly readOnly?: boolean }): Promise<RecordStore>
  out(text: string): void
}

/** Is a command about recorded runs. */
export type JournalCommand = Command & { readonly type: 'runs' | 'trace' | 'replay' | 'recover' }

const DONE = 0
const FAILED = 1

/** Runs a command about recorded runs and returns its exit code; rejects with what went wrong. */
export async function runJournalCommand(command: JournalCommand, ports: JournalPorts): Promise<number> {
  const directory = resolve(command.data)
  if (!existsSync(directory) || !statSync(directory).isDirectory())
    throw new AiosError(
      'AIOS_NOT_FOUND',
      `Expected a data directory at ${directory}, found none. Name the dataDir of your kernel by --data.`,
    )
  if (command.type === 'recover') return recover(command, directory, ports)
  if (command.type === 'replay' && command.fork !== undefined)
    return runFork({ ...command, fork: command.fork }, directory, ports)
  const records = await ports.records(directory, { readOnly: true })
  await records.open()
  try {
    if (command.type === 'runs') ports.out(await runsText(records, command.last))
    else if (command.type === 'trace') ports.out(traceText(await findRun(records, command.run), ports.columns))
    else return await replayAgain(command, await findRun(records, command.run), ports)
    return DONE
  } finally {
    await records.close()
  }
}

async function replayAgain(
  { agents, until }: JournalCommand & { readonly type: 'replay' },
  journal: RunJournal,
  ports: JournalPorts,
): Promise<number> {
  const agent = agentOf(await loadAgentsModule(agents, ports), journal.header.name)
  const replayed = await replay(journal, agent, { until, signal: ports.signal })
  ports.out(replayedText(replayed, journal))
  return replayed.outcome === 'threw' ? FAILED : DONE
}

function replayedText(replayed: Replayed, { lines }: RunJournal): string {
  const head = `${replayed.outcome} after ${replayed.lines} of ${lines.length} lines\n`
  if (replayed.outcome === 'fulfilled') return `${head}${resultText(replayed.value)}\n`
  if (replayed.outcome !== 'stopped') return `${head}${oneLine(String(replayed.error), 500)}\n`
  const next = replayed.waiting.map(({ path, name, request }) => [
    path,
    name,
    oneLine(JSON.stringify(request) ?? '', 80),
  ])
  return next.length === 0 ? head : `${head}${textTable(['NEXT', 'SYSCALL', 'REQUEST'], next)}`
}

/** Takes a run another way, live, and tells what became different. */
async function runFork(
  { run, agents, fork: at }: JournalCommand & { readonly type: 'replay'; readonly fork: number },
  directory: string,
  ports: JournalPorts,
): Promise<number> {
  const module = await loadAgentsModule(agents, ports)
  const { kernel, records } = await kernelOn(directory, module, ports)
  try {
    const journal = await findRun(records, run)
    const agent = agentOf(module, journal.header.name) as Agent
    const replayed = fork(journal, { at })
    const root = kernel.spawn(agent, inputOf(journal), {
      name: journal.header.name,
      replay: replayed,
      signal: ports.signal,
    })
    const { runId } = root
    const result = await root.result
    ports.out(`${runId}\n${resultText(result)}\n${differencesText(diffRuns(journal, await kernel.readRun(runId)))}`)
    return DONE
  } finally {
    await kernel.close()
  }
}

/** Boots a kernel on a data directory, with the devices that the module of the agents wants. */
async function kernelOn(
  directory: string,
  { kernel: options }: AgentsModule,
  ports: JournalPorts,
): Promise<{ readonly kernel: Kernel; readonly records: RecordStore }> {
  const records = await ports.records(directory, {})
  return { kernel: await createKernel({ journal: true, ...options, dataDir: undefined, records }), records }
}

function inputOf({ header, lines }: RunJournal): unknown {
  const [start] = lines
  if (start?.kind === 'start' && start.input.codec !== 'x') return capturedValue(start.input)
  throw new AiosError('AIOS_NOT_CLONEABLE', `The input of run "${header.runId}" was not kept, so it cannot be forked.`)
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

/** Takes up what was left unfinished, waits for it, and tells what it came to and what could not be taken up. */
async function recover(
  { agents }: JournalCommand & { readonly type: 'recover' },
  directory: string,
  ports: JournalPorts,
): Promise<number> {
  const module = await loadAgentsModule(agents, ports)
  const { kernel } = await kernelOn(directory, module, ports)
  const stop = (): void => {
    kernel.killAll(ports.signal.reason)
  }
  try {
    const { processes, unrecovered } = await kernel.recover({ agents: module.agents })
    ports.signal.addEventListener('abort', stop, { once: true })
    const results = await Promise.allSettled(processes.map(({ result }) => result))
    const rows = [
      ...processes.map(({ runId, name }, index) => {
        const result = results[index]
        const isDone = result?.status === 'fulfilled'
        const text = isDone ? resultText(result.value) : String(result?.reason)
        return [runId, name, isDone ? 'done' : 'failed', oneLine(text, 80)]
      }),
      ...unrecovered.map(({ runId, name, why, message }) => [runId, name, why, oneLine(message, 80)]),
    ]
    ports.out(rows.length === 0 ? 'Nothing to recover.\n' : textTable(['RUN', 'AGENT', 'OUTCOME', 'RESULT'], rows))
    return unrecovered.length === 0 && results.every(({ status }) => status === 'fulfilled') ? DONE : FAILED
  } finally {
    ports.signal.removeEventListener('abort', stop)
    await kernel.close()
  }
}

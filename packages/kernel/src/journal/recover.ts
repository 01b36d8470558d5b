import { AiosError } from '../error/aios-error.js'
import type { Agent, AgentProcess, SpawnOptions } from '../process/agent.js'
import { callable, mismatch, optional, record, shape, type Validate } from '../syscall/shape.js'
import type { UnknownAnswer, UnknownCall } from './ask-unknown.js'
import type { Journal } from './journal.js'
import { Families } from './lineage.js'
import { findRun, openRuns, startOfRun } from './run-archive.js'
import type { RunHeader } from './run-header.js'
import type { Start } from './start-run.js'
import { restored } from './value-codec.js'

/** Is what `kernel.recover` takes. Unknown keys are rejected. */
export interface RecoverOptions {
  /**
   * Agent functions by the name that their root process was spawned with. A detached process counts as a root once it has outlived
   * what spawned it.
   */
  readonly agents: Readonly<Record<string, Agent<never, unknown>>>
  /**
   * Says what became of a call that must not be made twice and was on its device when the process was killed. Default: such a
   * run rejects with `AIOS_OUTCOME_UNKNOWN` and stays open.
   */
  readonly onUnknown?: ((call: UnknownCall) => UnknownAnswer | Promise<UnknownAnswer>) | undefined
}

/** Is a run that could not be taken up. */
export interface UnrecoveredRun {
  readonly runId: string
  /** Name of its root process. */
  readonly name: string
  /** `no-agent`: none was given under its name. `unreadable`: what is stored of it is damaged, or of a newer version. */
  readonly why: 'no-agent' | 'unreadable'
  readonly message: string
}

/** Is what `kernel.recover` returns. */
export interface Recovered {
  /** The runs that go on, by their root processes. */
  readonly processes: readonly AgentProcess[]
  readonly unrecovered: readonly UnrecoveredRun[]
}

/** Starts a root process for a run. */
export type SpawnRun = (start: Start) => AgentProcess

const agents: Validate = (value, path) => {
  const problem = record(value, path)
  if (problem !== undefined) return mismatch('an object of agent functions', path, value)
  for (const [name, agent] of Object.entries(value as object)) {
    const wrong = callable(agent, `${path}.${name}`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}
const options = shape({ agents, onUnknown: optional(callable) })

/** Runs that are looked at at once. */
const AT_ONCE = 64

/** Takes up every run that has not ended and that no living kernel has. */
export async function recoverRuns(journal: Journal, given: RecoverOptions, spawn: SpawnRun): Promise<Recovered> {
  const problem = options(given, '')
  if (problem !== undefined) throw new AiosError('AIOS_INVALID_OPTION', `recover: ${problem}`)
  const processes: AgentProcess[] = []
  const unrecovered: UnrecoveredRun[] = []
  const ids = await openRuns(journal.records)
  const families = new Families(journal.records)
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE)
    for (const found of await Promise.all(some.map((runId) => look(journal, runId, { ...given, families })))) {
      if (found === undefined) continue
      if ('why' in found) unrecovered.push(found)
      else if (found.lineage === undefined) processes.push(spawn(found))
      else takeUp(found, spawn, { processes, unrecovered })
    }
  }
  return { processes, unrecovered }
}

/** Takes up a detached process, unless what is recorded of those above it does not fit this kernel. */
function takeUp(
  start: Start,
  spawn: SpawnRun,
  { processes, unrecovered }: { readonly processes: AgentProcess[]; readonly unrecovered: UnrecoveredRun[] },
): void {
  const { runId = '', name = 'agent' } = start.options
  try {
    processes.push(spawn(start))
  } catch (error) {
    if (!AiosError.is(error) || error.retryable || error.code === 'AIOS_CLOSED') throw error
    unrecovered.push({ runId, name, why: 'unreadable', message: error.message })
  }
}

async function look(
  journal: Journal,
  runId: string,
  given: RecoverOptions & { readonly families: Families },
): Promise<Start | UnrecoveredRun | undefined> {
  let header: RunHeader | undefined
  try {
    header = (await findRun(journal.records, runId))?.header
    if (header === undefined || header.state !== 'running' || journal.has(runId)) return undefined
    if (!(await journal.mayTake(header))) return undefined
    const { name } = header
    const agent = Object.hasOwn(given.agents, name) ? given.agents[name] : undefined
    if (agent === undefined) {
      const known = Object.keys(given.agents).join(', ')
      return {
        runId,
        name,
        why: 'no-agent',
        message: `Expected an agent named "${name}" among ${known === '' ? '(none)' : known}.`,
      }
    }
    const lineage = await given.families.lineageOf(header)
    return { agent, onUnknown: given.onUnknown, lineage, ...(await beginning(journal, runId)) }
  } catch (error) {
    if (!AiosError.is(error) || error.retryable) throw error
    return { runId, name: header?.name ?? '', why: 'unreadable', message: error.message }
  }
}

/** Returns what a run was started with. */
async function beginning({ records }: Journal, runId: string): Promise<Pick<Start, 'input' | 'options'>> {
  const start = await startOfRun(records, runId)
  return { input: restored(start.input), options: { ...(restored(start.options) as SpawnOptions), runId } }
}

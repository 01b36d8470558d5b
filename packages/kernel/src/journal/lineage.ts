import { AiosError } from '../error/aios-error.js'
import type { RecordStore } from '../record/record-store.js'
import type { AgentSendRequest, SpawnedAgent } from '../syscall/sys.js'
import type { SpawnOptions } from '../process/agent.js'
import type { CallEntry, JournalEntry, StartEntry } from './journal-entry.js'
import { JOURNAL_SPACES, keysOfRun, orphanOf } from './journal-keys.js'
import { isWithin, parentPath, pathBelow } from './journal-scope.js'
import { requestMade } from './made-call.js'
import { birthFrom } from './orphans.js'
import { livingLines } from './recorded-run.js'
import { findRun, linesOf } from './run-archive.js'
import { placeOf, type Departure, type RunHeader } from './run-header.js'
import { capture, restored } from './value-codec.js'

/** Is a process above a detached one that outlived it. */
export interface Ancestor {
  /** Path in the run that the family began with. */
  readonly path: string
  readonly pid: number
  readonly options: SpawnOptions
  /** Calls at or below it that no later life of the detached process makes again. */
  readonly charges: readonly CallEntry[]
}

/** Is where a detached process comes from that outlived what spawned it. */
export interface Lineage {
  readonly from: Departure
  readonly callId: string
  /** The run that the family began with: the calls of all of it have ids in that. */
  readonly family: string
  /** The root first. */
  readonly ancestors: readonly Ancestor[]
  /** Calls of its own that are charged again as it goes through them. */
  readonly own: readonly CallEntry[]
  /** What it did before it had a run of its own. */
  readonly inherited: readonly JournalEntry[]
}

/** Is a run of a family, with the lines it wrote itself. */
interface Member {
  readonly header: RunHeader
  /** Path of its root process in the run that the family began with. */
  readonly base: string
  readonly lines: readonly JournalEntry[]
}

/** Reads runs of which parts of others were made, each once. */
export class Families {
  readonly #records: RecordStore
  readonly #members = new Map<string, Promise<Member>>()

  constructor(records: RecordStore) {
    this.#records = records
  }

  /**
   * Finds out where a detached process comes from.
   *
   * @throws AiosError `AIOS_CORRUPT` if a run that it comes from is damaged or gone; `AIOS_NOT_CLONEABLE` if what a process above
   *   it was spawned with was redacted or could not be kept
   */
  async lineageOf(header: RunHeader): Promise<Lineage | undefined> {
    const { from, callId } = header
    if (from === undefined || callId === undefined) return undefined
    const { runId: family, path } = placeOf(callId)
    const above = await this.#above(from.runId)
    const inherited = inheritedOf(above, { path, pid: header.pid })
    const { lines } = await this.#member(header.runId)
    const own = callsOf(livingLines(merge(lines, inherited)))
    const ids = new Set(own.map((line) => joined(path, line.path)))
    return { from, callId, family, own, inherited, ancestors: await this.#ancestors(above, { family, path, own: ids }) }
  }

  /** Returns the runs that a process was in before, the first first. */
  async #above(runId: string): Promise<readonly Member[]> {
    const member = await this.#member(runId)
    const { from } = member.header
    return [...(from === undefined ? [] : await this.#above(from.runId)), member]
  }

  async #ancestors(
    above: readonly Member[],
    { family, path, own }: { readonly family: string; readonly path: string; readonly own: ReadonlySet<string> },
  ): Promise<readonly Ancestor[]> {
    const found = ancestorsOf(above, path)
    const isCharged = found.some(({ options: { budget } }) => budget !== undefined)
    const members = isCharged ? await this.#below(family) : []
    return found.map((ancestor) => ({
      ...ancestor,
      charges: members.flatMap(({ base, lines }) =>
        callsOf(lines).filter((line) => {
          const at = joined(base, line.path)
          return !own.has(at) && isWithin(at, ancestor.path)
        }),
      ),
    }))
  }

  /** Returns a run and all that detached processes of it, and of those, left it for. */
  async #below(runId: string): Promise<readonly Member[]> {
    const all = [await this.#member(runId)]
    for await (const mark of this.#records.range(JOURNAL_SPACES.orphans, keysOfRun(runId)))
      all.push(...(await this.#below(orphanOf(mark))))
    return all
  }

  #member(runId: string): Promise<Member> {
    const known = this.#members.get(runId)
    if (known !== undefined) return known
    const member = this.#read(runId)
    this.#members.set(runId, member)
    return member
  }

  async #read(runId: string): Promise<Member> {
    const header = (await findRun(this.#records, runId))?.header
    if (header === undefined)
      throw new AiosError('AIOS_CORRUPT', `Run "${runId}", in which others began, is not in the journal any more.`, {
        details: { runId },
      })
    const base = header.callId === undefined ? '' : placeOf(header.callId).path
    return { header, base, lines: await linesOf(this.#records, header) }
  }
}

/** Returns the lines of a run of a detached process with those from before it had one, numbered anew. */
export function mergedLines(lines: readonly JournalEntry[], { inherited }: Lineage): readonly JournalEntry[] {
  return merge(lines, inherited).map((line, index) => ({ ...line, n: index + 1 }))
}

function merge([start, ...rest]: readonly JournalEntry[], inherited: readonly JournalEntry[]): readonly JournalEntry[] {
  return start === undefined ? [] : [start, ...inherited, ...rest]
}

function joined(base: string, path: string): string {
  if (base === '') return path
  return path === '' ? base : `${base}.${path}`
}

function callsOf(lines: readonly JournalEntry[]): readonly CallEntry[] {
  return lines.filter((line) => line.kind === 'call')
}

/** Is a process as the lines of its family tell of it. */
type Told = Omit<Ancestor, 'charges'>

function ancestorsOf(above: readonly Member[], path: string): readonly Told[] {
  const found = new Map<string, Told>()
  const add = (told: Told): void => {
    if (told.path !== path && isWithin(path, told.path) && !found.has(told.path)) found.set(told.path, told)
  }
  for (const member of above) {
    const { header, base, lines } = member
    const start = lines.find((line): line is StartEntry => line.kind === 'start')
    if (start !== undefined) add({ path: base, pid: header.pid, options: restored(start.options) as SpawnOptions })
    for (const { line, at, pid } of spawnsOf(member))
      if (at !== path && isWithin(path, at)) add({ path: at, pid, options: birthFrom(requestMade(line)).options })
  }
  return [...found.values()].sort((a, b) => a.path.length - b.path.length)
}

/** Iterates over the processes that calls of a run spawned. */
function* spawnsOf({
  base,
  lines,
}: Member): Generator<{ readonly line: CallEntry; readonly at: string; readonly pid: number }> {
  for (const line of callsOf(lines)) {
    if (line.row !== 'agent.spawn' || line.outcome !== 'fulfilled' || line.result.codec === 'x') continue
    if (line.made === null) continue
    yield { line, at: joined(base, line.path), pid: (restored(line.result) as SpawnedAgent).pid }
  }
}

/** Returns the lines of a process from before it had a run of its own, as they would stand in that, and what was sent to it. */
function inheritedOf(
  above: readonly Member[],
  { path, pid }: { readonly path: string; readonly pid: number },
): readonly JournalEntry[] {
  const pids = new Map<string, number>()
  for (const member of above) {
    pids.set(member.base, member.header.pid)
    for (const { at, pid: spawned } of spawnsOf(member)) pids.set(at, spawned)
  }
  pids.set(path, pid)
  const own = new Map(
    [...pids].flatMap(([at, each]) => (isWithin(at, path) ? [[each, pathBelow(at, path)] as const] : [])),
  )
  return above.flatMap(({ base, lines }) =>
    lines.flatMap((line): readonly JournalEntry[] => {
      const at = joined(base, line.path)
      if (!isWithin(at, path)) return mailOf(line, { to: own, from: senderOf(pids, at) })
      const isOther = line.kind === 'start' || line.kind === 'end' || (at === path && 'row' in line)
      return isOther ? [] : [{ ...line, path: pathBelow(at, path) }]
    }),
  )
}

/** Turns what another process sent within the same run into what comes from outside. */
function mailOf(
  line: JournalEntry,
  { to, from }: { readonly to: ReadonlyMap<number, string>; readonly from: number },
): readonly JournalEntry[] {
  if (line.kind !== 'call' || line.row !== 'agent.send' || line.outcome !== 'fulfilled' || line.made === null) return []
  const made = requestMade(line)
  if (made.codec === 'x') return []
  const request = restored(made) as AgentSendRequest
  const path = to.get(request.to)
  const { n, tick, at } = line
  return path === undefined ? [] : [{ kind: 'mail', n, tick, at, path, from, message: capture(request.message) }]
}

function senderOf(pids: ReadonlyMap<string, number>, call: string): number {
  let at = parentPath(call) ?? ''
  while (at !== '' && !pids.has(at)) at = parentPath(at) ?? ''
  return pids.get(at) ?? 0
}

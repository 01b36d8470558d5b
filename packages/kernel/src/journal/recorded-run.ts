import type { Snapshot } from '../preemption/process-context.js'
import type { CallEntry, ContextEntry, JournalEntry, KillEntry, OpenEntry, PartsEntry } from './journal-entry.js'
import { parentPath, type Told } from './journal-scope.js'
import { restored, type Captured } from './value-codec.js'

/** Is what happens at one moment of a run: what settled in one tick, in its order; or what was delivered of an answer. */
export type Step = readonly (CallEntry | KillEntry | PartsEntry)[]

/** Is a call of an earlier life that one of this life may be. */
export type Recorded = CallEntry | OpenEntry

/** Says what counts of values, where that is not all of them. */
export interface ValueView {
  /** Names the content of a request. */
  readonly digest: (request: Captured) => string
  /** Returns what counts of a value, and may be shown. */
  readonly clean: (value: unknown) => unknown
}

/** Names what a call is known by: whose it is, what it asks. */
export function matchKey(parent: string, row: string, digest: string): string {
  return `${parent}|${row}|${digest}`
}

/** Is a run as its lines tell it, put in the order in which it is gone through again. */
export class RecordedRun {
  readonly steps: readonly Step[]
  readonly #byKey = new Map<string, Recorded[]>()
  readonly #paths = new Set<string>()
  readonly #parents = new Set<string>()
  /** Calls whose parts were delivered, by path: the lines since each was begun last. */
  readonly #streams: ReadonlyMap<string, readonly (PartsEntry | ContextEntry)[]>
  readonly lines: readonly JournalEntry[]
  readonly view: ValueView | undefined

  /** @param view - what counts of a request; default: all, as the digest in its line says */
  constructor(lines: readonly JournalEntry[], view?: ValueView) {
    this.lines = lines
    this.view = view
    this.#streams = streamsOf(lines)
    const living = livingLines(lines)
    const calls = living.filter((line) => line.kind === 'call')
    const ended = new Set(calls.map(({ path }) => path))
    const open = living.filter((line) => line.kind === 'open' && !ended.has(line.path)) as readonly OpenEntry[]
    // A retried intent stands twice: the last counts.
    const lastOpen = [...new Map(open.map((line) => [line.path, line])).values()]
    for (const line of [...calls, ...lastOpen]) this.#add(line)
    for (const list of this.#byKey.values()) list.sort((a, b) => numberOf(a.path) - numberOf(b.path))
    for (const { path } of living) {
      const parent = parentPath(path)
      if (parent !== undefined) this.#parents.add(parent)
    }
    const told = [...calls, ...lastOpen.filter((line) => this.toldOf(line) !== undefined)]
    const parts = told.flatMap(({ path }) => this.#since(path).filter(({ kind }) => kind === 'parts'))
    const delivered = new Set<JournalEntry>(parts)
    this.steps = stepsOf(
      living.filter((line) => line.kind === 'call' || line.kind === 'kill' || delivered.has(line)) as Step,
    )
  }

  /** Removes and returns the recorded call of this key that has the path, else the first; undefined if there is none. */
  take(key: string, path?: string): Recorded | undefined {
    const list = this.#byKey.get(key) ?? []
    const own = list.findIndex((line) => line.path === path)
    return list.splice(Math.max(own, 0), 1)[0]
  }

  /** Whether a call of this path left no line, while others of its key that were made after it did. */
  leftNoLine(key: string, path: string): boolean {
    const first = this.#byKey.get(key)?.[0]
    return first !== undefined && !this.#paths.has(path) && numberOf(path) < numberOf(first.path)
  }

  /** Whether an earlier call has this path. */
  has(path: string): boolean {
    return this.#paths.has(path)
  }

  /** Whether something was recorded of calls or processes under this path. */
  isParent(path: string): boolean {
    return this.#parents.has(path)
  }

  /**
   * Returns how far an answer was that had not ended; undefined if nothing came of it, or nothing that the agent can have acted
   * on: then it may as well begin anew.
   */
  toldOf({ path }: OpenEntry): Told | undefined {
    const lines = this.#since(path)
    const first = lines.find((line) => line.kind === 'parts')
    const last = lines.at(-1)
    const cut = last?.kind === 'context' ? last : undefined
    const snapshot = cut === undefined || cut.snapshot.codec === 'x' ? undefined : (restored(cut.snapshot) as Snapshot)
    if (snapshot === undefined && (first === undefined || !this.#actedOn(path, first.at))) return undefined
    // The last part is only delivered when the call settles, which it had not: it comes anew.
    const parts = lines
      .flatMap((line) => (line.kind === 'parts' ? line.parts : []))
      .filter(({ type }) => type !== 'finish')
    return { parts, ahead: cut?.ahead ?? [], snapshot }
  }

  #since(path: string): readonly (PartsEntry | ContextEntry)[] {
    return this.#streams.get(path) ?? []
  }

  /** Whether whoever made a call made others after the first part of its answer. */
  #actedOn(path: string, since: number): boolean {
    const parent = parentPath(path)
    return this.lines.some(
      (line) =>
        (line.kind === 'call' || line.kind === 'open') &&
        line.at >= since &&
        parentPath(line.path) === parent &&
        numberOf(line.path) > numberOf(path),
    )
  }

  /** Returns the paths of the processes that were suspended when the run stopped. */
  suspended(): readonly string[] {
    const last = new Map(
      this.lines.flatMap(({ kind, path }) => (kind === 'suspend' || kind === 'resume' ? [[path, kind]] : [])),
    )
    return [...last].flatMap(([path, kind]) => (kind === 'suspend' ? [path] : []))
  }

  /** Returns the calls that nothing has asked for yet. */
  remaining(): readonly Recorded[] {
    return [...this.#byKey.values()].flat().sort((a, b) => a.n - b.n)
  }

  #add(line: Recorded): void {
    this.#paths.add(line.path)
    const key = matchKey(parentPath(line.path) ?? '', line.row, this.view?.digest?.(line.request) ?? line.digest)
    const list = this.#byKey.get(key)
    if (list === undefined) this.#byKey.set(key, [line])
    else list.push(line)
  }
}

/** Returns the lines that are gone through again: what was done under a call that settled is done, and is not asked for. */
export function livingLines(lines: readonly JournalEntry[]): readonly JournalEntry[] {
  const settled = settledPaths(lines)
  return lines.filter(({ path }) => !isWithin(path, settled))
}

/** Calls that settled and are not made again, so that what was under them is not either. The child of a spawn is. */
function settledPaths(lines: readonly JournalEntry[]): ReadonlySet<string> {
  const settled = lines.filter((line) => line.kind === 'call' && line.row !== 'agent.spawn')
  return new Set(settled.map(({ path }) => path))
}

function isWithin(path: string, settled: ReadonlySet<string>): boolean {
  for (let at = parentPath(path); at !== undefined && at !== ''; at = parentPath(at)) if (settled.has(at)) return true
  return false
}

function streamsOf(lines: readonly JournalEntry[]): ReadonlyMap<string, readonly (PartsEntry | ContextEntry)[]> {
  const streams = new Map<string, (PartsEntry | ContextEntry)[]>()
  for (const line of lines) {
    if (line.kind === 'open') streams.delete(line.path)
    if (line.kind !== 'parts' && line.kind !== 'context') continue
    const own = streams.get(line.path)
    if (own === undefined) streams.set(line.path, [line])
    else own.push(line)
  }
  return streams
}

/**
 * What settled in one tick is one step. Parts of an answer are one by themselves; and a child may make calls that settle
 * within the tick of its spawn, but it is there to make them only after that.
 */
function stepsOf(lines: Step): readonly Step[] {
  const steps: Step[number][][] = []
  let [tick, spawned] = [Number.NaN, new Set<string>()]
  for (const line of lines) {
    if (line.kind !== 'parts' && line.tick === tick && !isWithin(line.path, spawned)) {
      steps.at(-1)?.push(line)
    } else {
      steps.push([line])
      spawned = new Set()
    }
    if (line.kind === 'call' && line.row === 'agent.spawn') spawned.add(line.path)
    tick = line.kind === 'parts' ? Number.NaN : line.tick
  }
  return steps
}

function numberOf(path: string): number {
  return Number(path.slice(path.lastIndexOf('.') + 1))
}

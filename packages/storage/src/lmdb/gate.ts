import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lmdbFailure } from './lmdb-failure.js'
import type { LmdbSettings } from './lmdb-options.js'
import { beginRead, letGo, openNative, type NativeDatabase, type NativeRead } from './native-database.js'

/** Directory, in that of a store, of an environment that holds nothing: only its table of readers counts. */
export const GATE = 'gate'
/** How a process uses a store is told by twice as many places at rest. */
const USES = ['comes', 'reads', 'process', 'power'] as const
/** Twice, since a place in use looks like one at rest while it is being taken or given back. */
const PLACES_OF_A_USE = 2
/** Where it stands with the turn is told by as many places in use; more are there only while one is being taken. */
const STANDS = ['apart', 'waits', 'claims'] as const
/** Times that the gate is opened anew when the last process to leave took its locks away meanwhile. */
const TRIES = 20
const LINE = /^\s*(\d+) [\da-f]+ (\S+)/

/** How a process uses a store: it has not opened it yet, reads, or writes with this durability. */
export type Use = (typeof USES)[number]

/** Returns how many places at rest tell a use. */
export function placesOf(use: Use): number {
  return PLACES_OF_A_USE * USES.indexOf(use)
}

/** Reads a use from places that are at rest, or look so. */
export function useOf(resting: number): Use {
  return USES[Math.min(Math.floor(resting / PLACES_OF_A_USE), USES.length - 1)] ?? 'comes'
}

/** Is another living process, as the gate shows it. */
export interface Neighbour {
  readonly pid: number
  readonly use: Use
  /** Whether it waits for the turn, or has it, or is about to see whether it has. */
  readonly stand: (typeof STANDS)[number]
}

/** Is what {@link Gate} shows of processes, and what a turn needs of it. */
export interface Table {
  /** Returns the other processes that live. */
  neighbours(): readonly Neighbour[]
  /** Takes one more place for the turn, seen by whoever looks later. */
  step(): void
  /** Gives back the places taken for the turn but so many. */
  stepBack(left: number): void
}

/** Stands for the gate where nothing can be written: then nobody does. */
export const NO_GATE: Table = { neighbours: () => [], step: () => undefined, stepBack: () => undefined }

/** Whether a store was opened in a directory before, and still is there. */
export async function hasGate(dir: string): Promise<boolean> {
  const files = [join(dir, GATE, 'lock.mdb'), join(dir, 'data.mdb')]
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)))
  return found.every((each) => each?.isFile() === true)
}

/**
 * Shows the processes that use a store to one another, in the table of readers of an environment to which nobody ever
 * commits, so that anybody can open it at any time. The system knows who of them lives, and places of whoever was killed are
 * cleared. A place is taken under the lock of that table: of two processes that both take one and then look, at least the
 * second sees that of the first.
 */
export class Gate implements Table {
  readonly #database: NativeDatabase
  /** Places at rest, which tell the use. */
  readonly #resting: NativeRead[] = []
  /** Places in use, which tell the stand. */
  readonly #steps: NativeRead[] = []

  private constructor(database: NativeDatabase) {
    this.#database = database
  }

  /**
   * Opens the gate of a store; others see this process once it takes a place.
   *
   * @returns undefined where nothing can be written, and so nobody commits
   * @throws AiosError `AIOS_STORE_UNAVAILABLE`
   */
  static async open({ dir, readOnly }: LmdbSettings): Promise<Gate | undefined> {
    for (let tried = 1; ; tried += 1) {
      try {
        await mkdir(join(dir, GATE), { recursive: true })
        return await Gate.#opened(join(dir, GATE))
      } catch (error) {
        if (tried < TRIES) continue
        if (readOnly) return undefined
        throw await lmdbFailure(error, dir)
      }
    }
  }

  static async #opened(path: string): Promise<Gate> {
    const settings = { durability: 'process', readOnly: false, maxReaders: 1_024 } as const
    const database = openNative(path, settings, (bytes) => bytes)
    const gate = new Gate(database)
    try {
      const places = gate.#lines().filter(({ pid }) => pid === process.pid)
      // Proves that the locks are there. If there are places of a process that was killed and had our number, closing clears them.
      gate.step()
      gate.stepBack(0)
      if (places.length > 0) throw new Error(`another thread of process ${process.pid} has it open`)
      return gate
    } catch (error) {
      await database.close()
      throw error
    }
  }

  neighbours(): readonly Neighbour[] {
    this.#database.readerCheck()
    const found = new Map<number, { resting: number; steps: number }>()
    for (const { pid, isResting } of this.#lines()) {
      if (pid === process.pid) continue
      const places = found.get(pid) ?? { resting: 0, steps: 0 }
      found.set(pid, places)
      places[isResting ? 'resting' : 'steps'] += 1
    }
    return [...found].map(([pid, { resting, steps }]) => ({
      pid,
      use: useOf(resting),
      stand: STANDS[Math.min(steps, STANDS.length - 1)] ?? 'apart',
    }))
  }

  step(): void {
    this.#steps.push(beginRead(this.#database))
  }

  stepBack(left: number): void {
    for (const place of this.#steps.splice(left).reverse()) place.abort()
  }

  /** Tells others how this process uses the store; only while it has the turn, so that nobody sees half of it. */
  tell(use: Use): void {
    while (this.#resting.length < placesOf(use)) {
      const place = beginRead(this.#database)
      letGo(place)
      this.#resting.push(place)
    }
  }

  /** Leaves, with the turn last: nobody who has it is to see half of the use. */
  async leave(): Promise<void> {
    for (const place of this.#resting.splice(0)) place.abort()
    this.stepBack(0)
    await this.#database.close()
  }

  #lines(): readonly { readonly pid: number; readonly isResting: boolean }[] {
    const lines = this.#database.readerList().split('\n')
    return lines.flatMap((line) => {
      const [, pid, transaction] = LINE.exec(line) ?? []
      return pid === undefined ? [] : [{ pid: Number(pid), isResting: transaction === '-' }]
    })
  }
}

/** Names processes in a message. */
export function namesOf(others: readonly Neighbour[]): string {
  if (others.length === 0) return 'no other process'
  const pids = others.map(({ pid }) => pid)
  return `${pids.length === 1 ? 'process' : 'processes'} ${pids.join(', ')}`
}

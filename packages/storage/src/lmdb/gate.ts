import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lmdbFailure, unavailable } from './lmdb-failure.js'
import type { LmdbSettings } from './lmdb-options.js'
import { beginRead, letGo, openNative, type NativeDatabase, type NativeRead } from './native-database.js'

/** Directory, in that of a store, of an environment that holds nothing: only who has it open counts. */
export const GATE = 'gate'
/** Places in the table of readers: the first says that a process comes, the second that it is in. */
const IN = 2

/** Whether a store was opened in a directory before, and still is there. */
export async function hasGate(dir: string): Promise<boolean> {
  const files = [join(dir, GATE, 'lock.mdb'), join(dir, 'data.mdb')]
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)))
  return found.every((each) => each?.isFile() === true)
}

/**
 * Lets one process at a time into a store. Opening an environment that another process commits to is not safe: LMDB sets the
 * number of the last commit back to what it read a moment before, and the next commit then replaces one that was
 * acknowledged (`mdb_env_open2` of the LMDB in lmdb 3.5.6). Here nobody commits, so its table of readers, which the system
 * clears of whoever was killed, can be used safely.
 */
export class Gate {
  readonly #database: NativeDatabase
  readonly #places: NativeRead[] = []

  private constructor(database: NativeDatabase) {
    this.#database = database
  }

  /**
   * Enters. Of several who come at the same moment, at most one gets in: whoever is in never sees another behind it, since
   * that one finds both places taken.
   *
   * @returns undefined where nothing can be written, and so nobody commits
   * @throws AiosError `AIOS_STORE_UNAVAILABLE` that names who is in
   */
  static async enter({ dir, readOnly }: LmdbSettings): Promise<Gate | undefined> {
    let gate: Gate
    try {
      await mkdir(join(dir, GATE), { recursive: true })
      const settings = { durability: 'process', readOnly: false, maxReaders: 1_024 } as const
      gate = new Gate(openNative(join(dir, GATE), settings, (bytes) => bytes))
    } catch (error) {
      if (readOnly) return undefined
      throw await lmdbFailure(error, dir)
    }
    const holder = gate.#take()
    if (holder === undefined) return gate
    await gate.leave()
    throw unavailable(dir, `process ${holder} has it open; one process at a time can, so close it there first`)
  }

  /** Leaves; the next may come in. */
  async leave(): Promise<void> {
    for (const place of this.#places.splice(0)) place.abort()
    await this.#database.close()
  }

  /** Takes both places, and returns who was there, or has the right of way. */
  #take(): number | undefined {
    this.#database.readerCheck()
    this.#place()
    const before = this.#others()
    const holder = before.find(({ places }) => places >= IN) ?? before.find(({ pid }) => pid < process.pid)
    if (holder !== undefined) return holder.pid
    this.#place()
    return this.#others().find(({ pid }) => pid < process.pid)?.pid
  }

  #place(): void {
    const place = beginRead(this.#database)
    letGo(place)
    this.#places.push(place)
  }

  #others(): readonly { readonly pid: number; readonly places: number }[] {
    const places = new Map<number, number>()
    for (const line of this.#database.readerList().split('\n')) {
      const pid = Number(/^\s*(\d+) [\da-f]+ /.exec(line)?.[1] ?? process.pid)
      if (pid !== process.pid) places.set(pid, (places.get(pid) ?? 0) + 1)
    }
    return [...places].map(([pid, count]) => ({ pid, places: count }))
  }
}

import { mkdir, readlink } from 'node:fs/promises'
import { AiosError } from '@aios/kernel/driver'
import { errorCode } from '../error/storage-failure.js'
import type { Directory } from './directory.js'
import type { Root } from './root.js'
import { pathText, type StoragePath } from './storage-path.js'

/** Links that a path may lead through, as on Linux. */
const LINKS = 40

/** Says which place is looked for, and how. */
export interface Looking {
  readonly path: StoragePath
  /** Makes missing directories on the way. Default false. */
  readonly create?: boolean
  /** Whether a link at the end is followed. Default true. */
  readonly followLast?: boolean
}

/** Is where a path leads, with every link on the way resolved. */
export interface Place {
  /** The directory that holds the entry. */
  readonly directory: Directory
  /** Path of that directory, free of links. */
  readonly directoryPath: StoragePath
  /** Name of the entry, which need not exist; `.` if the path leads to the directory itself. */
  readonly name: string
}

/** Resolves a path the way the operating system would, except that it cannot leave the root. */
class Walk {
  readonly #root: Root
  readonly #looking: Looking
  #directory: Directory
  #entered: string[] = []
  #ahead: string[]
  #links = 0

  constructor(root: Root, looking: Looking, directory: Directory) {
    this.#root = root
    this.#looking = looking
    this.#directory = directory
    this.#ahead = [...looking.path]
  }

  /** Lets go of the directory that the walk has come to. */
  leave(): Promise<void> {
    return this.#directory.leave()
  }

  async toPlace(): Promise<Place> {
    for (;;) {
      const name = this.#ahead.shift()
      if (name === undefined) return this.#placeOf('.')
      if (name === '..') await this.#up()
      else if (this.#ahead.length > 0) await this.#enter(name)
      else if (!(await this.#followLast(name))) return this.#placeOf(name)
    }
  }

  #placeOf(name: string): Place {
    return { directory: this.#directory, directoryPath: this.#entered, name }
  }

  async #followLast(name: string): Promise<boolean> {
    const target = this.#looking.followLast === false ? undefined : await this.#linkAt(name)
    if (target !== undefined) await this.#follow(target)
    return target !== undefined
  }

  async #enter(name: string): Promise<void> {
    try {
      const next = await this.#enterOrMake(name)
      const left = this.#directory
      this.#directory = next
      this.#entered.push(name)
      await left.leave()
    } catch (error) {
      const code = errorCode(error)
      if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error
      const target = await this.#linkAt(name)
      if (target === undefined) throw error
      await this.#follow(target)
    }
  }

  async #enterOrMake(name: string): Promise<Directory> {
    try {
      return await this.#directory.enter(name)
    } catch (error) {
      if (this.#looking.create !== true || errorCode(error) !== 'ENOENT') throw error
    }
    try {
      await mkdir(await this.#directory.at(name))
    } catch (error) {
      // Somebody else made it first, which is just as well.
      if (errorCode(error) !== 'EEXIST') throw error
    }
    return this.#directory.enter(name)
  }

  /** Returns where a link points, or undefined if there is none. */
  async #linkAt(name: string): Promise<string | undefined> {
    try {
      return await readlink(await this.#directory.at(name))
    } catch (error) {
      const code = errorCode(error)
      if (code === 'EINVAL' || code === 'ENOENT') return undefined
      throw error
    }
  }

  async #follow(target: string): Promise<void> {
    this.#links += 1
    if (this.#links > LINKS) throw this.#denied('its links lead in a circle')
    // Where a backslash parts names, one in a link could hide a `..`.
    if (target.includes('\\')) throw this.#denied('a link on the way holds a backslash')
    if (!target.startsWith('/')) {
      this.#ahead.unshift(...namesOf(target))
      return
    }
    const base = [this.#root.path, this.#root.alias].find((each) => target === each || target.startsWith(`${each}/`))
    if (base === undefined) throw this.#denied('a link on the way leads out')
    await this.#restart([...namesOf(target.slice(base.length)), ...this.#ahead])
  }

  async #up(): Promise<void> {
    if (this.#entered.length === 0) throw this.#denied('a link on the way leads out')
    await this.#restart([...this.#entered.slice(0, -1), ...this.#ahead])
  }

  async #restart(ahead: string[]): Promise<void> {
    await this.leave()
    this.#directory = await this.#root.enter()
    this.#entered = []
    this.#ahead = ahead
  }

  #denied(why: string): AiosError {
    const path = JSON.stringify(pathText(this.#looking.path))
    return new AiosError('AIOS_ACCESS_DENIED', `Expected a path that stays below the root, got ${path}: ${why}.`)
  }
}

const namesOf = (target: string): string[] => target.split('/').filter((name) => name !== '' && name !== '.')

/**
 * Finds the place that a path leads to and lends it to `use`. Links are followed as long as they stay below the root.
 *
 * @throws AiosError `AIOS_ACCESS_DENIED` if a link leads out, or in a circle; errors of the system as they are
 */
export async function atPlace<T>(root: Root, looking: Looking, use: (place: Place) => Promise<T>): Promise<T> {
  const walk = new Walk(root, looking, await root.enter())
  try {
    return await use(await walk.toPlace())
  } finally {
    await walk.leave()
  }
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Brings the memory of a sequence in and out of the engine, which only reads and writes files. They are gone at once. */
export class StateFiles {
  readonly #folder: string
  #count = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Makes a folder that nobody else may read. Default place: the system's folder for temporary files. */
  static async open(place: string = tmpdir()): Promise<StateFiles> {
    return new StateFiles(await mkdtemp(join(place, 'aios-gguf-')))
  }

  /** Returns what `save` writes into a file. */
  async read(save: (path: string) => Promise<unknown>): Promise<Uint8Array> {
    return this.#with(async (path) => {
      await save(path)
      return new Uint8Array(await readFile(path))
    })
  }

  /** Hands bytes to `load` as a file. */
  async write(bytes: Uint8Array, load: (path: string) => Promise<unknown>): Promise<void> {
    await this.#with(async (path) => {
      await writeFile(path, bytes)
      await load(path)
    })
  }

  /** Takes the folder away. Idempotent. */
  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #with<T>(work: (path: string) => Promise<T>): Promise<T> {
    this.#count += 1
    const path = join(this.#folder, `${this.#count}.state`)
    try {
      return await work(path)
    } finally {
      await rm(path, { force: true })
    }
  }
}

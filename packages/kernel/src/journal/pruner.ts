import type { RecordStore } from '../record/record-store.js'
import type { JournalSettings } from './journal-options.js'
import { JOURNAL_SPACES } from './journal-keys.js'
import { forgetKernels } from './lease-archive.js'
import { deleteRun } from './run-archive.js'

/** Is what a pruner needs of the journal around it. */
export interface PrunerHost {
  readonly now: () => number
  readonly failed: (error: unknown) => void
}

/** Runs that end before old ones are looked for again. */
const EVERY = 64

/** Deletes finished runs that are too many or too old, and forgets kernels that are long gone, in the background, a few at a time. */
export class Pruner {
  readonly #records: RecordStore
  readonly #settings: JournalSettings
  readonly #host: PrunerHost
  #woken = 0
  #work: Promise<void> | undefined

  constructor(records: RecordStore, settings: JournalSettings, host: PrunerHost) {
    this.#records = records
    this.#settings = settings
    this.#host = host
  }

  /** Is told that there may be something to delete. */
  wake(): void {
    const isDue = this.#woken % Math.min(EVERY, Math.max(1, this.#settings.keepRuns)) === 0
    this.#woken += 1
    if (!isDue || this.#work !== undefined) return
    this.#work = this.#prune()
      .catch(this.#host.failed)
      .finally(() => {
        this.#work = undefined
      })
  }

  /** Resolves once nothing is being deleted. */
  async rest(): Promise<void> {
    await this.#work
  }

  async #prune(): Promise<void> {
    const { keepRuns, keepMs } = this.#settings
    let surplus = (await this.#records.size(JOURNAL_SPACES.ended)).records - keepRuns
    const before = this.#host.now() - keepMs
    const old: Uint8Array[] = []
    for await (const { key } of this.#records.range(JOURNAL_SPACES.ended)) {
      const bytes = Buffer.from(key)
      if (surplus <= 0 && bytes.readUIntBE(0, 6) >= before) break
      surplus -= 1
      old.push(key)
    }
    const kept: Uint8Array[] = []
    for (const key of old) if (!(await deleteRun(this.#records, key))) kept.unshift(key)
    // Those from which detached processes came go once the runs of these are gone, which are younger.
    for (const key of kept) await deleteRun(this.#records, key)
    await forgetKernels(this.#records, this.#host.now())
  }
}

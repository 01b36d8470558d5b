import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { RecordStore } from '../record/record-store.js'
import { JOURNAL_SPACES, textKey } from './journal-keys.js'

/** Pids that a kernel takes at once. */
const BLOCK = 1_000_000
const KEY = textKey('pids')

/**
 * Hands out pids that no kernel on the same store ever has twice, so that a process which is taken up again can keep its own.
 * Each kernel takes a block of them at a time, the next one before the last is used up.
 */
export class PidBlocks {
  readonly #records: RecordStore
  #next = 1
  #end = 1
  #ahead: number | undefined
  #taking = false

  constructor(records: RecordStore) {
    this.#records = records
  }

  /** Takes the first block. */
  async open(): Promise<void> {
    this.#next = await this.#take()
    this.#end = this.#next + BLOCK
  }

  /** @throws AiosError `AIOS_STORE_UNAVAILABLE` if a block was used up before the next could be had */
  next(): number {
    if (this.#next === this.#end) {
      if (this.#ahead === undefined) {
        this.#takeAhead()
        throw new AiosError(
          'AIOS_STORE_UNAVAILABLE',
          `Expected to have more pids than ${BLOCK} by now, but the store gave none.`,
        )
      }
      this.#next = this.#ahead
      this.#end = this.#next + BLOCK
      this.#ahead = undefined
    }
    if (this.#end - this.#next < BLOCK / 2 && this.#ahead === undefined) this.#takeAhead()
    return this.#next++
  }

  /** Leaves out pids up to one that another run has. */
  skip(pid: number): void {
    if (pid >= this.#next && pid < this.#end) this.#next = pid + 1
  }

  #takeAhead(): void {
    if (this.#taking) return
    this.#taking = true
    this.#take().then(
      (first) => {
        this.#ahead = first
        this.#taking = false
      },
      () => {
        // The next pid asks again; when there are none left, it says so.
        this.#taking = false
      },
    )
  }

  async #take(): Promise<number> {
    for (;;) {
      const found = await this.#records.get(JOURNAL_SPACES.numbers, KEY)
      const first = found === undefined ? 1 : pidOf(found.value)
      try {
        const value = Buffer.from(String(first + BLOCK))
        await this.#records.put(JOURNAL_SPACES.numbers, KEY, value, { ifVersion: found?.version ?? 0 })
        return first
      } catch (error) {
        if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
      }
    }
  }
}

function pidOf(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString()
  const pid = Number(text)
  if (text !== '' && Number.isSafeInteger(pid) && pid > 0) return pid
  throw new AiosError(
    'AIOS_CORRUPT',
    `Expected the next pid of this store as a whole number from 1, got ${describe(text)} in the record "pids" of the space "journal/numbers". Put a number there that is above every pid in the journal.`,
  )
}

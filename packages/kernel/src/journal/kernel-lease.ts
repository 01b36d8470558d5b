import { AiosError } from '../error/aios-error.js'
import type { RecordStore, RecordWrite } from '../record/record-store.js'
import type { Later } from '../time/alarm.js'
import { JOURNAL_SPACES, textKey } from './journal-keys.js'
import { decodeLease, encodeDeposed, encodeLease, isAlive } from './lease-record.js'
import { termKey, termOf } from './lease-term.js'

/** Is what a lease needs of the kernel around it. */
export interface LeaseHost {
  readonly records: RecordStore
  readonly kernelId: string
  readonly leaseMs: number
  readonly now: () => number
  readonly later: Later
}

/**
 * Is the claim of one kernel on the runs it has: while it renews it, no other kernel takes them. One that does not is deposed
 * before its runs are taken; every commit of its journal depends on that not having happened, so that two never write one run.
 * Every commit also depends on its term being open, so that a store need not remember for ever whom it deposed.
 */
export class KernelLease {
  readonly #host: LeaseHost
  #renewedAt = Number.NEGATIVE_INFINITY
  /** When it was renewed as far as the store has answered. */
  #heldFrom = Number.NEGATIVE_INFINITY
  /** The term that the store is known to have it in, and the one that it is in once the next commit is durable. */
  #term = 0
  #nextTerm = 0
  #stop: (() => void) | undefined

  constructor(host: LeaseHost) {
    this.#host = host
  }

  /**
   * Takes it, and renews it from then on also when nothing is committed.
   *
   * @throws AiosError `AIOS_STORE_UNAVAILABLE` if the clock is so far behind that nothing could be written
   */
  async open(renew: () => void): Promise<void> {
    const record = this.#record()
    this.committed()
    try {
      await this.#host.records.batch([absent(JOURNAL_SPACES.terms, termKey(this.#term)), record])
    } catch (error) {
      throw AiosError.is(error, 'AIOS_VERSION_CONFLICT') ? late(this.#renewedAt, error) : error
    }
    const beat = (): void => {
      this.#stop = this.#host.later(this.#host.leaseMs / 3, () => {
        if (this.#isDue()) renew()
        beat()
      })
    }
    beat()
  }

  /** What every commit depends on, and carries along when it is time. */
  fence(): readonly RecordWrite[] {
    const record = this.#isDue() ? [this.#record()] : []
    const terms = [...new Set([this.#term, this.#nextTerm])].map((term) => absent(JOURNAL_SPACES.terms, termKey(term)))
    return [absent(JOURNAL_SPACES.deposed, textKey(this.#host.kernelId)), ...terms, ...record]
  }

  /** Is told that a commit with what `fence` returned last is durable. */
  committed(): void {
    this.#term = this.#nextTerm
    this.#heldFrom = this.#renewedAt
  }

  /** Whether the time is over for which the store is known to keep others away. */
  isOver(): boolean {
    return this.#host.now() - this.#heldFrom >= this.#host.leaseMs
  }

  /** Gives it back: its runs that have not ended may be taken at once. */
  async close(): Promise<void> {
    this.#stop?.()
    this.#stop = undefined
    await this.#host.records.remove(JOURNAL_SPACES.kernels, textKey(this.#host.kernelId))
  }

  /** Stops renewing it. */
  abandon(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  #isDue(): boolean {
    return this.#host.now() - this.#renewedAt >= this.#host.leaseMs / 4
  }

  #record(): RecordWrite {
    const { kernelId, leaseMs, now } = this.#host
    this.#renewedAt = now()
    const until = this.#renewedAt + leaseMs
    this.#nextTerm = termOf(until)
    return { op: 'put', space: JOURNAL_SPACES.kernels, key: textKey(kernelId), value: encodeLease(until) }
  }
}

/** Makes a commit depend on a record not being there. */
function absent(space: string, key: Uint8Array): RecordWrite {
  return { op: 'remove', space, key, ifVersion: 0 }
}

function late(now: number, cause: unknown): AiosError {
  return new AiosError(
    'AIOS_STORE_UNAVAILABLE',
    `Expected a clock like that of the other kernels on this store, got ${new Date(now).toISOString()}, of which they cleared up long ago. Set the clock of this machine.`,
    { cause, retryable: false },
  )
}

/**
 * Makes sure that a kernel does not go on with its runs.
 *
 * @returns false if it may still live: then its runs are its own
 * @throws AiosError `AIOS_CORRUPT` if nobody can tell, because its lease is damaged
 */
export async function deposed(records: RecordStore, kernelId: string, now: number): Promise<boolean> {
  const key = textKey(kernelId)
  const found = await records.get(JOURNAL_SPACES.kernels, key)
  const lease = found === undefined ? undefined : decodeLease(kernelId, found.value)
  if (lease !== undefined && isAlive(lease, now)) return false
  try {
    await records.put(JOURNAL_SPACES.deposed, key, encodeDeposed(lease?.until ?? now), { ifVersion: 0 })
  } catch (error) {
    if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
  }
  await records.remove(JOURNAL_SPACES.kernels, key)
  return true
}

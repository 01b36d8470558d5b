import { hostname } from 'node:os'
import { AiosError } from '../error/aios-error.js'
import type { RecordStore, RecordWrite } from '../record/record-store.js'
import type { Later } from '../time/alarm.js'
import { JOURNAL_SPACES, textKey } from './journal-keys.js'

/** Is what a kernel says of itself to others that share its store. */
interface LeaseRecord {
  /** Until when nobody may take its runs, unless its process is known to be gone. */
  readonly until: number
  readonly host: string
  readonly processId: number
}

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
 */
export class KernelLease {
  readonly #host: LeaseHost
  #renewedAt = Number.NEGATIVE_INFINITY
  #stop: (() => void) | undefined

  constructor(host: LeaseHost) {
    this.#host = host
  }

  /** Takes it, and renews it from then on also when nothing is committed. */
  async open(renew: () => void): Promise<void> {
    await this.#host.records.batch([this.#record()])
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
    const { kernelId } = this.#host
    const check: RecordWrite = { op: 'remove', space: JOURNAL_SPACES.deposed, key: textKey(kernelId), ifVersion: 0 }
    return this.#isDue() ? [check, this.#record()] : [check]
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
    const record: LeaseRecord = { until: this.#renewedAt + leaseMs, host: hostname(), processId: process.pid }
    return {
      op: 'put',
      space: JOURNAL_SPACES.kernels,
      key: textKey(kernelId),
      value: Buffer.from(JSON.stringify(record)),
    }
  }
}

/**
 * Makes sure that a kernel does not go on with its runs.
 *
 * @returns false if it may still live: then its runs are its own
 */
export async function deposed(records: RecordStore, kernelId: string, now: number): Promise<boolean> {
  const found = await records.get(JOURNAL_SPACES.kernels, textKey(kernelId))
  if (found !== undefined && isAlive(JSON.parse(Buffer.from(found.value).toString()) as LeaseRecord, now)) return false
  const key = textKey(kernelId)
  try {
    await records.put(JOURNAL_SPACES.deposed, key, Buffer.from(String(now)), { ifVersion: 0 })
  } catch (error) {
    if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
  }
  await records.remove(JOURNAL_SPACES.kernels, key)
  return true
}

function isAlive({ until, host, processId }: LeaseRecord, now: number): boolean {
  if (now >= until) return false
  if (host !== hostname()) return true
  if (processId === process.pid) return true
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // A process that is there but somebody else's may be the one.
    return (error as { readonly code?: unknown }).code === 'EPERM'
  }
}

import { errorText } from '../error/error-text.js'
import type { DriverBase } from '../driver/device-driver.js'
import type { KernelState } from '../kernel-state.js'
import { JOURNAL_SPACES, textKey } from './journal-keys.js'
import type { JournalLog } from './journal-log.js'
import { isThrough } from './run-archive.js'

/** Is a device that keeps something for each run. */
type Keeping = DriverBase & Required<Pick<DriverBase, 'forget'>>

/**
 * Tells the devices of runs that have ended. That they have to be told is committed with the end of the run, so a kernel that
 * is killed before it could tell them does so when it starts again.
 */
export class LeavingRuns {
  readonly #kernel: KernelState
  readonly #log: JournalLog

  constructor(kernel: KernelState, log: JournalLog) {
    this.#kernel = kernel
    this.#log = log
  }

  /** Is told that a run has ended, before its end is committed. */
  ended(runId: string): void {
    if (this.#devices().length === 0) return
    this.#log.write({ op: 'put', space: JOURNAL_SPACES.leaving, key: textKey(runId), value: new Uint8Array() })
    this.#log.afterCommit((error) => {
      if (error === undefined) void this.#tell(runId)
    })
  }

  /** Tells of the runs that ended before this kernel started. */
  async catchUp(): Promise<void> {
    if (this.#devices().length === 0) return
    const ids: string[] = []
    for await (const { key } of this.#kernel.records.range(JOURNAL_SPACES.leaving))
      ids.push(Buffer.from(key).toString())
    for (const runId of ids) await this.#tell(runId)
  }

  async #tell(runId: string): Promise<void> {
    // What is not told now is told at the next start.
    if (this.#kernel.closed !== undefined || !(await this.#isThrough(runId))) return
    const told = await Promise.all(this.#devices().map((device) => this.#forget(device, runId)))
    if (this.#kernel.closed !== undefined || told.includes(false)) return
    this.#log.write({ op: 'remove', space: JOURNAL_SPACES.leaving, key: textKey(runId) })
  }

  /** As long as a detached process of it goes on, its calls have ids of the run: whoever ends last tells. */
  async #isThrough(runId: string): Promise<boolean> {
    const { records, log, closed } = this.#kernel
    try {
      return await isThrough(records, runId)
    } catch (error) {
      if (closed === undefined) log.error('could not find out whether a run is over', { runId, error })
      return false
    }
  }

  async #forget(device: Keeping, runId: string): Promise<boolean> {
    try {
      await device.forget(runId)
      return true
    } catch (error) {
      const { log, hub, clock, closed } = this.#kernel
      if (closed !== undefined) return false
      log.error('driver failed to forget a run', { device: device.id, runId, error })
      hub.push('driver:failed', { device: device.id, message: errorText(error), at: clock.now() })
      hub.flush()
      return false
    }
  }

  #devices(): readonly Keeping[] {
    return this.#kernel.lanes.all().flatMap(({ device }) => (isKeeping(device) ? [device] : []))
  }
}

function isKeeping(device: { readonly kind: string }): device is Keeping & { readonly kind: string } {
  return device.kind !== 'custom' && (device as Partial<DriverBase>).forget !== undefined
}

import { createHash } from 'node:crypto'
import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import type { KernelState } from '../kernel-state.js'
import { endProcess } from '../process/end-process.js'
import { killed } from '../process/process-end.js'
import type { AgentProcess } from '../process/agent.js'
import type { Process } from '../process/process.js'
import type { RecordStore } from '../record/record-store.js'
import { inTime } from '../time/in-time.js'
import { Ghosts } from './ghosts.js'
import { JOURNAL_SPACES, lineKey } from './journal-keys.js'
import { JournalLog } from './journal-log.js'
import type { LinesOf } from './line-writes.js'
import type { JournalSettings } from './journal-options.js'
import { LeavingRuns } from './leaving-runs.js'
import { deposed, KernelLease } from './kernel-lease.js'
import { PidBlocks } from './pid-blocks.js'
import { Pruner } from './pruner.js'
import type { RunHeader } from './run-header.js'
import { Run, type RunSeed } from './run.js'

/** Is the journal of one kernel: its runs, the log that all of them write to, and its claim on them. */
export class Journal {
  readonly records: RecordStore
  readonly settings: JournalSettings
  readonly kernelId: string
  readonly log: JournalLog
  readonly pids: PidBlocks
  readonly leaving: LeavingRuns
  readonly ghosts: Ghosts
  readonly #kernel: KernelState
  readonly #lease: KernelLease
  readonly #pruner: Pruner
  /** Runs that this kernel has, with their root processes. */
  readonly #runs = new Map<string, { readonly run: Run; readonly root: Process }>()
  /** Who asked for a named run first. */
  readonly #wanted = new Map<string, AgentProcess>()
  #closing = false

  constructor(kernel: KernelState, settings: JournalSettings) {
    const { records, clock, wheel, limits } = kernel
    this.#kernel = kernel
    this.records = records
    this.settings = settings
    this.kernelId = kernel.bootId
    this.pids = new PidBlocks(records)
    this.#lease = new KernelLease({
      records,
      kernelId: this.kernelId,
      leaseMs: limits.leaseMs,
      now: () => clock.now(),
      later: (delayMs, callback) => {
        const timer = wheel.set(delayMs, false, callback)
        return () => {
          wheel.cancel(timer)
        }
      },
    })
    this.#pruner = new Pruner(records, settings, {
      now: () => clock.now(),
      failed: (error) => {
        this.#report('could not delete old runs', error)
      },
    })
    this.log = new JournalLog({
      records,
      now: () => clock.now(),
      later: (delayMs, callback) => {
        const timer = wheel.set(delayMs, true, callback)
        return () => {
          wheel.cancel(timer)
        }
      },
      retryMs: limits.journalRetryMs,
      bufferBytes: limits.journalBufferBytes,
      fence: () => this.#lease.fence(),
      committed: () => {
        this.#lease.committed()
      },
      isLate: () => this.#lease.isOver(),
      broken: (error) => this.#broken(error),
      lost: (runs, error) => {
        this.#lost(runs, error)
      },
    })
    this.leaving = new LeavingRuns(kernel, this.log)
    this.ghosts = new Ghosts(kernel)
  }

  now(): number {
    return this.#kernel.clock.now()
  }

  /** Makes ready: takes the lease and the first pids. */
  async open(): Promise<void> {
    await this.pids.open()
    await this.#lease.open(() => {
      this.log.renew()
    })
    this.#pruner.wake()
  }

  /** Makes a run that this kernel has from now on. */
  enter(seed: RunSeed, root: Process): Run {
    const run = new Run(this, seed)
    if (this.#closing) run.sealed = true
    else this.#runs.set(run.id, { run, root })
    return run
  }

  /** Whether a process of this kernel is the root of a run. */
  runs(runId: string): boolean {
    return this.#runs.has(runId)
  }

  /** Whether this kernel has a run, or is about to. */
  has(runId: string): boolean {
    return this.#runs.has(runId) || this.#wanted.has(runId)
  }

  /** Makes sure that nobody else goes on with a run; returns false if somebody may. */
  async mayTake({ owner, halted }: RunHeader): Promise<boolean> {
    return owner === this.kernelId || halted !== undefined || deposed(this.records, owner, this.now())
  }

  /** Returns who asked for a named run before and has it still, or notes that this one does. */
  want(runId: string, handle: AgentProcess): AgentProcess | undefined {
    const first = this.#wanted.get(runId)
    if (first !== undefined) return first
    this.#wanted.set(runId, handle)
    const gone = (): void => {
      this.#wanted.delete(runId)
    }
    handle.result.then(gone, gone)
    return undefined
  }

  /** Is told that a run has ended or stopped. */
  left(run: Run): void {
    this.#runs.delete(run.id)
    this.#pruner.wake()
  }

  /** Ends a process that has not gone through its earlier life and cannot any more: a later life of its run begins anew. */
  leaveOff(run: Run, process: Process): void {
    const error = new AiosError(
      'AIOS_PROCESS_KILLED',
      `Process ${process.pid} (${process.name}) was still going through what it did before when its root was ended. Take run "${run.id}" up by kernel.recover({ agents }).`,
    )
    run.halt(error)
    endProcess(this.#kernel, process, killed(error))
  }

  /** Deletes an old line of a process that runs no agent. */
  forgetLine(runId: string, n: number): void {
    this.log.write({ op: 'remove', space: JOURNAL_SPACES.lines, key: lineKey(runId, n) })
  }

  reportRedactor(error: unknown): void {
    this.#report('redact threw, so nothing of the call is kept', error)
  }

  /** Writes no more: what ends from now on is open for whoever takes it up. */
  seal(): void {
    this.#closing = true
    for (const { run } of this.#runs.values()) run.sealed = true
    this.#runs.clear()
  }

  /** Commits what was written, and gives the lease back; a store that does not answer is not waited for longer than a driver. */
  async close(): Promise<void> {
    const { wheel, limits } = this.#kernel
    const late = (): never => {
      const error = new AiosError(
        'AIOS_STORE_UNAVAILABLE',
        'The store did not take the journal before the kernel closed.',
      )
      this.log.close(error)
      throw error
    }
    try {
      await inTime(this.#leave(), { wheel, ms: limits.closeAfterMs, isVital: true, late })
    } catch (error) {
      this.#lease.abandon()
      this.#report('closed without having given back what it had', error)
    }
  }

  async #leave(): Promise<void> {
    await this.log.durable()
    await this.#pruner.rest()
    await this.#lease.close()
  }

  /** The store is away, or another kernel has our runs: they stop here, as if the process had been killed. */
  #broken(error: unknown): Error {
    const isDeposed = AiosError.is(error, 'AIOS_VERSION_CONFLICT')
    const cause = isDeposed
      ? new AiosError(
          'AIOS_STORE_UNAVAILABLE',
          'Another kernel took the runs of this one, because it did not renew its lease in time.',
          { cause: error, retryable: false },
        )
      : (error as Error)
    this.#report('stopped, and every run with it', cause)
    const runs = [...this.#runs.values()]
    this.#runs.clear()
    for (const { run, root } of runs) {
      run.sealed = true
      run.replay?.stop()
      endProcess(this.#kernel, root, killed(cause))
    }
    if (!this.#closing) this.#kernel.settleDown()
    return cause
  }

  /** Something of these runs cannot be stored: they stop where that would stand, and can be taken up from there. */
  #lost(runs: readonly LinesOf[], error: AiosError): void {
    const ids = runs.map(({ id }) => JSON.stringify(id)).join(', ')
    this.#report(`could not write what ${ids === '' ? 'was given to it' : `belongs to ${ids}`}`, error)
    for (const lines of runs) {
      lines.lost = error
      const found = this.#runs.get(lines.id)
      // Whoever waits for the end of a run that has ended is told by that.
      if (found?.run === lines) this.#stopRun(found.run, found.root, error)
    }
    if (!this.#closing) this.#kernel.settleDown()
  }

  #stopRun(run: Run, root: Process, error: AiosError): void {
    const detached = [...(run.detached?.keys() ?? [])]
    run.replay?.stop()
    run.halt(error)
    for (const process of [root, ...detached])
      if (process.end === undefined) endProcess(this.#kernel, process, killed(error))
  }

  #report(what: string, error: unknown): void {
    this.#kernel.log.error(`journal ${what}`, { error })
    this.#kernel.hub.push('driver:failed', { device: 'journal', message: errorText(error), at: this.now() })
  }
}

/** Names the code of an agent and what it was started with. */
export function fingerprintOf(agent: unknown, options: string): string {
  return createHash('sha256').update(String(agent)).update(options).digest('hex').slice(0, 16)
}

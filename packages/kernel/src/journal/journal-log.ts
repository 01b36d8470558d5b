import { AiosError } from '../error/aios-error.js'
import type { RecordStore, RecordWrite } from '../record/record-store.js'
import type { Later } from '../time/alarm.js'
import type { PendingEntry } from './journal-entry.js'
import { distinct, roomOf, runsOf, writesOf, type LinesOf, type LogItem } from './line-writes.js'

/** Is what the log needs of the kernel around it. */
export interface LogHost {
  readonly records: RecordStore
  readonly now: () => number
  readonly later: Later
  /** Milliseconds for which a store that fails is tried again. */
  readonly retryMs: number
  /** Bytes that may wait before calls have to. */
  readonly bufferBytes: number
  /** Returns what has to hold for anything to be committed, and what else goes with it. */
  readonly fence: () => readonly RecordWrite[]
  /** Is told that a commit with what the fence returned last is durable. */
  readonly committed: () => void
  /** Whether that came so late that another kernel may have taken the runs meanwhile. */
  readonly isLate: () => boolean
  /**
   * Is told that the store has failed for too long, or belongs to another kernel now: what waits is lost. Returns what to tell
   * those who wait for it.
   */
  readonly broken: (error: unknown) => Error
  /**
   * Is told that something cannot be stored, ever: it is left out, and so is what came after it of the runs it is of, as if their
   * process had been killed at that moment. The rest of the log goes on.
   */
  readonly lost: (runs: readonly LinesOf[], error: AiosError) => void
}

/** Is an item that is being committed. */
interface Part {
  readonly item: LogItem
  readonly writes: readonly RecordWrite[]
}

/** Stands for what is left out. */
const NOTHING: Part = { item: [], writes: [] }

interface Waiter {
  readonly upTo: number
  readonly done: (error: Error | undefined) => void
}

/** Milliseconds for which lines are gathered that nobody waits for: agents that run now come before. */
const GATHER_MS = 2
/** Items of one commit, and records from which it takes no further one. */
const MOST_AT_ONCE = { items: 5_000, records: 50_000 } as const
/** Milliseconds before a failed commit is tried again: first, and at most. */
const RETRY_MS = { first: 50, most: 2_000 } as const

/**
 * Is the one log of a kernel: what is appended is committed in order, as much at once as came in while the last commit was
 * under way. So what is durable is always a beginning of what was appended, over all runs.
 */
export class JournalLog {
  readonly #host: LogHost
  #items: LogItem[] = []
  /** Gathers what is to be committed together. */
  #together: LogItem[number][] | undefined
  #bytes = 0
  #appended = 0
  #durable = 0
  #waiters: Waiter[] = []
  /** Cancels the commit that nobody waits for yet. */
  #scheduled: (() => void) | undefined
  #committing = false
  #failingSince: number | undefined
  #stopRetry: (() => void) | undefined

  constructor(host: LogHost) {
    this.#host = host
  }

  /** Whether so much waits that whoever produces more should wait too. */
  get full(): boolean {
    return this.#bytes > this.#host.bufferBytes
  }

  /** Appends a line of a run. */
  append(run: LinesOf, entry: PendingEntry, bytes: number): void {
    this.#bytes += bytes
    this.#push({ run, entry, bytes })
  }

  /** Appends a write that is committed in its place among the lines; of a run, if it is given. */
  write(write: RecordWrite, run?: LinesOf): void {
    this.#push({ run, write })
  }

  /** Commits all that is appended meanwhile in one batch, however much else waits. */
  together(act: () => void): void {
    if (this.#together !== undefined) {
      act()
      return
    }
    const all: LogItem[number][] = (this.#together = [])
    try {
      act()
    } finally {
      this.#together = undefined
      if (all.length > 0) this.#add(all)
    }
  }

  /**
   * Calls back once everything appended so far is durable, with undefined, or with why it never will be. Starts committing
   * at the end of this tick.
   */
  whenDurable(done: (error: Error | undefined) => void): void {
    if (this.#durable >= this.#appended) {
      done(undefined)
      return
    }
    this.#waiters.push({ upTo: this.#appended, done })
    if (!this.#committing) {
      queueMicrotask(() => {
        this.#commit()
      })
    }
  }

  /** Calls back as `whenDurable` does, after the commit that is due anyway. */
  afterCommit(done: (error: unknown) => void): void {
    if (this.#durable >= this.#appended) done(undefined)
    else this.#waiters.push({ upTo: this.#appended, done })
  }

  /** Resolves once everything appended so far is durable. */
  durable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.whenDurable((error) => {
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  }

  /** Commits what the fence carries, though nothing else waits. */
  renew(): void {
    if (this.#committing || this.#items.length > 0) return
    this.#committing = true
    this.#send(this.#host.fence(), () => {
      this.#committing = false
      if (this.#items.length > 0) this.#commit()
    })
  }

  /** Stops trying again; what waits is given up. */
  close(error: AiosError): void {
    if (this.#durable < this.#appended) this.#giveUp(error)
  }

  #push(single: LogItem[number]): void {
    if (this.#together === undefined) this.#add([single])
    else this.#together.push(single)
  }

  #add(item: LogItem): void {
    this.#items.push(item)
    this.#appended += 1
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled !== undefined || this.#committing) return
    this.#scheduled = this.#host.later(GATHER_MS, () => {
      this.#scheduled = undefined
      this.#commit()
    })
  }

  #commit(): void {
    if (this.#committing || this.#items.length === 0) return
    this.#scheduled?.()
    this.#scheduled = undefined
    this.#committing = true
    const parts = this.#take()
    const bytes = parts.reduce((sum, { item }) => sum + roomOf(item), 0)
    this.#sendEach([parts], () => {
      this.#confirm(() => {
        this.#settled(parts.length, bytes)
      })
    })
  }

  /** Has the store say once more that the runs are this kernel's, if its answer came late: agents act on what is durable. */
  #confirm(done: () => void): void {
    if (this.#host.isLate()) this.#send(this.#host.fence(), done)
    else done()
  }

  #settled(count: number, bytes: number): void {
    this.#bytes -= bytes
    this.#committing = false
    this.#durable += count
    this.#answer()
    if (this.#items.length > 0) this.#commit()
  }

  /** Takes what is committed next. What cannot be encoded is left out, and nobody but its runs has to know. */
  #take(): Part[] {
    const parts: Part[] = []
    let records = 0
    while (parts.length < MOST_AT_ONCE.items && records < MOST_AT_ONCE.records) {
      const item = this.#items[parts.length]
      if (item === undefined) break
      // It is taken, though all that are taken leave the list at once: one by one would move the rest each time.
      this.#items[parts.length] = NOTHING.item
      const part = this.#encoded(item)
      parts.push(part)
      records += part.writes.length
    }
    this.#items.splice(0, parts.length)
    return parts
  }

  #encoded(item: LogItem): Part {
    try {
      return { item, writes: writesOf(item) }
    } catch (error) {
      this.#lose(item, [], error as AiosError)
      this.#bytes -= roomOf(item)
      return NOTHING
    }
  }

  /**
   * Commits one group of parts after the other. One that the store refuses for what it holds is split until it is known which part
   * that is.
   */
  #sendEach(groups: Part[][], done: () => void): void {
    const parts = groups.shift()
    if (parts === undefined) {
      done()
      return
    }
    const next = (): void => {
      this.#sendEach(groups, done)
    }
    const writes = parts.flatMap((part) => part.writes)
    if (writes.length === 0) {
      next()
      return
    }
    this.#send([...this.#host.fence(), ...distinct(writes)], next, (error) => {
      const half = Math.ceil(parts.length / 2)
      if (parts.length > 1) groups.unshift(parts.slice(0, half), parts.slice(half))
      else this.#lose(parts[0]?.item ?? [], groups, error)
      next()
    })
  }

  /** Leaves out what cannot be stored, and what came after it of the same runs. */
  #lose(item: LogItem, groups: readonly Part[][], error: AiosError): void {
    const runs = new Set(runsOf(item))
    const goesToo = (each: LogItem): boolean => {
      const own = runsOf(each)
      if (!own.some((run) => runs.has(run))) return false
      for (const run of own) runs.add(run)
      return true
    }
    // Their room is given back with that of the whole commit.
    for (const parts of groups)
      for (const [at, part] of parts.entries()) if (goesToo(part.item)) parts[at] = { ...part, writes: [] }
    for (const [at, each] of this.#items.entries()) {
      if (!goesToo(each)) continue
      this.#bytes -= roomOf(each)
      this.#items[at] = NOTHING.item
    }
    this.#host.lost([...runs], error)
  }

  /** Commits, again and again while the store is away: the same writes in the same order, so that nothing comes twice. */
  #send(writes: readonly RecordWrite[], done: () => void, refused?: (error: AiosError) => void): void {
    this.#host.records.batch(writes).then(
      () => {
        this.#failingSince = undefined
        this.#host.committed()
        done()
      },
      (error: unknown) => {
        if (refused !== undefined && AiosError.is(error, 'AIOS_INVALID_OPTION')) {
          refused(error)
          return
        }
        const now = this.#host.now()
        this.#failingSince ??= now
        const failedMs = now - this.#failingSince
        const lasts = !AiosError.is(error) || !PASSING.has(error.code)
        if (lasts || failedMs >= this.#host.retryMs) {
          this.#giveUp(error)
          return
        }
        const pause = Math.min(RETRY_MS.most, Math.max(RETRY_MS.first, failedMs))
        this.#stopRetry = this.#host.later(pause, () => {
          this.#stopRetry = undefined
          this.#send(writes, done, refused)
        })
      },
    )
  }

  #answer(): void {
    const waiters = this.#waiters
    this.#waiters = waiters.filter(({ upTo }) => upTo > this.#durable)
    for (const { upTo, done } of waiters) if (upTo <= this.#durable) done(undefined)
  }

  #giveUp(error: unknown): void {
    this.#stopRetry?.()
    this.#stopRetry = undefined
    this.#scheduled?.()
    this.#scheduled = undefined
    this.#failingSince = undefined
    this.#committing = false
    this.#items = []
    this.#bytes = 0
    this.#durable = this.#appended
    const waiters = this.#waiters
    this.#waiters = []
    const cause = this.#host.broken(error)
    for (const { done } of waiters) done(cause)
  }
}

/** What may pass. */
const PASSING: ReadonlySet<string> = new Set(['AIOS_STORE_UNAVAILABLE', 'AIOS_QUOTA_EXCEEDED'])

import { createHash } from 'node:crypto'
import { AiosError } from '../error/aios-error.js'
import type { RecordStore, RecordWrite } from '../record/record-store.js'
import type { Later } from '../time/alarm.js'
import type { PendingEntry } from './journal-entry.js'
import { blobKey, JOURNAL_SPACES, lineKey } from './journal-keys.js'
import { encodeLine, type BlobWriter } from './line-format.js'

/** Is a run as its lines know it. */
export interface LinesOf {
  readonly id: string
  /** Names of the large content that is stored already. */
  readonly blobs: Set<string>
}

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
  /**
   * Is told that the store has failed for too long, or belongs to another kernel now: what waits is lost. Returns what to tell
   * those who wait for it.
   */
  readonly broken: (error: unknown) => Error
}

type Single = { readonly run: LinesOf; readonly entry: PendingEntry; readonly bytes: number } | RecordWrite
/** Several are committed together. */
type Item = Single | readonly Single[]

interface Waiter {
  readonly upTo: number
  readonly done: (error: Error | undefined) => void
}

/** Names of large content that a run remembers as stored; beyond it some is written again, which changes nothing. */
const KNOWN_BLOBS = 4_096
/** Milliseconds for which lines are gathered that nobody waits for: agents that run now come before. */
const GATHER_MS = 2
/** Lines and writes of one commit. */
const MOST_AT_ONCE = 5_000
/** Milliseconds before a failed commit is tried again: first, and at most. */
const RETRY_MS = { first: 50, most: 2_000 } as const

/**
 * Is the one log of a kernel: what is appended is committed in order, as much at once as came in while the last commit was
 * under way. So what is durable is always a beginning of what was appended, over all runs.
 */
export class JournalLog {
  readonly #host: LogHost
  #items: Item[] = []
  /** Gathers what is to be committed together. */
  #together: Single[] | undefined
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

  /** Appends a write that is committed in its place among the lines. */
  write(write: RecordWrite): void {
    this.#push(write)
  }

  /** Commits all that is appended meanwhile in one batch, however much else waits. */
  together(act: () => void): void {
    if (this.#together !== undefined) {
      act()
      return
    }
    const all: Single[] = (this.#together = [])
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

  #push(item: Single): void {
    if (this.#together === undefined) this.#add(item)
    else this.#together.push(item)
  }

  #add(item: Item): void {
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
    const items = this.#items.splice(0, MOST_AT_ONCE)
    const singles = items.flat() as readonly Single[]
    const bytes = singles.reduce((sum, item) => sum + ('op' in item ? 0 : item.bytes), 0)
    let writes: readonly RecordWrite[]
    try {
      writes = [...this.#host.fence(), ...distinct(singles)]
    } catch (error) {
      this.#giveUp(error)
      return
    }
    this.#send(writes, () => {
      this.#bytes -= bytes
      this.#committing = false
      this.#durable += items.length
      this.#answer()
      if (this.#items.length > 0) this.#commit()
    })
  }

  /** Commits, again and again while the store is away: the same writes in the same order, so that nothing comes twice. */
  #send(writes: readonly RecordWrite[], done: () => void): void {
    this.#host.records.batch(writes).then(
      () => {
        this.#failingSince = undefined
        this.#host.committed()
        done()
      },
      (error: unknown) => {
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
          this.#send(writes, done)
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

/** Turns items into writes, of which a commit may have one for each key: of several the last. */
function distinct(items: readonly Single[]): readonly RecordWrite[] {
  const last = new Map<string, RecordWrite>()
  for (const item of items)
    if ('op' in item) last.set(`${item.space}:${Buffer.from(item.key).toString('latin1')}`, item)
  return [...items.flatMap((item) => ('op' in item ? [] : lineWrites(item.run, item.entry))), ...last.values()]
}

/** Turns a line of a run into writes: its large content first. */
export function lineWrites(run: LinesOf, entry: PendingEntry): readonly RecordWrite[] {
  const writes: RecordWrite[] = []
  const blobs: BlobWriter = {
    keep(bytes) {
      const name = createHash('sha256').update(bytes).digest('base64url').slice(0, 32)
      if (!run.blobs.has(name)) {
        if (run.blobs.size >= KNOWN_BLOBS) run.blobs.clear()
        run.blobs.add(name)
        writes.push({ op: 'put', space: JOURNAL_SPACES.blobs, key: blobKey(run.id, name), value: bytes })
      }
      return name
    },
  }
  const value = encodeLine(entry, blobs)
  writes.push({ op: 'put', space: JOURNAL_SPACES.lines, key: lineKey(run.id, entry.n), value })
  return writes
}

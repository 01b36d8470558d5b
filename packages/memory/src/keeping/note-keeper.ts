import {
  AiosError,
  type DriverServices,
  type MemoryHit,
  type MemoryIdRequest,
  type MemoryNote,
  type MemoryRetrieveRequest,
  type RecordStore,
  type RecordWrite,
  type Scoped,
} from '@aios/kernel/driver'
import { serialOf, serialOfKey } from '../note/note-id.js'
import type { MemorySettings } from '../embedded-memory-options.js'
import { makeChange, noSuchNote, type Change } from './change.js'
import { Draft } from './draft.js'
import { NoteCatalog } from './note-catalog.js'
import { OwnWrites } from './own-writes.js'
import { isOfRun, resultsOfRun } from './result-key.js'
import { memorySpaces, type MemorySpaces } from './spaces.js'

/** Changes of one commit, and bytes beyond which no more are added. */
const CHANGES_AT_ONCE = 256
const BYTES_AT_ONCE = 4_194_304
/** How often a commit is tried while others write the same notes. */
const MOST_TRIES = 100
/** Removals of one batch. */
const REMOVALS_AT_ONCE = 1_000

interface Waiting {
  readonly change: Change
  readonly resolve: (note: MemoryNote) => void
  readonly reject: (error: unknown) => void
}

type Job = Waiting | (() => Promise<void>)

/**
 * Keeps the notes of an open device in records, and an index of them in RAM. Jobs are done one after the other, so the index is
 * never older than what a job has written; changes that wait together are committed together. Other openers of the store are
 * heard of through its change feed, and whatever a change is based on is read from the store itself.
 */
export class NoteKeeper {
  readonly #records: RecordStore
  readonly #services: DriverServices
  readonly #maxNotes: number
  readonly #spaces: MemorySpaces
  readonly #catalog: NoteCatalog
  readonly #own = new OwnWrites()
  readonly #jobs: Job[] = []
  readonly #closing = new AbortController()
  /** Notes that somebody else changed, or may have. */
  #behind = new Set<number>()
  /** Changes of others were lost, so any note may be another. */
  #isLost = false
  /** Something of that came since it was last looked at. */
  #hasNews = false
  #work: Promise<void> | undefined
  #following: Promise<void> | undefined

  constructor(services: DriverServices, { id, maxNotes }: MemorySettings) {
    const { records, clock, log } = services
    this.#services = services
    this.#records = records
    this.#maxNotes = maxNotes
    this.#spaces = memorySpaces(id)
    this.#catalog = new NoteCatalog({ records, clock, log, space: this.#spaces.notes })
  }

  /** Loads all notes, and follows them from then on. */
  async open(): Promise<void> {
    // Before the first note is read, so that no change is missed.
    const feed = this.#records.watch({ space: this.#spaces.notes, signal: this.#closing.signal })
    const changes = feed[Symbol.asyncIterator]()
    const first = changes.next()
    first.catch(() => undefined)
    try {
      await this.#catalog.reload()
    } catch (error) {
      this.#closing.abort()
      throw error
    }
    this.#following = this.#follow(first, changes).catch((error: unknown) => {
      this.#services.log.error('memory does not hear of the changes of others any more', { error })
    })
  }

  /** Ends what was asked before. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#following
    await this.#work
  }

  /** Makes a change; resolves once it is committed. */
  change(change: Change): Promise<MemoryNote> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ change, resolve, reject })
      this.#wake()
    })
  }

  /** Returns a note: at once if it is known here, else it is looked for in the store. */
  get(request: Scoped<MemoryIdRequest>): MemoryNote | Promise<MemoryNote> {
    const serial = serialOf(request.id)
    const note = this.#catalog.index.get(serial)
    if (note?.namespace === request.namespace) return note
    if (serial === 0 || note !== undefined) throw noSuchNote(request)
    return this.#job(async () => {
      await this.#catalog.refresh([serial])
      this.#catalog.check(serial)
      const found = this.#catalog.index.get(serial)
      if (found?.namespace !== request.namespace) throw noSuchNote(request)
      return found
    })
  }

  /** Returns the notes of one namespace that match best, best first. */
  retrieve(request: Scoped<MemoryRetrieveRequest>): readonly MemoryHit[] {
    return this.#catalog.index.retrieve(request)
  }

  /** Forgets what the calls of a run came to. */
  forget(runId: string): Promise<void> {
    return this.#job(async () => {
      const space = this.#spaces.keys
      let writes: RecordWrite[] = []
      for await (const { key } of this.#records.range(space, resultsOfRun(runId))) {
        if (isOfRun(runId, key)) writes.push({ op: 'remove', space, key })
        if (writes.length < REMOVALS_AT_ONCE) continue
        await this.#records.batch(writes)
        writes = []
      }
      if (writes.length > 0) await this.#records.batch(writes)
    })
  }

  #job<T>(run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => run().then(resolve, reject))
      this.#wake()
    })
  }

  #wake(): void {
    if (this.#work !== undefined) return
    this.#work = this.#doJobs().finally(() => {
      this.#work = undefined
      if (this.#jobs.length > 0 || this.#hasNews) this.#wake()
    })
  }

  async #doJobs(): Promise<void> {
    // What is asked in the same tick is committed together.
    await Promise.resolve()
    while (this.#jobs.length > 0 || this.#hasNews) {
      await this.#catchUp()
      const job = this.#jobs.shift()
      if (typeof job === 'function') await job()
      else if (job !== undefined) await this.#commit(this.#taken(job))
    }
  }

  /** Takes a change and those behind it. */
  #taken(first: Waiting): Waiting[] {
    const taken = [first]
    for (let next = this.#jobs[0]; taken.length < CHANGES_AT_ONCE; next = this.#jobs[0]) {
      if (next === undefined || typeof next === 'function') break
      taken.push(next)
      this.#jobs.shift()
    }
    return taken
  }

  /** Commits changes, again if somebody else was quicker; what does not fit this commit waits for the next. */
  async #commit(waiting: readonly Waiting[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const draft = new Draft(this.#records, this.#spaces)
      let drafted: readonly (() => void)[] | undefined
      try {
        drafted = await this.#drafted(draft, waiting)
        await this.#write(draft)
      } catch (error) {
        if (AiosError.is(error, 'AIOS_VERSION_CONFLICT') && tries < MOST_TRIES) {
          this.#learn(error)
          continue
        }
        const lost = drafted?.length ?? waiting.length
        for (const { reject } of waiting.slice(0, lost)) reject(error)
        this.#jobs.unshift(...waiting.slice(lost))
        return
      }
      for (const settle of drafted) settle()
      this.#jobs.unshift(...waiting.slice(drafted.length))
      if (this.#jobs.length > 0) await this.#catalog.turn()
      return
    }
  }

  /** Makes as many changes as fit; returns for each how to settle it. */
  async #drafted(draft: Draft, waiting: readonly Waiting[]): Promise<readonly (() => void)[]> {
    const settle: (() => void)[] = []
    await draft.prefetch(
      waiting.flatMap(({ change }) => (change.verb === 'add' ? [] : [serialOf(change.request.id)])).filter(Boolean),
      waiting.flatMap(({ change }) => change.key ?? []),
    )
    const scene = {
      draft,
      now: this.#services.clock.now(),
      maxNotes: this.#maxNotes,
      room: this.#maxNotes - this.#catalog.index.size,
      lastSerial: this.#catalog.lastSerial,
    }
    for (const { change, resolve, reject } of waiting) {
      if (draft.bytes > BYTES_AT_ONCE) break
      try {
        const note = await makeChange(scene, change)
        settle.push(() => {
          resolve(note)
        })
      } catch (error) {
        settle.push(() => {
          reject(error)
        })
      }
    }
    return settle
  }

  /** Commits a draft, and takes it into the index. */
  async #write(draft: Draft): Promise<void> {
    const writes = draft.writes()
    if (writes.length === 0) return
    const changes = draft.changes()
    this.#own.begin(changes)
    try {
      await this.#records.batch(writes)
    } catch (error) {
      this.#own.failed(changes)
      // Somebody else's change may have been taken for this one, and this one may have been made after all.
      for (const [serial] of changes) this.#behind.add(serial)
      this.#hasNews = true
      throw error
    }
    for (const [serial, kept] of changes) this.#catalog.set(serial, kept?.note)
  }

  /** A note stands where the next one was to be put. */
  #learn({ details }: AiosError): void {
    const key = details['space'] === this.#spaces.notes ? details['key'] : undefined
    if (key instanceof Uint8Array) this.#catalog.lastSerial = Math.max(this.#catalog.lastSerial, serialOfKey(key))
  }

  async #follow(first: ReturnType<AsyncIterator<Fact>['next']>, changes: AsyncIterator<Fact>): Promise<void> {
    for (let step = await first; step.done !== true; step = await changes.next()) {
      const change = step.value
      if (change.type === 'lost') {
        this.#isLost = true
        this.#own.lost()
      } else {
        const serial = serialOfKey(change.key)
        if (serial === 0 || this.#own.take(serial)) continue
        this.#behind.add(serial)
      }
      this.#hasNews = true
      this.#wake()
    }
  }

  /** Takes in what others changed; where the store cannot be read now, it is tried again with the next job. */
  async #catchUp(): Promise<void> {
    const [isLost, behind] = [this.#isLost, this.#behind]
    this.#hasNews = false
    if (!isLost && behind.size === 0) return
    this.#isLost = false
    this.#behind = new Set()
    try {
      await (isLost ? this.#catalog.reload() : this.#catalog.refresh([...behind]))
    } catch (error) {
      this.#isLost ||= isLost
      for (const serial of behind) this.#behind.add(serial)
      this.#services.log.warn('memory could not read what others changed', { error })
    }
  }
}

type Fact = ReturnType<RecordStore['watch']> extends AsyncIterable<infer F> ? F : never

import { AiosError } from '../error/aios-error.js'
import { REDACTED, type Captured } from '../journal/value-codec.js'
import type { RecordStore, RecordWrite, StoredRecord } from '../record/record-store.js'

/** Spaces of the record store that belong to it: what is kept under a key, and the keys by age. */
const SPACES = { kept: 'kernel/idempotency', ages: 'kernel/idempotency-ages' } as const
const SCHEMA = 1
/** Answers that are kept before old ones are looked for again. */
const EVERY = 64
/** Records of one commit while old ones are deleted. */
const AT_ONCE = 256

/** Is an answer that can be stored; of one that was redacted, that there was one. */
export type Storable = Exclude<Captured, { readonly codec: 'x' }> | typeof REDACTED

/** Is what a call came to, and what it had asked. */
export interface Answer {
  readonly digest: string
  readonly value: Storable
  /** Durable id of the call that was executed; undefined for one without a journal. */
  readonly by?: string | undefined
}

/** Bounds what is kept, and hears of what went wrong in the background. */
export interface BookHost {
  readonly records: RecordStore
  readonly now: () => number
  /** Most answers; the oldest go first. */
  readonly most: number
  readonly keepMs: number
  readonly failed: (error: unknown) => void
}

interface Page extends Answer {
  readonly at: number
  readonly version: number
}

/** Keeps the answers to calls with an idempotency key in the record store, each for a time and no more than a number of them. */
export class IdempotencyBook {
  readonly #host: BookHost
  #written = 0
  #pruning = false

  constructor(host: BookHost) {
    this.#host = host
  }

  /** Returns the answer that is kept under an id, unless it is too old. */
  async find(id: Uint8Array): Promise<Answer | undefined> {
    const page = await this.#read(id)
    return page === undefined || this.#isOver(page.at) ? undefined : page
  }

  /** Keeps an answer; returns the one that another kernel on the same store kept first, if one did. */
  async keep(id: Uint8Array, answer: Answer): Promise<Answer | undefined> {
    for (;;) {
      const before = await this.#read(id)
      if (before !== undefined && !this.#isOver(before.at)) return before
      const at = this.#host.now()
      const writes: RecordWrite[] = [
        { op: 'put', space: SPACES.kept, key: id, value: encode(answer, at), ifVersion: before?.version ?? 0 },
        { op: 'put', space: SPACES.ages, key: ageKey(at, id), value: new Uint8Array() },
      ]
      if (before !== undefined && Math.floor(before.at) !== Math.floor(at))
        writes.push({ op: 'remove', space: SPACES.ages, key: ageKey(before.at, id) })
      try {
        await this.#host.records.batch(writes)
        this.#prune()
        return undefined
      } catch (error) {
        if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
      }
    }
  }

  /** Deletes the answer under an id, unless another call than that of this durable id was executed for it. */
  async forget(id: Uint8Array, by: string): Promise<void> {
    for (;;) {
      const kept = await this.#read(id)
      if (kept === undefined || (kept.by ?? by) !== by) return
      try {
        await this.#host.records.batch([
          { op: 'remove', space: SPACES.kept, key: id, ifVersion: kept.version },
          { op: 'remove', space: SPACES.ages, key: ageKey(kept.at, id) },
        ])
        return
      } catch (error) {
        if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
      }
    }
  }

  async #read(id: Uint8Array): Promise<Page | undefined> {
    const record = await this.#host.records.get(SPACES.kept, id)
    return record === undefined ? undefined : decode(record)
  }

  #isOver(at: number): boolean {
    return this.#host.now() - at >= this.#host.keepMs
  }

  /** Deletes what is too old or too much, in the background, now and then. */
  #prune(): void {
    const isDue = this.#written % Math.min(EVERY, Math.max(1, this.#host.most)) === 0
    this.#written += 1
    if (!isDue || this.#pruning) return
    this.#pruning = true
    this.#deleteOld()
      .catch(this.#host.failed)
      .finally(() => {
        this.#pruning = false
      })
  }

  async #deleteOld(): Promise<void> {
    const { records, most } = this.#host
    let surplus = (await records.size(SPACES.ages)).records - most
    const old: Uint8Array[] = []
    for await (const { key } of records.range(SPACES.ages)) {
      if (surplus <= 0 && !this.#isOver(atOf(key))) break
      surplus -= 1
      old.push(key)
      if (old.length === AT_ONCE) await this.#delete(old.splice(0))
    }
    await this.#delete(old)
  }

  async #delete(ages: readonly Uint8Array[]): Promise<void> {
    const { records } = this.#host
    const found = await records.getMany(
      SPACES.kept,
      ages.map((age) => age.subarray(6)),
    )
    for (const [index, key] of ages.entries()) {
      const writes: RecordWrite[] = [{ op: 'remove', space: SPACES.ages, key }]
      const record = found[index]
      // One that was answered anew since has another age, by which it will be found.
      if (record !== undefined && (keptAt(record) ?? atOf(key)) === atOf(key))
        writes.push({ op: 'remove', space: SPACES.kept, key: record.key, ifVersion: record.version })
      try {
        await records.batch(writes)
      } catch (error) {
        if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
      }
    }
  }
}

/** Is the first line of an answer as it is stored. */
interface Head {
  readonly schema: number
  readonly digest: string
  readonly at: number
  readonly codec: Storable['codec']
  readonly by?: string | undefined
}

/** Returns when an answer was kept; undefined if nobody can tell, so that it can go when its age does. */
function keptAt(record: StoredRecord): number | undefined {
  try {
    return Math.floor(decode(record).at)
  } catch (error) {
    if (AiosError.is(error, 'AIOS_CORRUPT')) return undefined
    throw error
  }
}

/** Makes the key by which an answer is found by its age. */
function ageKey(at: number, id: Uint8Array): Uint8Array {
  const key = Buffer.alloc(6 + id.length)
  key.writeUIntBE(Math.floor(at), 0, 6)
  key.set(id, 6)
  return key
}

function atOf(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(0, 6)
}

/** A line of JSON, a line feed, and the value. */
function encode({ digest, value, by }: Answer, at: number): Uint8Array {
  const head = Buffer.from(`${JSON.stringify({ schema: SCHEMA, digest, at, codec: value.codec, by })}\n`)
  if (value.codec === 'x') return head
  return Buffer.concat([head, value.codec === 'v' ? value.bytes : Buffer.from(value.text)])
}

function decode({ value: stored, version }: StoredRecord): Page {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
  const end = bytes.indexOf(10)
  let head: Partial<Head>
  try {
    head = (JSON.parse(bytes.subarray(0, end).toString()) as Partial<Head> | null) ?? {}
  } catch (error) {
    throw new AiosError('AIOS_CORRUPT', `The answer to an idempotency key cannot be read: ${String(error)}`, {
      cause: error,
    })
  }
  const { schema, digest, at, codec, by } = head
  if (typeof schema === 'number' && schema !== SCHEMA)
    throw new AiosError(
      'AIOS_STORE_UNAVAILABLE',
      `Expected answers to idempotency keys of schema ${SCHEMA}, got ${schema}. Use the version that wrote them.`,
      { retryable: false },
    )
  if (typeof schema !== 'number' || typeof digest !== 'string' || typeof at !== 'number' || codec === undefined)
    throw new AiosError(
      'AIOS_CORRUPT',
      'The answer to an idempotency key cannot be read: it has no schema, digest, time or codec.',
    )
  const rest = bytes.subarray(end + 1)
  if (codec === 'x') return { digest, at, version, by, value: REDACTED }
  return { digest, at, version, by, value: codec === 'v' ? { codec, bytes: rest } : { codec, text: rest.toString() } }
}

import {
  AiosError,
  type ExportedRecord,
  type RecordRange,
  type RecordSize,
  type StoredRecord,
} from '@aios/kernel/driver'
import type { Argument } from './connection.js'
import type { Layout } from './layout.js'
import { COPY_TTL_MS, KEYS_AT_ONCE, PAGE } from './limits.js'
import { recordFrame } from './record-frame.js'
import { unavailable } from './redis-failure.js'
import { SCRIPTS } from './script.js'

/** Says what a {@link RecordReader} stands on. */
export interface RecordReaderOptions {
  /** Names the store in messages. */
  readonly where: string
  readonly layout: Layout
  ask(args: readonly Argument[]): Promise<unknown>
}

/** Is a part of a space, as it lies in Redis. */
interface Page {
  readonly hasMore: boolean
  readonly entries: readonly (readonly [key: Buffer, frame: unknown])[]
}

/** Says which part of which keys is wanted. */
interface PageRequest {
  readonly keys: string
  readonly data: string
  readonly bounds: readonly [Argument, Argument]
  readonly reverse?: boolean
  readonly most?: number
  /** Names that are to be kept for another while: given for copies only. */
  readonly kept?: readonly string[]
}

/** Reads the records of a store. */
export class RecordReader {
  readonly #options: RecordReaderOptions

  constructor(options: RecordReaderOptions) {
    this.#options = options
  }

  async getMany(space: string, keys: readonly Uint8Array[]): Promise<(StoredRecord | undefined)[]> {
    const { layout, ask } = this.#options
    const asked: Promise<unknown>[] = []
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
      const some = keys.slice(at, at + KEYS_AT_ONCE)
      asked.push(ask(['HMGET', layout.data + space, ...some.map((key) => Buffer.from(key))]))
    }
    const copies = keys.map((key) => new Uint8Array(key))
    const frames = (await Promise.all(asked)).flatMap((reply) => reply as unknown[])
    return copies.map((key, at) => (frames[at] === null ? undefined : recordFrame.read(space, key, frames[at])))
  }

  /** Iterates over a space; the bounds are copied already. */
  async *range(space: string, range: RecordRange): AsyncGenerator<StoredRecord, void, undefined> {
    const { layout } = this.#options
    const { from, to, reverse = false, limit = Number.POSITIVE_INFINITY } = range
    let left = limit
    let low = from === undefined ? '-' : bound('[', from)
    let high = to === undefined ? '+' : bound('(', to)
    for (;;) {
      const bounds = reverse ? ([high, low] as const) : ([low, high] as const)
      const request = { keys: layout.keys + space, data: layout.data + space, bounds, reverse }
      const { hasMore, entries } = await this.#page({ ...request, most: Math.min(left, PAGE.records) })
      for (const [key, frame] of entries) yield recordFrame.read(space, key, frame)
      left -= entries.length
      const last = entries.at(-1)
      if (!hasMore || last === undefined || left <= 0) return
      if (reverse) high = bound('(', last[0])
      else low = bound('(', last[0])
    }
  }

  async size(space: string | undefined): Promise<RecordSize> {
    const { layout, ask } = this.#options
    const reply = await ask(['EVALSHA', SCRIPTS.size.sha, '1', layout.spaces, layout.data, space ?? ''])
    const [records, bytes] = reply as [unknown, unknown]
    return { records: Number(records), bytes: Number(String(bytes)) }
  }

  /**
   * Iterates over all records as they were at the first step, from copies that Redis makes at once; they are gone afterwards.
   *
   * @param id - names the copies; no other export of the store has it
   */
  async *snapshot(id: string): AsyncGenerator<ExportedRecord, void, undefined> {
    const { layout, ask } = this.#options
    const { keys, data } = layout.copies(id)
    const args = [layout.keys, layout.data, keys, data, String(COPY_TTL_MS)]
    const spaces = ((await ask(['EVALSHA', SCRIPTS.copy.sha, '1', layout.spaces, ...args])) as unknown[]).map(String)
    const namesOf = (some: readonly string[]): string[] => some.flatMap((space) => [keys + space, data + space])
    try {
      for (const [at, space] of spaces.entries())
        yield* this.#copied(space, { keys: keys + space, data: data + space, kept: namesOf(spaces.slice(at + 1)) })
    } finally {
      // Copies that cannot be taken away now go by themselves after a time.
      if (spaces.length > 0) await ask(['UNLINK', ...namesOf(spaces)]).catch(() => undefined)
    }
  }

  async *#copied(space: string, copy: Omit<PageRequest, 'bounds'>): AsyncGenerator<ExportedRecord, void, undefined> {
    let low: Argument = '-'
    for (;;) {
      const { hasMore, entries } = await this.#page({ ...copy, bounds: [low, '+'] })
      for (const [key, frame] of entries) yield exported(space, key, frame)
      const last = entries.at(-1)
      if (!hasMore || last === undefined) return
      low = bound('(', last[0])
    }
  }

  async #page({ keys, data, bounds, reverse = false, most = PAGE.records, kept }: PageRequest): Promise<Page> {
    const { where, ask } = this.#options
    const names = [keys, data, ...(kept ?? [])]
    const command = reverse ? 'ZREVRANGEBYLEX' : 'ZRANGEBYLEX'
    const limits = [String(most), String(PAGE.bytes), kept === undefined ? '' : String(COPY_TTL_MS)]
    const args = ['EVALSHA', SCRIPTS.page.sha, String(names.length), ...names, command, ...bounds, ...limits]
    const [state, ...parts] = (await ask(args)) as unknown[]
    if (state === -1) throw unavailable(where, 'the copies that the export read from are gone. Export again.')
    const entries: (readonly [Buffer, unknown])[] = []
    for (let at = 0; at < parts.length; at += 2) entries.push([parts[at] as Buffer, parts[at + 1]])
    return { hasMore: state === 1, entries }
  }
}

function bound(kind: '[' | '(', key: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(kind), key])
}

function exported(space: string, key: Buffer, frame: unknown): ExportedRecord {
  try {
    return { space, ...recordFrame.read(space, key, frame) }
  } catch (error) {
    if (AiosError.is(error, 'AIOS_CORRUPT')) return { space, key, value: undefined }
    throw error
  }
}

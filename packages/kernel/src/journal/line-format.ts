import type { StreamPart } from '../driver/chat.js'
import { AiosError } from '../error/aios-error.js'
import type { Outcome } from '../event/metrics.js'
import type { CallEntry, EndEntry, JournalEntry, PendingEntry } from './journal-entry.js'
import { isWellFormed } from './well-formed.js'
import { capture, contentDigest, digestOf, restored, type Captured } from './value-codec.js'

/** Keeps large content once, by its hash. */
export interface BlobWriter {
  /** Takes bytes and returns the name by which they are found again. */
  keep(bytes: Uint8Array): string
}

/** Finds large content again. */
export type BlobReader = (name: string) => Promise<Uint8Array>

/** Bytes from which a value is not kept in the line itself. */
const LARGE_VALUE = 4_096
/** Characters from which a string within a large value is kept by itself: the turns of a conversation come again and again. */
const LARGE_STRING = 512
/** Bytes of what is then left of a value, up to which it stays in the line. */
const LARGE_REST = 65_536
/** Strings of one value that are kept by themselves; a commit takes so many records and no more. */
const MOST_STRINGS = 4_096

const OUTCOMES: readonly Outcome[] = ['fulfilled', 'rejected', 'cancelled']
const ENDS = ['fulfilled', 'threw', 'killed'] as const
/** A byte order mark at the beginning of a text is part of it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Is where one value of a line is. `j`, `v`, `e`: bytes after the header, as in {@link Captured}; `r`: JSON text after the
 * header whose large strings are blobs; `J`, `V`, `E`: a blob; `x`: nowhere. The second is a length, a name of a blob, or why.
 */
type Place = readonly [codec: string, where: number | string]

class LineWriter {
  /** Values after the header; text as long as all of it is. */
  readonly #segments: (string | Uint8Array)[] = []
  readonly #blobs: BlobWriter

  constructor(blobs: BlobWriter) {
    this.#blobs = blobs
  }

  place(captured: Captured): Place {
    if (captured.codec === 'x') return ['x', captured.why]
    if (captured.codec === 'v') return this.#put('v', captured.bytes)
    const { codec, text } = captured
    if (text.length < LARGE_VALUE / 4) {
      this.#segments.push(text)
      return [codec, Buffer.byteLength(text)]
    }
    if (text.length < LARGE_VALUE || codec === 'e' || text.includes('"$blob"'))
      return this.#put(codec, Buffer.from(text))
    let left = MOST_STRINGS
    const rest = Buffer.from(
      JSON.stringify(JSON.parse(text), (_, value: unknown) => {
        // Half a character, which UTF-8 does not know, stays where JSON escapes it.
        const isKept = typeof value === 'string' && value.length >= LARGE_STRING && left > 0 && isWellFormed(value)
        if (!isKept) return value
        left -= 1
        return { $blob: this.#blobs.keep(Buffer.from(value)) }
      }),
    )
    if (rest.length >= LARGE_REST) return ['R', this.#blobs.keep(rest)]
    this.#segments.push(rest)
    return ['r', rest.length]
  }

  bytes(header: unknown): Uint8Array {
    const head = `${JSON.stringify(header)}\n`
    if (this.#segments.every((segment) => typeof segment === 'string'))
      return Buffer.from(head + this.#segments.join(''))
    return Buffer.concat([head, ...this.#segments].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  }

  #put(codec: string, bytes: Uint8Array): Place {
    if (bytes.length >= LARGE_VALUE) return [codec.toUpperCase(), this.#blobs.keep(bytes)]
    this.#segments.push(bytes)
    return [codec, bytes.length]
  }
}

function headOf({ kind, tick, path, at }: PendingEntry, ...rest: readonly unknown[]): readonly unknown[] {
  return [kind, tick, path, round(at), ...rest]
}

/** Times to the microsecond: more digits say nothing and take room. */
function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}

type Unkept = Extract<Captured, { readonly codec: 'x' }>

/** Writes a line: a header of JSON up to the first line feed, then its values. */
export function encodeLine(entry: PendingEntry, blobs: BlobWriter): Uint8Array {
  const writer = new LineWriter(blobs)
  switch (entry.kind) {
    case 'start':
      return writer.bytes(headOf(entry, entry.fingerprint, writer.place(entry.options), writer.place(entry.input)))
    case 'call': {
      const { row, request, endedAt, at, outcome, usage, costUsd, made } = entry
      const digest = entry.digest ?? digestOf(request)
      const places = [writer.place(entry.request), writer.place(entry.result)]
      const ended = [round(endedAt - at), OUTCOMES.indexOf(outcome)]
      const used = usage || made !== undefined ? [usage ?? null, costUsd ?? null] : []
      const changed = made === undefined ? [] : [made && writer.place(made)]
      return writer.bytes(headOf(entry, row, digest, ...places, ...ended, ...used, ...changed))
    }
    case 'open':
      return writer.bytes(
        headOf(
          entry,
          entry.row,
          entry.digest ?? digestOf(entry.request),
          writer.place(entry.request),
          entry.intent ? 1 : 0,
          entry.dueAt ?? null,
        ),
      )
    case 'parts':
      return writer.bytes(headOf(entry, writer.place(capture(entry.parts))))
    case 'context':
      return writer.bytes(headOf(entry, writer.place(entry.snapshot), writer.place(capture(entry.ahead))))
    case 'mail':
      return writer.bytes(headOf(entry, entry.from, writer.place(entry.message)))
    case 'kill':
      return writer.bytes(headOf(entry, writer.place(entry.error)))
    case 'suspend':
    case 'resume':
      return writer.bytes(headOf(entry))
    case 'end':
      return writer.bytes(headOf(entry, ENDS.indexOf(entry.outcome), writer.place(entry.result)))
  }
}

class LineReader {
  readonly #body: Uint8Array
  readonly #blobs: BlobReader
  #at = 0

  constructor(body: Uint8Array, blobs: BlobReader) {
    this.#body = body
    this.#blobs = blobs
  }

  async value([codec, where]: Place): Promise<Captured> {
    if (codec === 'x') return { codec, why: where as Unkept['why'] }
    const bytes = typeof where === 'string' ? await this.#blobs(where) : this.#next(where)
    const kind = codec.toLowerCase()
    if (kind === 'v') return { codec: 'v', bytes }
    const text = decoder.decode(bytes)
    if (kind === 'r') return { codec: 'j', text: await this.#filled(text) }
    return { codec: kind as 'j' | 'e', text }
  }

  #next(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#body.length) throw new RangeError('a value ends after the line')
    const bytes = this.#body.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  /** Puts the large strings back. */
  async #filled(text: string): Promise<string> {
    const names = new Set<string>()
    const found = JSON.parse(text, (_, value: unknown) => {
      const name = blobOf(value)
      if (name !== undefined) names.add(name)
      return value
    }) as unknown
    const strings = new Map<string, string>()
    for (const name of names) strings.set(name, decoder.decode(await this.#blobs(name)))
    return JSON.stringify(found, (_, value: unknown) => {
      const name = blobOf(value)
      return name === undefined ? value : strings.get(name)
    })
  }
}

function blobOf(value: unknown): string | undefined {
  const name = (value as { readonly $blob?: unknown } | null | undefined)?.$blob
  return typeof value === 'object' && typeof name === 'string' ? name : undefined
}

/**
 * Reads a line.
 *
 * @throws AiosError `AIOS_CORRUPT` if it is none
 */
export async function decodeLine(n: number, bytes: Uint8Array, blobs: BlobReader): Promise<JournalEntry> {
  try {
    const end = bytes.indexOf(10)
    if (end < 0) throw new RangeError('it has no header')
    const header = JSON.parse(decoder.decode(bytes.subarray(0, end))) as readonly unknown[]
    return await entryOf(n, header, new LineReader(bytes.subarray(end + 1), blobs))
  } catch (error) {
    if (AiosError.is(error)) throw error
    throw new AiosError('AIOS_CORRUPT', `Line ${n} of a journal cannot be read: ${String(error)}`, { cause: error })
  }
}

async function entryOf(n: number, header: readonly unknown[], reader: LineReader): Promise<JournalEntry> {
  const [kind, tick, path, at, ...rest] = header as [JournalEntry['kind'], number, string, number, ...unknown[]]
  const line = { n, tick, path, at }
  const value = (index: number): Promise<Captured> => reader.value(rest[index] as Place)
  switch (kind) {
    case 'start':
      return { kind, ...line, fingerprint: rest[0] as string, options: await value(1), input: await value(2) }
    case 'call':
      return { kind, ...line, ...(await callOf(at, rest, reader)) }
    case 'open': {
      const [row, digest, , intent, dueAt] = rest as [string, string, 0, number, number | null]
      const request = await value(2)
      const about = { row, digest: digestIn(digest, request), request }
      return { kind, ...line, ...about, intent: intent === 1, dueAt: dueAt ?? undefined }
    }
    case 'parts':
      return { kind, ...line, parts: restored(await value(0)) as readonly StreamPart[] }
    case 'context':
      return { kind, ...line, snapshot: await value(0), ahead: restored(await value(1)) as readonly StreamPart[] }
    case 'mail':
      return { kind, ...line, from: rest[0] as number, message: await value(1) }
    case 'kill':
      return { kind, ...line, error: await value(0) }
    case 'suspend':
    case 'resume':
      return { kind, ...line }
    case 'end':
      return { kind, ...line, outcome: ENDS[rest[0] as number] as EndEntry['outcome'], result: await value(1) }
    default:
      throw new RangeError(`it is of an unknown kind, ${String(kind)}`)
  }
}

type CallFields = Omit<CallEntry, 'kind' | 'n' | 'tick' | 'path' | 'at'>

/** Older versions gave other digests to requests that JSON cannot hold, and the same to several of those. */
function digestIn(stored: string, request: Captured): string {
  return request.codec === 'v' ? (contentDigest(request) ?? stored) : stored
}

async function callOf(at: number, rest: readonly unknown[], reader: LineReader): Promise<CallFields> {
  const [row, digest, request, result, ms, outcome, usage, costUsd, made] = rest as [
    ...[string, string, Place, Place, number, number],
    ...[CallEntry['usage'] | null, number | null | undefined, Place | null | undefined],
  ]
  const asked = await reader.value(request)
  return {
    row,
    digest: digestIn(digest, asked),
    request: asked,
    result: await reader.value(result),
    endedAt: at + ms,
    outcome: OUTCOMES[outcome] as Outcome,
    usage: usage ?? undefined,
    costUsd: costUsd ?? undefined,
    ...(made !== undefined && { made: made && (await reader.value(made)) }),
  }
}

import { AiosError, type MemoryNote } from '@aios/kernel/driver'
import { frozenJson } from '../note/frozen-json.js'

/** Is the number of this format; a record of any other is left alone. */
const FORMAT = 1

/** Is a note as it is recorded. */
export interface KeptNote {
  readonly note: MemoryNote
  /** How often a repeated call that said something else made it anew: what was built on an earlier edition is gone. */
  readonly edition: number
  /** Key of the call that added it. */
  readonly by?: string | undefined
}

/** Is what a call with a key came to. */
export interface KeptResult extends KeptNote {
  readonly verb: 'add' | 'update' | 'remove'
  /** Stands for the request. */
  readonly digest: string
  /** The note before an update. */
  readonly before?: MemoryNote | undefined
}

/** Names a record in an error. */
export interface RecordPlace {
  readonly space: string
  readonly key: Uint8Array
}

/** Makes the value of a record. */
export function encodeRecord(value: KeptNote | KeptResult | { readonly last: number }): Uint8Array {
  return Buffer.from(JSON.stringify({ format: FORMAT, ...value }))
}

/** @throws AiosError `AIOS_CORRUPT` for bytes that are no note of this format */
export function decodeNote(value: Uint8Array, place: RecordPlace): KeptNote {
  return decoded(value, place, keptNote)
}

/** @throws AiosError `AIOS_CORRUPT` for bytes that are no result of this format */
export function decodeResult(value: Uint8Array, place: RecordPlace): KeptResult {
  return decoded(value, place, (data) => {
    const { verb, digest, before } = data
    if (verb !== 'add' && verb !== 'update' && verb !== 'remove') throw new TypeError('verb')
    return {
      verb,
      digest: text(digest),
      ...keptNote(data),
      ...(before === undefined ? {} : { before: noteFrom(before) }),
    }
  })
}

/** @throws AiosError `AIOS_CORRUPT` for bytes that hold no serial number in this format */
export function decodeHead(value: Uint8Array, place: RecordPlace): number {
  return decoded(value, place, ({ last }) => whole(last))
}

type Data = Readonly<Record<string, unknown>>

function decoded<T>(value: Uint8Array, place: RecordPlace, read: (data: Data) => T): T {
  let data: Data
  try {
    data = object(JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()))
    if (data['format'] === FORMAT) return read(data)
  } catch (cause) {
    throw damaged(place, 'got other bytes', cause)
  }
  throw damaged(place, `got format ${JSON.stringify(data['format'])?.slice(0, 40)}`)
}

function damaged({ space, key }: RecordPlace, what: string, cause?: unknown): AiosError {
  const name = Buffer.from(key).toString('hex', 0, 64)
  return new AiosError(
    'AIOS_CORRUPT',
    `Expected record ${name} in space "${space}" in format ${FORMAT} of the embedded memory, ${what}. Put it back from a backup, or remove it.`,
    { details: { space, key }, ...(cause === undefined ? {} : { cause }) },
  )
}

function keptNote({ note, edition, by }: Data): KeptNote {
  return { note: noteFrom(note), edition: whole(edition), ...(by === undefined ? {} : { by: text(by) }) }
}

function noteFrom(value: unknown): MemoryNote {
  const data = object(value)
  const { category } = data
  return Object.freeze({
    id: text(data['id']),
    namespace: text(data['namespace']),
    content: text(data['content']),
    keywords: texts(data['keywords']),
    tags: texts(data['tags']),
    category: category === undefined ? undefined : text(category),
    metadata: frozenJson(object(data['metadata']) as MemoryNote['metadata'], 'metadata'),
    createdAt: real(data['createdAt']),
    updatedAt: real(data['updatedAt']),
  })
}

function object(value: unknown): Data {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Data
  throw new TypeError('Expected an object.')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError('Expected a text.')
}

function texts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return Object.freeze(value.map(text))
  throw new TypeError('Expected a list of texts.')
}

function real(value: unknown): number {
  if (typeof value === 'number') return value
  throw new TypeError('Expected a number.')
}

function whole(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new TypeError('Expected a whole number.')
}

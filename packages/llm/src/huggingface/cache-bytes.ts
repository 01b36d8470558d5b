import { AiosError } from '@aios/kernel/driver'
import { isRecord } from '../core/record.js'

/** Is a tensor as data. */
export interface PlainTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly bytes: Uint8Array
}

interface Entry {
  readonly name: string
  readonly type: string
  readonly dims: readonly number[]
  readonly length: number
}

const HEAD_BYTES = 4

/** Writes tensors by name into one piece: how long the head is, the head, which is JSON, and their bytes. */
export function cacheBytes(tensors: Readonly<Record<string, PlainTensor>>): Uint8Array {
  const entries = Object.entries(tensors)
  const heads = entries.map(([name, { type, dims, bytes }]): Entry => ({ name, type, dims, length: bytes.length }))
  const head = Buffer.from(JSON.stringify(heads))
  const length = Buffer.alloc(HEAD_BYTES)
  length.writeUInt32LE(head.length)
  return new Uint8Array(Buffer.concat([length, head, ...entries.map(([, { bytes }]) => bytes)]))
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value)) return false
  const { name, type, dims, length } = value
  return typeof name === 'string' && typeof type === 'string' && Array.isArray(dims) && Number.isSafeInteger(length)
}

function entriesOf(bytes: Buffer): readonly Entry[] {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (Array.isArray(value) && value.every(isEntry)) return value
  } catch (error) {
    throw damaged(error)
  }
  throw damaged()
}

function damaged(cause?: unknown): AiosError {
  const message = 'Expected the memory of an answer as it was saved, got other bytes. Ask again from the beginning.'
  return new AiosError('AIOS_CORRUPT', message, cause === undefined ? {} : { cause })
}

/**
 * Reads what {@link cacheBytes} wrote. Each tensor gets bytes of its own, which begin where any kind of number may.
 *
 * @throws AiosError `AIOS_CORRUPT`
 */
export function tensorsOf(memory: Uint8Array): Readonly<Record<string, PlainTensor>> {
  const all = Buffer.from(memory.buffer, memory.byteOffset, memory.length)
  if (all.length < HEAD_BYTES) throw damaged()
  let at = HEAD_BYTES + all.readUInt32LE()
  const entries = entriesOf(all.subarray(HEAD_BYTES, at)).map(({ name, type, dims, length }) => {
    const bytes = Uint8Array.from(all.subarray(at, at + length))
    at += length
    return [name, { type, dims, bytes }] as const
  })
  if (at !== all.length) throw damaged()
  return Object.fromEntries(entries)
}

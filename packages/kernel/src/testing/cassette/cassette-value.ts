import { AiosError } from '../../error/aios-error.js'
import { decodeError, encodeError, type StoredError } from '../../journal/error-codec.js'

/** Values nested deeper than this are refused: they are most likely cycles. */
export const DEEPEST = 200

type Tagged = Readonly<Record<string, unknown>>

/**
 * Writes a value so that it can be read in a file: JSON as it is; what JSON lacks as an object with one key that begins with
 * `$`. Keys whose value is undefined are left out.
 *
 * @throws AiosError `AIOS_NOT_CLONEABLE` for what holds functions, handles or itself
 */
export function encodeValue(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : String(value) }
    case 'bigint':
      return { $bigint: value.toString() }
    case 'undefined':
      return { $undefined: true }
    case 'object':
      return value === null ? null : encodeObject(value, depth)
    default:
      throw notCloneable(`a ${typeof value}`)
  }
}

function encodeObject(value: object, depth: number): unknown {
  if (depth > DEEPEST) throw notCloneable('values nested too deep, or a cycle')
  const inner = (each: unknown): unknown => encodeValue(each, depth + 1)
  if (Array.isArray(value)) return value.map(inner)
  if (value instanceof Date) return { $date: value.getTime() }
  if (value instanceof Map) return { $map: [...value.entries()].map(([key, each]) => [inner(key), inner(each)]) }
  if (value instanceof Set) return { $set: [...value.values()].map(inner) }
  if (value instanceof RegExp) return { $regexp: [value.source, value.flags] }
  if (value instanceof Error) return { $error: inner(encodeError(value)) }
  if (value instanceof ArrayBuffer) return { $buffer: Buffer.from(value).toString('base64') }
  if (ArrayBuffer.isView(value)) return bytesOf(value)
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  const encoded = Object.fromEntries(entries.map(([key, each]) => [key, inner(each)]))
  return entries.some(([key]) => key.startsWith('$')) ? { $object: encoded } : encoded
}

function bytesOf(view: ArrayBufferView): Tagged {
  const base64 = Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64')
  const { name } = view.constructor
  return name === 'Uint8Array' ? { $bytes: base64 } : { $view: [name, base64] }
}

const VIEWS: Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayBufferView>> = {
  DataView,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
}

/**
 * Reads a value that {@link encodeValue} wrote.
 *
 * @throws TypeError for a tag that it does not know
 */
export function decodeValue(encoded: unknown): unknown {
  if (typeof encoded !== 'object' || encoded === null) return encoded
  if (Array.isArray(encoded)) return encoded.map(decodeValue)
  const [key] = Object.keys(encoded)
  return key?.startsWith('$') === true ? decodeTagged(key, (encoded as Tagged)[key]) : decodeFields(encoded)
}

function decodeFields(encoded: object): Tagged {
  return Object.fromEntries(Object.entries(encoded).map(([key, each]) => [key, decodeValue(each)]))
}

function decodeTagged(tag: string, value: unknown): unknown {
  switch (tag) {
    case '$number':
      return Number(value)
    case '$bigint':
      return BigInt(value as string)
    case '$undefined':
      return undefined
    case '$date':
      return new Date(value as number)
    case '$map':
      return new Map((value as [unknown, unknown][]).map(([key, each]) => [decodeValue(key), decodeValue(each)]))
    case '$set':
      return new Set((value as unknown[]).map(decodeValue))
    case '$regexp':
      return new RegExp(...(value as [string, string]))
    case '$error':
      return decodeError(decodeValue(value) as StoredError)
    case '$object':
      return decodeFields(value as object)
    default:
      return decodeBinary(tag, value)
  }
}

function decodeBinary(tag: string, value: unknown): unknown {
  if (tag === '$bytes') return new Uint8Array(bufferOf(value as string))
  if (tag === '$buffer') return bufferOf(value as string)
  const [name, base64] = tag === '$view' ? (value as [string, string]) : ['', '']
  if (name === 'Buffer') return Buffer.from(base64, 'base64')
  const View = VIEWS[name]
  if (View === undefined) throw new TypeError(`${tag} ${name} is not known`)
  return new View(bufferOf(base64))
}

/** A buffer of its own: that of a Buffer may hold others too. */
function bufferOf(base64: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(base64, 'base64')).buffer
}

function notCloneable(what: string): AiosError {
  return new AiosError('AIOS_NOT_CLONEABLE', `Expected values that a cassette can keep, got ${what}.`)
}

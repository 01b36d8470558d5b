import { createHash } from 'node:crypto'

/** Is how values are put into words. */
interface WordOptions {
  /** Writes the keys of objects in the order of their code units. Default: false, as they stand. */
  readonly sorted?: boolean
}

/**
 * Characters up to which objects that stand at several places are written out at each of them, so that a value says the same
 * whether its parts are shared or copies. Beyond it they are referred to: a few objects can stand at more places than there is room for.
 */
const MOST_REPEATED = 4_194_304

/** Is an object that is being written: what is left of it. */
interface Frame {
  readonly object: object
  readonly parts: Generator<string | object, void, undefined>
  /** Whether it was written before. */
  readonly again: boolean
}

/**
 * Puts a value into words: what JSON can say as JSON says it, without the keys whose value is undefined; all else in words that no
 * JSON text has, so that values which differ in anything that the structured clone algorithm keeps differ in their words. Of an object
 * that holds itself, the inner one is told by the number of the outer: `{"self":#0}`. Never throws for what that algorithm made, however
 * deep it is.
 *
 * @param write - takes the words, piece by piece
 */
export function writeWords(value: unknown, write: (text: string) => void, options: WordOptions = {}): void {
  new WordWriter(write, options).write(value)
}

class WordWriter {
  readonly #write: (text: string) => void
  readonly #sorted: boolean
  /** The objects that were opened, with how many had been by then. */
  readonly #numbers = new Map<object, number>()
  readonly #above = new Set<object>()
  readonly #frames: Frame[] = []
  #opened = 0
  /** How many of the frames are of objects that were written before. */
  #again = 0
  #repeatable = MOST_REPEATED

  constructor(write: (text: string) => void, { sorted = false }: WordOptions) {
    this.#write = write
    this.#sorted = sorted
  }

  write(value: unknown): void {
    this.#put(wordOf(value))
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const next = frame.parts.next()
      if (next.done === true) this.#leave(frame)
      else this.#put(next.value)
    }
  }

  #put(part: string | object): void {
    if (typeof part !== 'string') {
      this.#enter(part)
      return
    }
    if (this.#again > 0) this.#repeatable -= part.length
    this.#write(part)
  }

  #enter(object: object): void {
    const number = this.#numbers.get(object)
    if (number !== undefined && (this.#above.has(object) || this.#repeatable <= 0)) {
      this.#put(`#${number}`)
      return
    }
    const again = number !== undefined
    if (again) this.#again += 1
    this.#numbers.set(object, this.#opened)
    this.#opened += 1
    this.#above.add(object)
    this.#frames.push({ object, again, parts: partsOf(object, this.#sorted) })
  }

  #leave({ object, again }: Frame): void {
    this.#frames.pop()
    this.#above.delete(object)
    if (again) this.#again -= 1
  }
}

/** Returns the words of a value that holds no others, and an object that does as it is. */
function wordOf(value: unknown): string | object {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${value}n`
    case 'boolean':
      return String(value)
    case 'object':
      return value === null ? 'null' : leafOf(value)
    default:
      return 'undefined'
  }
}

function leafOf(value: object): string | object {
  if (ArrayBuffer.isView(value))
    return bytesOf(kindOf(value), new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  if (value instanceof ArrayBuffer) return bytesOf('ArrayBuffer', new Uint8Array(value))
  if (value instanceof Date) return `Date(${Number.isNaN(value.getTime()) ? 'NaN' : value.toISOString()})`
  if (value instanceof RegExp) return `RegExp(${JSON.stringify([value.source, value.flags])})`
  if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt)
    return `Object(${wordOf(value.valueOf()) as string})`
  return value
}

/** A Buffer is a Uint8Array: what holds the same bytes says the same. */
function kindOf(view: ArrayBufferView): string {
  return Object.prototype.toString.call(view).slice(8, -1)
}

function bytesOf(kind: string, bytes: Uint8Array): string {
  return `${kind}(${createHash('sha256').update(bytes).digest('hex')})`
}

function partsOf(object: object, sorted: boolean): Frame['parts'] {
  if (Array.isArray(object)) return listOf(object)
  if (object instanceof Map) return mapOf(object)
  if (object instanceof Set) return itemsOf('Set[', object)
  if (object instanceof Error) return errorOf(object)
  const keys = Object.keys(object)
  return fieldsOf('{', object, sorted ? keys.sort(byCodeUnits) : keys)
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** An array may have holes, and keys besides its items. */
function listOf(array: readonly unknown[]): Frame['parts'] {
  const { length } = array
  const keys = Object.keys(array)
  const isDense = keys.length === length && (length === 0 || keys[length - 1] === String(length - 1))
  return isDense ? itemsOf('[', array) : itemsOf(`Array(${length})[`, Object.entries(array))
}

function* itemsOf(head: string, items: Iterable<unknown>): Frame['parts'] {
  yield head
  let isFirst = true
  for (const item of items) {
    if (!isFirst) yield ','
    isFirst = false
    yield wordOf(item)
  }
  yield ']'
}

function* mapOf(map: ReadonlyMap<unknown, unknown>): Frame['parts'] {
  yield 'Map['
  let isFirst = true
  for (const [key, value] of map) {
    if (!isFirst) yield ','
    isFirst = false
    yield wordOf(key)
    yield ':'
    yield wordOf(value)
  }
  yield ']'
}

/** Where an error came about, its stack, is not what it says. */
function* errorOf(error: Error): Frame['parts'] {
  const { name, message } = error
  yield `Error(${JSON.stringify([String(name), String(message)])}`
  const { code } = error as { readonly code?: unknown }
  if (typeof code === 'string') yield `,code:${JSON.stringify(code)}`
  if (Object.hasOwn(error, 'cause')) {
    yield ',cause:'
    yield wordOf(error.cause)
  }
  yield ')'
}

function* fieldsOf(head: string, object: object, keys: readonly string[]): Frame['parts'] {
  yield head
  let isFirst = true
  for (const key of keys) {
    const value = (object as Readonly<Record<string, unknown>>)[key]
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue
    const word = wordOf(value)
    const name = `${isFirst ? '' : ','}${JSON.stringify(key)}:`
    isFirst = false
    if (typeof word === 'string') yield name + word
    else {
      yield name
      yield word
    }
  }
  yield '}'
}

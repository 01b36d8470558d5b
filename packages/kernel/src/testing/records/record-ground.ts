import type { RecordStore, RecordWrite, StoredRecord } from '../../record/record-store.js'
import { check } from '../conformance.js'

/** Is what `recordConformance` takes. */
export interface RecordConformanceOptions {
  /** Makes a store that is not open and holds nothing; called once for each case, and again where a case needs two. */
  make(): RecordStore | Promise<RecordStore>
  /**
   * Makes a store on what a closed one kept, as the next process would. Give it for every store whose records outlive `close`;
   * its cases do not run without it.
   */
  reopen?(store: RecordStore): RecordStore | Promise<RecordStore>
  /** Makes a second store on what one holds that is open, where the driver allows that; its cases do not run without it. */
  another?(store: RecordStore): RecordStore | Promise<RecordStore>
  /** Cleans up what lies beneath a store that `make` made; called when it is closed. */
  discard?(store: RecordStore): void | Promise<void>
  /** Operations of the case that compares the store with a model. Default 2,000. */
  readonly operations?: number
  /** Chooses those operations. Default 1. */
  readonly seed?: number
}

/** Is what a case gets. Whatever it opens is closed behind it. */
export interface RecordGround {
  /** Is open and empty. */
  readonly store: RecordStore
  readonly operations: number
  readonly seed: number
  /** Makes another fresh store, and opens it. */
  fresh(): Promise<RecordStore>
  /** Closes a store and opens what it kept. */
  reopen(store: RecordStore): Promise<RecordStore>
  /** Opens a second store on what one holds. */
  another(store: RecordStore): Promise<RecordStore>
}

/** Is one case before it has a store to run on. */
export interface RecordCase {
  readonly name: string
  /** What of the options it cannot run without. */
  readonly needs?: 'reopen' | 'another'
  run(ground: RecordGround): Promise<void>
}

/** Returns text as bytes. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Returns a key whose order is that of a number. */
export function keyOf(number: number): Uint8Array {
  return bytesOf(`key ${String(number).padStart(8, '0')}`)
}

/** Returns bytes in a form that can be compared and shown. */
export function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'nothing' : Buffer.from(bytes).toString('hex')
}

/** Returns all that an iteration gives. */
export async function collect<T>(iteration: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const each of iteration) all.push(each)
  return all
}

/** Begins an iteration and returns what its first `next` settles with. */
export function firstOf<T>(iteration: AsyncIterable<T>): Promise<IteratorResult<T>> {
  return iteration[Symbol.asyncIterator]().next()
}

/** Throws unless both are the same bytes. */
export function checkBytes(got: Uint8Array | undefined, wanted: Uint8Array | undefined, what: string): void {
  const same = got === undefined || wanted === undefined ? got === wanted : Buffer.compare(got, wanted) === 0
  check(same, `Expected ${hexOf(wanted).slice(0, 80)} as ${what}, got ${hexOf(got).slice(0, 80)}.`)
}

/** Throws unless these are the keys of the records, in this order. */
export function checkKeys(records: readonly StoredRecord[], wanted: readonly Uint8Array[], what: string): void {
  const got = records.map(({ key }) => hexOf(key)).join(', ')
  const right = wanted.map(hexOf).join(', ')
  check(got === right, `Expected the keys ${right} from ${what}, got ${got}.`)
}

/** Throws unless two numbers are the same. */
export function checkEqual(got: number, wanted: number, what: string): void {
  check(got === wanted, `Expected ${wanted} as ${what}, got ${got}.`)
}

/** Makes a write of a batch that puts text. */
export function putOf(key: Uint8Array, text: string, ifVersion?: number): RecordWrite {
  return { op: 'put', space: 'a', key, value: bytesOf(text), ifVersion }
}

/** Returns all that some spaces of a store hold, in a form that can be compared. */
export async function contentOf(store: RecordStore, ...spaces: readonly string[]): Promise<string> {
  const lines: string[] = []
  for (const space of spaces)
    for await (const { key, value } of store.range(space)) lines.push(`${space} ${hexOf(key)} ${hexOf(value)}`)
  return lines.join('\n')
}

/** Makes numbers that look random but are the same for the same seed. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = (Math.abs(Math.trunc(seed)) % 2_147_483_646) + 1
    this.below(2)
  }

  below(limit: number): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647
    return Math.floor((this.#state / 2_147_483_647) * limit)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

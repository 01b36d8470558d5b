import { AiosError, type DriverServices } from '@aios/kernel/driver'
import type { Memory } from './example.js'
import { decodeMemory, encodeMemory } from './memory-codec.js'

/** Where examples lie in the kernel's records. */
const SPACE = 'llm/routing'
/** Examples that are written at once. */
const BATCH = 256
/** Tries to find a free place, where another kernel writes to the same records. */
const MOST_CONFLICTS = 16

/** Keeps what was learnt in the kernel's records, the newest examples up to a number. */
export class KeptHistory {
  readonly #services: DriverServices
  readonly #most: number
  /** Keys of the examples that are there, the oldest first. */
  readonly #keys: Uint8Array[] = []
  readonly #waiting: Memory[] = []
  #writing: Promise<void> | undefined = undefined
  #next = 1n

  constructor(services: DriverServices, most: number) {
    this.#services = services
    this.#most = most
  }

  /** Reads what is there, the oldest first. */
  async load(learn: (memory: Memory) => void): Promise<void> {
    const { records, log } = this.#services
    let unread = 0
    for await (const { key, value } of records.range(SPACE)) {
      const memory = decodeMemory(value)
      if (memory === undefined) unread += 1
      else learn(memory)
      this.#keys.push(key)
    }
    if (unread > 0) log.warn('routing examples of another form were passed over', { examples: unread })
    this.#next = after(this.#keys.at(-1))
  }

  /** Keeps an example; it is written soon. */
  add(memory: Memory): void {
    this.#waiting.push(memory)
    if (this.#waiting.length > this.#most) this.#waiting.shift()
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  /** Waits until all is written. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async #write(): Promise<void> {
    // Those that are learnt in the same turn go together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH)
      try {
        await this.#put(batch.map(encodeMemory))
      } catch (error) {
        this.#services.log.error('routing examples were not kept', { examples: batch.length, error })
      }
    }
  }

  async #put(values: readonly Uint8Array[]): Promise<void> {
    const { records } = this.#services
    for (let conflicts = 0; ; conflicts += 1) {
      const added = values.map((_, at) => keyOf(this.#next + BigInt(at)))
      const gone = this.#keys.slice(0, Math.max(0, this.#keys.length + values.length - this.#most))
      try {
        await records.batch([
          ...values.map(
            (value, at) => ({ op: 'put', space: SPACE, key: added[at] as Uint8Array, value, ifVersion: 0 }) as const,
          ),
          ...gone.map((key) => ({ op: 'remove', space: SPACE, key }) as const),
        ])
        this.#next += BigInt(values.length)
        this.#keys.splice(0, gone.length)
        this.#keys.push(...added)
        return
      } catch (error) {
        if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT') || conflicts >= MOST_CONFLICTS) throw error
        for await (const { key } of records.range(SPACE, { reverse: true, limit: 1 })) this.#next = after(key)
      }
    }
  }
}

function keyOf(number: bigint): Uint8Array {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, number)
  return key
}

function after(key: Uint8Array | undefined): bigint {
  return key?.length === 8 ? new DataView(key.buffer, key.byteOffset).getBigUint64(0) + 1n : 1n
}

import { AiosError } from '../../error/aios-error.js'
import type { RecordRange, RecordStore, RecordWrite } from '../../record/record-store.js'
import { check } from '../conformance.js'
import { bytesOf, checkEqual, collect, Dice, hexOf, type RecordCase, type RecordGround } from './record-ground.js'
import { checkSame, RecordModel } from './record-model.js'

const SPACES = ['a', 'a/b', 'zz-9'] as const
const KEYS = [...'abcdefgh', 'aa', 'ab', 'ab/', 'key of a length that is not short']
  .map(bytesOf)
  .concat([[0], [0, 0], [1], [127], [128], [255], [255, 0], [255, 255]].map((key) => Uint8Array.from(key)))

/** Does operations that dice choose, on a store and on a model, and compares what both return. */
class ModelRun {
  readonly #ground: RecordGround
  readonly #dice: Dice
  readonly #model = new RecordModel()
  #store: RecordStore

  constructor(ground: RecordGround) {
    this.#ground = ground
    this.#dice = new Dice(ground.seed)
    this.#store = ground.store
  }

  async step(at: number, canReopen: boolean): Promise<void> {
    const choice = this.#dice.below(100)
    if (choice < 25) await this.#put()
    else if (choice < 40) await this.#remove()
    else if (choice < 60) await this.#batch()
    else if (choice < 75) await this.#get()
    else if (choice < 90) await this.#range()
    else if (choice < 97) await this.#size()
    else if (choice < 98) await this.#store.compact()
    else if (canReopen && at % 3 === 0) this.#store = await this.#ground.reopen(this.#store)
  }

  /** Compares all there is. */
  async finish(): Promise<void> {
    for (const space of SPACES)
      checkSame(await collect(this.#store.range(space)), this.#model.range(space, {}), `all of space "${space}"`)
  }

  #record(): { readonly space: string; readonly key: Uint8Array } {
    return { space: this.#dice.pick(SPACES), key: this.#dice.pick(KEYS) }
  }

  #value(): Uint8Array {
    return new Uint8Array(this.#dice.below(40)).fill(this.#dice.below(256))
  }

  /** Returns a condition, true or false, or none. */
  #condition(space: string, key: Uint8Array): number | undefined {
    const dice = this.#dice.below(10)
    if (dice < 4) return undefined
    const version = this.#model.versionOf(space, key)
    return dice < 8 ? version : this.#dice.pick([0, version + 1, Math.max(0, version - 1), 1])
  }

  #holds({ space, key, ifVersion }: Pick<RecordWrite, 'space' | 'key' | 'ifVersion'>): boolean {
    return ifVersion === undefined || ifVersion === this.#model.versionOf(space, key)
  }

  /** Expects a write to be refused exactly if its conditions do not hold; returns its result otherwise. */
  async #outcome<T>(holds: boolean, write: Promise<T>): Promise<{ readonly result: T } | undefined> {
    try {
      const result = await write
      check(holds, 'Expected a write to be refused whose condition does not hold.')
      return { result }
    } catch (error) {
      if (holds || !AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
      return undefined
    }
  }

  async #put(): Promise<void> {
    const { space, key } = this.#record()
    const [value, ifVersion] = [this.#value(), this.#condition(space, key)]
    const holds = this.#holds({ space, key, ifVersion })
    const done = await this.#outcome(holds, this.#store.put(space, key, value, { ifVersion }))
    if (done !== undefined) this.#model.put(space, { key, value, version: done.result })
  }

  async #remove(): Promise<void> {
    const { space, key } = this.#record()
    const ifVersion = this.#condition(space, key)
    const holds = this.#holds({ space, key, ifVersion })
    const done = await this.#outcome(holds, this.#store.remove(space, key, { ifVersion }))
    if (done === undefined) return
    check(
      done.result === this.#model.remove(space, key),
      `Expected remove of ${hexOf(key)} to say whether it was there.`,
    )
  }

  async #batch(): Promise<void> {
    const writes = new Map<string, RecordWrite>()
    for (let left = this.#dice.below(12); left > 0; left -= 1) {
      const { space, key } = this.#record()
      // Most conditions hold, so that whole batches do.
      const ifVersion = this.#dice.below(4) === 0 ? this.#condition(space, key) : undefined
      const isPut = this.#dice.below(3) > 0
      const write: RecordWrite = isPut
        ? { op: 'put', space, key, value: this.#value(), ifVersion }
        : { op: 'remove', space, key, ifVersion }
      writes.set(`${space} ${hexOf(key)}`, write)
    }
    const batch = [...writes.values()]
    const done = await this.#outcome(
      batch.every((write) => this.#holds(write)),
      this.#store.batch(batch),
    )
    if (done === undefined) return
    for (const write of batch) {
      if (write.op === 'remove') this.#model.remove(write.space, write.key)
      else {
        const version = (await this.#store.get(write.space, write.key))?.version ?? 0
        this.#model.put(write.space, { key: write.key, value: write.value, version })
      }
    }
  }

  async #get(): Promise<void> {
    const { space, key } = this.#record()
    checkSame([await this.#store.get(space, key)], [this.#model.get(space, key)], 'get')
    const keys = Array.from({ length: this.#dice.below(8) }, () => this.#dice.pick(KEYS))
    const wanted = keys.map((each) => this.#model.get(space, each))
    checkSame(await this.#store.getMany(space, keys), wanted, 'getMany')
  }

  async #range(): Promise<void> {
    const maybe = <T>(value: T): T | undefined => (this.#dice.below(2) === 0 ? value : undefined)
    const range: RecordRange = {
      from: maybe(this.#dice.pick(KEYS)),
      to: maybe(this.#dice.pick(KEYS)),
      reverse: maybe(true),
      limit: maybe(1 + this.#dice.below(6)),
    }
    const space = this.#dice.pick(SPACES)
    checkSame(await collect(this.#store.range(space, range)), this.#model.range(space, range), 'range')
  }

  async #size(): Promise<void> {
    const space = this.#dice.pick(SPACES)
    const { records, bytes } = await this.#store.size(space)
    checkEqual(records, this.#model.range(space, {}).length, 'number of records')
    checkEqual(bytes, this.#model.bytes(space), 'number of bytes')
  }
}

async function compare(ground: RecordGround, canReopen: boolean): Promise<void> {
  const run = new ModelRun(ground)
  for (let at = 0; at < ground.operations; at += 1) {
    try {
      await run.step(at, canReopen)
    } catch (error) {
      throw new Error(`Operation ${at} of seed ${ground.seed}: ${String(error)}`, { cause: error })
    }
  }
  await run.finish()
}

/** Are the cases that compare a store with a model. */
export const modelCases: readonly RecordCase[] = [
  { name: 'does what a plain map would, whatever is asked of it', run: (ground) => compare(ground, false) },
  {
    name: 'does what a plain map would, however often it is closed and opened again',
    needs: 'reopen',
    run: (ground) => compare(ground, true),
  },
]

import { checkOptions, option } from '../../option/check-options.js'
import type { RecordStore } from '../../record/record-store.js'
import type { ConformanceCase } from '../conformance.js'
import { argumentCases, openCases } from './argument-cases.js'
import { exportCases } from './export-cases.js'
import { keyCases } from './key-cases.js'
import { modelCases } from './model-case.js'
import { rangeCases } from './range-cases.js'
import type { RecordCase, RecordConformanceOptions, RecordGround } from './record-ground.js'
import { watchCases } from './watch-cases.js'
import { writeCases } from './write-cases.js'

const CASES: readonly RecordCase[] = [
  ...keyCases,
  ...rangeCases,
  ...writeCases,
  ...watchCases,
  ...exportCases,
  ...argumentCases,
  ...openCases,
  ...modelCases,
]

const OPTIONS = option.object({
  make: option.function,
  reopen: option.optional(option.function),
  another: option.optional(option.function),
  discard: option.optional(option.function),
  operations: option.optional(option.integer(1)),
  seed: option.optional(option.integer(0)),
})

/** Opens the stores of one case, and closes them all behind it. */
class CaseStores {
  readonly #options: RecordConformanceOptions
  readonly #made: RecordStore[] = []
  readonly #open = new Set<RecordStore>()

  constructor(options: RecordConformanceOptions) {
    this.#options = options
  }

  async ground(): Promise<RecordGround> {
    const { operations = 2_000, seed = 1 } = this.#options
    return {
      store: await this.#fresh(),
      operations,
      seed,
      fresh: () => this.#fresh(),
      reopen: async (store) => {
        await store.close()
        return this.#opened(await (this.#options.reopen?.(store) ?? store))
      },
      another: async (store) => this.#opened(await (this.#options.another?.(store) ?? store)),
    }
  }

  async close(): Promise<void> {
    for (const store of this.#open) {
      await store.close()
      // Closing twice must be harmless: whoever cleans up cannot always know who was first.
      await store.close()
    }
    for (const store of this.#made) await this.#options.discard?.(store)
  }

  async #fresh(): Promise<RecordStore> {
    const store = await this.#options.make()
    this.#made.push(store)
    return this.#opened(store)
  }

  async #opened(store: RecordStore): Promise<RecordStore> {
    await store.open()
    this.#open.add(store)
    return store
  }
}

async function runCase(options: RecordConformanceOptions, run: RecordCase['run']): Promise<void> {
  const stores = new CaseStores(options)
  try {
    await run(await stores.ground())
  } finally {
    await stores.close()
  }
}

/**
 * Returns the cases that every record store must pass: the sentences of the contract of `RecordStore`, one by one, and many
 * operations in a random but repeatable order that are compared with a plain map.
 *
 * @param options - how stores are made; what a store cannot do is left out, and so are its cases
 * @throws AiosError `AIOS_INVALID_OPTION` for unknown keys and wrong types
 * @example
 * ```ts
 * import { ramRecords } from '@aios/kernel'
 * import { recordConformance } from '@aios/kernel/testing'
 * import { it } from 'vitest'
 *
 * for (const { name, run } of recordConformance({ make: ramRecords, reopen: (store) => store })) it(name, run)
 * ```
 */
export function recordConformance(options: RecordConformanceOptions): ConformanceCase[] {
  checkOptions('recordConformance()', options, OPTIONS)
  return CASES.filter(({ needs }) => needs === undefined || options[needs] !== undefined).map(({ name, run }) => ({
    name,
    run: () => runCase(options, run),
  }))
}

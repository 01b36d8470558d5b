import type { MemoryDriver } from '@aios/kernel/driver'
import { ramRecords } from '@aios/kernel'
import { check, fakeDriverServices, virtualClock, type ConformanceCase } from '@aios/kernel/testing'
import { keepingCases } from './keeping-cases.js'
import { groundOf, type CurrentMemory, type MemoryCase } from './memory-ground.js'
import { repetitionCases } from './repetition-cases.js'
import { retrievalCases } from './retrieval-cases.js'

/** Makes a driver that is not open and holds nothing. */
export type MakeMemory = () => MemoryDriver | Promise<MemoryDriver>

/** Says what holds of a driver beside the contract. */
export interface MemoryConformanceOptions {
  /** Whether what it keeps outlives `close` on the same record store. Default false: the cases about that are left out. */
  readonly reopens?: boolean | undefined
}

async function onOpenDriver(make: MakeMemory, run: MemoryCase['run']): Promise<void> {
  const clock = virtualClock(1_000)
  const records = ramRecords()
  await records.open()
  const open = async (): Promise<MemoryDriver> => {
    const driver = await make()
    check(driver.kind === 'memory' && driver.id !== '', 'Expected kind "memory" and an id that is not empty.')
    await driver.open?.(fakeDriverServices(clock, records))
    return driver
  }
  const reopen = async (): Promise<void> => {
    await current.driver.close?.()
    current.driver = await open()
  }
  const current: CurrentMemory = { driver: await open(), clock, reopen }
  try {
    await run(groundOf(current))
  } finally {
    await current.driver.close?.()
    // Closing twice must be harmless: whoever cleans up cannot always know who was first.
    await current.driver.close?.()
    await records.close()
  }
}

/**
 * Returns the cases that every memory driver must pass: what is stored comes back, other namespaces never see it, and
 * retrieval follows each change at once, with scores above 0 in falling order, and a call that comes again with its key has
 * one effect.
 *
 * @param make - called for each case, and for each restart in it
 * @param options - what holds of the driver beside the contract
 * @example
 * ```ts
 * import { embeddedMemory } from '@aios/memory'
 * import { memoryConformance } from '@aios/memory/testing'
 * import { it } from 'vitest'
 *
 * for (const { name, run } of memoryConformance(() => embeddedMemory(), { reopens: true })) it(name, run)
 * ```
 */
export function memoryConformance(make: MakeMemory, options: MemoryConformanceOptions = {}): ConformanceCase[] {
  return [...keepingCases, ...retrievalCases, ...repetitionCases]
    .filter(({ reopens = false }) => !reopens || options.reopens === true)
    .map(({ name, run }) => ({ name, run: () => onOpenDriver(make, run) }))
}

import type { MemoryDriver } from '@aios/kernel/driver'
import { check, fakeDriverServices, virtualClock, type ConformanceCase } from '@aios/kernel/testing'
import { keepingCases } from './keeping-cases.js'
import { groundOf, type MemoryCase } from './memory-ground.js'
import { retrievalCases } from './retrieval-cases.js'

/** Makes a driver that is not open and holds nothing. */
export type MakeMemory = () => MemoryDriver | Promise<MemoryDriver>

async function onOpenDriver(make: MakeMemory, run: MemoryCase['run']): Promise<void> {
  const clock = virtualClock(1_000)
  const driver = await make()
  check(driver.kind === 'memory' && driver.id !== '', 'Expected kind "memory" and an id that is not empty.')
  await driver.open?.(fakeDriverServices(clock))
  try {
    await run(groundOf(driver, clock))
  } finally {
    await driver.close?.()
    // Closing twice must be harmless: whoever cleans up cannot always know who was first.
    await driver.close?.()
  }
}

/**
 * Returns the cases that every memory driver must pass: what is stored comes back, other namespaces never see it, and
 * retrieval follows each change at once, with scores above 0 in falling order.
 *
 * @param make - called once for each case
 * @example
 * ```ts
 * import { embeddedMemory } from '@aios/memory'
 * import { memoryConformance } from '@aios/memory/testing'
 * import { it } from 'vitest'
 *
 * for (const { name, run } of memoryConformance(() => embeddedMemory())) it(name, run)
 * ```
 */
export function memoryConformance(make: MakeMemory): ConformanceCase[] {
  return [...keepingCases, ...retrievalCases].map(({ name, run }) => ({ name, run: () => onOpenDriver(make, run) }))
}

import type { StorageDriver } from '@aios/kernel/driver'
import { check, checkRejects, fakeDriverServices, type ConformanceCase } from '@aios/kernel/testing'
import { concurrencyCases } from './concurrency-cases.js'
import { fileCases } from './file-cases.js'
import { HOSTILE_PATHS } from './hostile-paths.js'
import { checkSame, groundOf, type StorageCase } from './storage-ground.js'
import { treeCases } from './tree-cases.js'

/** Makes a driver that is not open and holds nothing. */
export type MakeStorage = () => StorageDriver | Promise<StorageDriver>

const hostileCases: readonly StorageCase[] = HOSTILE_PATHS.map(({ path, code, what }) => ({
  name: `rejects ${JSON.stringify(path)} with ${code} from every verb: ${what}`,
  async run({ write, text, list, stat, remove }) {
    await write('a/kept', 'kept')
    await checkRejects(write(path, 'x'), code)
    await checkRejects(text(path), code)
    await checkRejects(list({ path, recursive: true }), code)
    await checkRejects(stat(path), code)
    await checkRejects(remove(path, true), code)
    checkSame(await list({ recursive: true }), ['a', 'a/kept'])
  },
}))

async function onOpenDriver(make: MakeStorage, run: StorageCase['run']): Promise<void> {
  const driver = await make()
  check(driver.kind === 'storage' && driver.id !== '', 'Expected kind "storage" and an id that is not empty.')
  await driver.open?.(fakeDriverServices())
  try {
    await run(groundOf(driver))
  } finally {
    await driver.close?.()
    // Closing twice must be harmless: whoever cleans up cannot always know who was first.
    await driver.close?.()
  }
}

/**
 * Returns the cases that every storage driver must pass: files come back as they were written, listings are sorted,
 * hostile paths are refused, and whoever reads during a write sees the old content or the new.
 *
 * @param make - called once for each case
 * @example
 * ```ts
 * import { embeddedStorage } from '@aios/storage'
 * import { storageConformance } from '@aios/storage/testing'
 * import { it } from 'vitest'
 *
 * for (const { name, run } of storageConformance(() => embeddedStorage())) it(name, run)
 * ```
 */
export function storageConformance(make: MakeStorage): ConformanceCase[] {
  const cases = [...fileCases, ...treeCases, ...hostileCases, ...concurrencyCases]
  return cases.map(({ name, run }) => ({ name, run: () => onOpenDriver(make, run) }))
}

import type { StorageDriver } from '@aios/kernel/driver'
import { fakeDriverServices, type ConformanceCase } from '@aios/kernel/testing'
import { linkCases } from './link-cases.js'
import { rootCases } from './root-cases.js'
import { makeNeighbourhood, type RootCase } from './root-ground.js'
import { groundOf } from './storage-ground.js'

/** Makes a driver that is not open and keeps its files below `root`, an absolute path of an existing directory. */
export type MakeRootedStorage = (root: string) => StorageDriver | Promise<StorageDriver>

async function onOpenRoot(make: MakeRootedStorage, run: RootCase['run']): Promise<void> {
  const { root, outside, link, checkUntouched, dispose } = await makeNeighbourhood()
  try {
    const driver = await make(root)
    await driver.open?.(fakeDriverServices())
    try {
      await run({ ...groundOf(driver), root, outside, link })
    } finally {
      await driver.close?.()
    }
    await checkUntouched()
  } finally {
    await dispose()
  }
}

/**
 * Returns the cases that a storage driver over a real directory must pass besides `storageConformance`: links inside are
 * followed, nothing leads out of the root, not even a link that is swapped in during a call, and errors tell nothing of
 * the host. After each case everything around the root must be as it was.
 *
 * Makes symbolic links in the temporary directory of the system.
 *
 * @param make - called once for each case
 * @example
 * ```ts
 * import { embeddedStorage } from '@aios/storage'
 * import { storageRootConformance } from '@aios/storage/testing'
 * import { it } from 'vitest'
 *
 * for (const { name, run } of storageRootConformance((root) => embeddedStorage({ root }))) it(name, run)
 * ```
 */
export function storageRootConformance(make: MakeRootedStorage): ConformanceCase[] {
  return [...rootCases, ...linkCases].map(({ name, run }) => ({ name, run: () => onOpenRoot(make, run) }))
}

import { namesOf, type Neighbour } from './gate.js'
import { corruptStore, unavailable } from './lmdb-failure.js'
import type { LmdbSettings } from './lmdb-options.js'
import type { FoundStore } from './store-directory.js'

/**
 * Says what has to be looked at beside those who use a store.
 *
 * @throws AiosError `AIOS_STORE_UNAVAILABLE` beside those who mean something else by "committed"
 */
export function checkBeside(
  others: readonly Neighbour[],
  { dir, durability, readOnly, check }: LmdbSettings,
): LmdbSettings['check'] {
  const writers = others.filter(({ use }) => use !== 'reads')
  const different = writers.filter(({ use }) => use !== durability)
  if (!readOnly && different.length > 0)
    throw unavailable(
      dir,
      `${namesOf(different)} had it open with another durability than "${durability}"; use the same, or close it there first`,
    )
  // The first to write looked at all of it; nobody writes while this one looks, so it must not take long.
  return writers.length > 0 ? 'header' : check
}

/** A store that others use stays laid out as they know it. */
export function refuseMigration(dir: string, others: readonly Neighbour[]): void {
  if (others.length === 0) return
  throw unavailable(
    dir,
    `${namesOf(others)} had it open, and it has to be brought up to date for this release; close it there first`,
  )
}

/** A store that is written to must not hide records: what is put under a damaged key would be there twice. */
export function refuseDamaged({ dir, readOnly }: LmdbSettings, { damaged }: FoundStore): void {
  const [first] = damaged
  if (first === undefined || readOnly) return
  const which = `${damaged.length} ${damaged.length === 1 ? 'record' : 'records'} whose key or version is damaged, such as ${JSON.stringify(first.toString('latin1', 0, 80))}`
  throw corruptStore(dir, `${which}; pass "readOnly" and export the rest, or restore a backup`)
}

import { hasGate } from './gate.js'
import { lmdbFailure, unavailable } from './lmdb-failure.js'
import type { LmdbSettings } from './lmdb-options.js'
import { openNative } from './native-database.js'
import { findStore, makeStore } from './store-directory.js'
import { formatRecord, FORMAT_KEY, needsMigration, type StoreSchema } from './store-schema.js'

/** Makes a store in a directory that has none; what is not a store's is refused untouched. */
export async function makeIfMissing(settings: LmdbSettings, schema: StoreSchema): Promise<void> {
  // Where there is a gate, another process may be writing: then only who is inside of it can look.
  if (await hasGate(settings.dir)) return
  const found = await findStore({ ...settings, check: 'header' })
  if (found !== undefined) {
    needsMigration(settings.dir, found.schema, { schema, readOnly: settings.readOnly })
    return
  }
  const { dir, readOnly } = settings
  if (readOnly) throw unavailable(dir, 'there is none; open it once without "readOnly", which makes it')
  await makeStore(dir, async (aside) => {
    const database = openNative(aside, settings, (bytes) => bytes)
    try {
      const { packed, version } = formatRecord(schema.version)
      await database.put(FORMAT_KEY, packed, version)
      await new Promise<void>((resolve) => {
        database.sync(() => {
          resolve()
        })
      })
    } catch (error) {
      throw await lmdbFailure(error, dir)
    } finally {
      await database.close()
    }
  })
}

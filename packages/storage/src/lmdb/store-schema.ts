import { AiosError } from '@aios/kernel/driver'
import type { NativeDatabase } from './native-database.js'
import { packRecord } from './record-format.js'
import { ownKey } from './stored-key.js'

/** Stands at the beginning of the store's own record, so that no other LMDB is taken for ours. */
export const STORE_MAGIC = 'aios-records'
/** Names the record that tells what a directory holds. */
export const FORMAT_KEY = ownKey('format')
/** Version of that record; it is written anew, never conditionally. */
const FORMAT_VERSION = 1

/** Changes a store from one version of its schema to the next, inside of one write transaction. */
export type Migration = (database: NativeDatabase) => void

/** Is how this release lays a store out, and how it gets there from what earlier ones wrote. */
export interface StoreSchema {
  readonly version: number
  /** The first leads from version 1 to 2, and so on. */
  readonly migrations: readonly Migration[]
}

/** Is the schema of this release. */
export const STORE_SCHEMA: StoreSchema = { version: 1, migrations: [] }

/** Writes what a directory holds. */
export function formatRecord(version: number): { readonly packed: Uint8Array; readonly version: number } {
  const text = `${STORE_MAGIC} ${version}`
  return { packed: packRecord(FORMAT_KEY, Buffer.from(text, 'latin1'), FORMAT_VERSION), version: FORMAT_VERSION }
}

/** Returns the version of the schema that a format record tells, or undefined if it is none. */
export function schemaIn(value: Uint8Array): number | undefined {
  const [magic, version, ...more] = Buffer.from(value).toString('latin1', 0, 64).split(' ')
  if (magic !== STORE_MAGIC || more.length > 0 || version === undefined || !/^[1-9]\d{0,8}$/.test(version))
    return undefined
  return Number(version)
}

/**
 * Says whether a store of this version can be used as it is.
 *
 * @throws AiosError `AIOS_STORE_UNAVAILABLE` for one of a newer release, or one that would have to be changed but is only read
 */
export function needsMigration(
  dir: string,
  found: number,
  { schema, readOnly }: { schema: StoreSchema; readOnly: boolean },
): boolean {
  if (found > schema.version)
    throw new AiosError(
      'AIOS_STORE_UNAVAILABLE',
      `Expected a record store of schema ${schema.version} or older in "${dir}", got ${found}: it was written by a newer version of this library; upgrade to that. Nothing was changed.`,
      { retryable: false, details: { dir, found, known: schema.version } },
    )
  if (found < schema.version && readOnly)
    throw new AiosError(
      'AIOS_STORE_UNAVAILABLE',
      `Expected a record store of schema ${schema.version} in "${dir}", got ${found}; open it once without "readOnly", which brings it up to date.`,
      { retryable: false, details: { dir, found, known: schema.version } },
    )
  return found < schema.version
}

/** Brings a store up to date: all steps, and the new version, in one transaction. */
export async function migrate(database: NativeDatabase, found: number, schema: StoreSchema): Promise<void> {
  await database.childTransaction(() => {
    for (const step of schema.migrations.slice(found - 1, schema.version - 1)) step(database)
    const { packed, version } = formatRecord(schema.version)
    database.putSync(FORMAT_KEY, packed, version)
  })
}

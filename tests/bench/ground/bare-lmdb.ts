import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** Is what the benchmark uses of the `lmdb` package. */
export interface BareLmdb {
  getEntry(key: Buffer): { readonly value: Buffer; readonly version: number } | undefined
  put(key: Buffer, value: Buffer, version: number, ifVersion?: number | null): Promise<boolean>
  batch(act: () => void): Promise<boolean>
  close(): Promise<void>
}

/** Opens the library beneath `lmdbRecords`, with the same settings and nothing around it. */
export function bareLmdb(path: string): BareLmdb {
  const storage = createRequire(pathToFileURL(`${process.cwd()}/packages/storage/package.json`))
  const { open } = storage('lmdb') as { open(path: string, options: object): BareLmdb }
  return open(path, {
    encoding: 'binary',
    keyEncoding: 'binary',
    useVersions: true,
    noSubdir: false,
    noSync: true,
    overlappingSync: false,
    eventTurnBatching: false,
  })
}

// Writes a database of the `lmdb` package that no record store wrote.
import { createRequire } from 'node:module'

const [dir = ''] = process.argv.slice(2)
const storage = createRequire(new URL('../../../packages/storage/package.json', import.meta.url))
const { open } = storage('lmdb') as {
  open(options: object): { put(key: string, value: string): Promise<boolean>; close(): Promise<void> }
}
const database = open({ path: dir, noSubdir: false })
await database.put('greeting', 'hello')
await database.close()
process.disconnect()

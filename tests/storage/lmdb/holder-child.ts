// Opens a store, says whether it could, and writes until it is killed.
import { lmdbRecords } from '@aios/storage/lmdb'
import { bytes } from './lmdb-ground.js'

const [dir = ''] = process.argv.slice(2)
const store = lmdbRecords(dir)
try {
  await store.open()
  process.send?.('in')
  for (let at = 0; ; at += 1) await store.put('held', bytes(`${at}`), bytes('x'))
} catch (error) {
  process.send?.(error instanceof Error && 'code' in error ? error.code : String(error))
  process.disconnect()
}

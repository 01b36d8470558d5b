// Runs below a limit on the size of files: writes until there is no room, and reports what it met.
import { AiosError } from '@aios/kernel'
import { lmdbRecords } from '@aios/storage/lmdb'
import { bytes } from './lmdb-ground.js'

const [dir = ''] = process.argv.slice(2)
const store = lmdbRecords(dir)
await store.open()
let written = 0
let code = 'none'
while (code === 'none' && written < 2_000) {
  try {
    await store.put('fill', bytes(`key ${written}`), new Uint8Array(4_000).fill(written))
    written += 1
  } catch (error) {
    code = AiosError.is(error) ? error.code : String(error)
  }
}
const batch = await store
  .batch(
    Array.from({ length: 500 }, (_, at) => ({
      op: 'put' as const,
      space: 'batch',
      key: bytes(`${at}`),
      value: new Uint8Array(2_000),
    })),
  )
  .then(
    () => 'none',
    (error: unknown) => (AiosError.is(error) ? error.code : String(error)),
  )
const { records } = await store.size('fill')
const inBatch = (await store.size('batch')).records
for (let at = 0; at < 50; at += 1) await store.remove('fill', bytes(`key ${at}`))
await store.put('fill', bytes('again'), new Uint8Array(1_000))
await store.close()
process.send?.({ code, batch, isWhole: records === written, inBatch })
process.disconnect()

// Runs below a limit on the size of files, or on a small disk beside a ballast: writes until there is no room, and reports what it met.
import { AiosError } from '@aios/kernel'
import { lmdbRecords } from '@aios/storage/lmdb'
import { rm, writeFile } from 'node:fs/promises'
import { bytes } from './lmdb-ground.js'

const [dir = '', ballast] = process.argv.slice(2)
const codeOf = (error: unknown): string => (AiosError.is(error) ? error.code : String(error))
let unheard = 0
process.on('unhandledRejection', () => {
  unheard += 1
})
if (ballast !== undefined) await writeFile(ballast, Buffer.alloc(1_000_000))
const store = lmdbRecords(dir)
await store.open()
let written = 0
let code = 'none'
while (code === 'none' && written < 2_000) {
  try {
    await store.put('fill', bytes(`key ${written}`), new Uint8Array(4_000).fill(written))
    written += 1
  } catch (error) {
    code = codeOf(error)
  }
}
// The conditions and the removes of a batch that does not fit fail with it, and each of them is heard.
const batch = await store
  .batch([
    ...Array.from({ length: 500 }, (_, at) => ({
      op: 'put' as const,
      space: 'batch',
      key: bytes(`${at}`),
      value: new Uint8Array(2_000),
      ...(at === 0 ? { ifVersion: 0 } : {}),
    })),
    { op: 'remove', space: 'fill', key: bytes('key 0') },
    { op: 'remove', space: 'fill', key: bytes('key 1') },
  ])
  .then(() => 'none', codeOf)
const { records } = await store.size('fill')
const inBatch = (await store.size('batch')).records
if (ballast !== undefined) await rm(ballast)
for (let at = 0; at < 50; at += 1) await store.remove('fill', bytes(`key ${at}`))
await store.put('fill', bytes('again'), new Uint8Array(1_000))
await store.close()
const again = lmdbRecords(dir)
await again.open()
const isThere = (await again.get('fill', bytes('again'))) !== undefined
await again.close()
process.send?.({ code, batch, isWhole: records === written, inBatch, isThere, unheard })
process.disconnect()

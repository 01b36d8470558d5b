import { createReadStream } from 'node:fs'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ramRecords } from '@aios/sdk'

type Records = ReturnType<typeof ramRecords>

/**
 * Hands out a record store that begins with what an earlier start left in a folder, and saves it there at the end. It shows what
 * `export` and `import` are for; a store that survives a kill writes each change by itself.
 */
export async function withSavedRecords<T>(dataDir: string, use: (records: Records) => Promise<T>): Promise<T> {
  const file = join(dataDir, 'records')
  const records = ramRecords()
  await records.open()
  try {
    const isThere = await stat(file).then(
      () => true,
      () => false,
    )
    if (isThere) await records.import(createReadStream(file))
    const result = await use(records)
    await mkdir(dataDir, { recursive: true })
    await writeFile(`${file}.new`, records.export())
    await rename(`${file}.new`, file)
    return result
  } finally {
    await records.close()
  }
}

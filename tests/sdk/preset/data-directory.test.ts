import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readRun } from '@aios/kernel'
import { createKernel } from '@aios/sdk'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { directoryRecords } from '../../../packages/sdk/src/preset/data-directory.js'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

afterEach(() => {
  vi.doUnmock('@aios/storage/lmdb')
  vi.resetModules()
})

describe('a data directory', () => {
  it('keeps runs and notes from one kernel to the next', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aios-data-'))
    const dataDir = join(folder, 'made', 'here')
    const first = await createKernel({ dataDir })
    await first.run((sys) => sys.memory.add({ content: 'The key lies under the pot.' }), '', { runId: 'note' })
    await first.close()
    const second = await createKernel({ dataDir })
    await expect(second.sys({ name: 'note' }).memory.retrieve({ query: 'key' })).resolves.toHaveLength(0)
    await expect(second.readRun('note')).resolves.toMatchObject({ header: { state: 'fulfilled' } })
    await second.close()
    const records = await directoryRecords(dataDir, { readOnly: true })
    await records.open()
    expect((await readRun(records, 'note')).lines).toHaveLength(3)
    await records.close()
    rmSync(folder, { recursive: true })
  })

  it('rejects with AIOS_MISSING_PEER, saying what to install, where its store cannot be loaded', async () => {
    const cause = new Error('no native build')
    vi.doMock('@aios/storage/lmdb', () => {
      throw cause
    })
    await expect(createKernel({ dataDir: './never-made' })).rejects.toMatchObject({
      code: 'AIOS_MISSING_PEER',
      message: expect.stringMatching(/@aios\/storage\/lmdb, could not be loaded\. Install @aios\/storage/) as string,
      cause: expect.anything() as unknown,
    })
  })

  it('is all that loads the native library: importing the sdk and booting a kernel in RAM do not', async () => {
    const program = `
      const { createKernel } = await import('@aios/sdk')
      await (await createKernel()).close()
      const loaded = () => process.report.getReport().sharedObjects.some((file) => file.includes('lmdb'))
      const before = loaded()
      await (await createKernel({ dataDir: process.argv[1] })).close()
      console.log(before, loaded())`
    const dataDir = mkdtempSync(join(tmpdir(), 'aios-data-'))
    const args = [...NODE_ARGUMENTS, '--input-type=module', '-e', program, dataDir]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '..') })
    rmSync(dataDir, { recursive: true })
    expect(stdout).toBe('false true\n')
  }, 60_000)
})

import { chmod, mkdir, readdir, realpath, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRoot } from '../../../packages/storage/src/path/root.js'
import { freshDirectories } from '../fresh-directory.js'

const freshDirectory = freshDirectories()

describe('openRoot', () => {
  it('knows a root by its real path and as its owner spelt it', async () => {
    const base = await realpath(await freshDirectory())
    await mkdir(join(base, 'real'))
    await symlink('real', join(base, 'alias'))
    const root = await openRoot(join(base, 'alias'))
    expect([root.path, root.alias]).toEqual([join(base, 'real'), join(base, 'alias')])
  })

  it('never removes a directory that it was given', async () => {
    const base = await freshDirectory()
    await writeFile(join(base, 'file'), '')
    await (await openRoot(base)).dispose()
    expect(await readdir(base)).toEqual(['file'])
  })

  it('makes a temporary directory that only its owner can enter, and removes it with all it holds', async () => {
    const root = await openRoot(undefined)
    expect(dirname(root.path)).toBe(await realpath(tmpdir()))
    expect((await stat(root.path)).mode & 0o777).toBe(0o700)
    await mkdir(join(root.path, 'deep'))
    await chmod(join(root.path, 'deep'), 0o500)
    await root.dispose()
    await root.dispose()
    await expect(stat(root.path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses a root that is a file, or lies below one, or leads nowhere', async () => {
    const base = await freshDirectory()
    await writeFile(join(base, 'file'), '')
    await symlink('circle', join(base, 'circle'))
    for (const path of ['file', 'file/below', 'circle']) {
      const refused = {
        code: 'AIOS_INVALID_OPTION',
        message: expect.stringMatching(/^Expected a directory for "root", got E[A-Z]+ /),
      }
      await expect(openRoot(join(base, path))).rejects.toMatchObject(refused)
    }
  })
})

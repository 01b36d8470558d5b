import { lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { certainEntry, entryOf } from '../../../packages/storage/src/file/entry.js'
import { freshDirectories } from '../fresh-directory.js'

const freshDirectory = freshDirectories()

describe('entryOf', () => {
  it('describes files with their size and directories with none', async () => {
    const base = await freshDirectory()
    await writeFile(join(base, 'file'), '12345')
    await mkdir(join(base, 'dir'))
    const [file, dir] = [await lstat(join(base, 'file')), await lstat(join(base, 'dir'))]
    expect(entryOf(['x', 'y'], file)).toEqual({
      path: 'x/y',
      name: 'y',
      kind: 'file',
      sizeBytes: 5,
      modifiedAt: file.mtimeMs,
    })
    expect(entryOf([], dir)).toEqual({ path: '.', name: '.', kind: 'directory', sizeBytes: 0, modifiedAt: dir.mtimeMs })
  })

  it('describes nothing else', async () => {
    const base = await freshDirectory()
    await symlink('anywhere', join(base, 'link'))
    expect(entryOf(['x'], await lstat(join(base, 'link')))).toBeUndefined()
    expect(entryOf(['x'], await lstat('/dev/null'))).toBeUndefined()
  })
})

describe('certainEntry', () => {
  it('tells a link from what is neither a file nor a directory', async () => {
    const base = await freshDirectory()
    await symlink('anywhere', join(base, 'link'))
    const [link, device] = [await lstat(join(base, 'link')), await lstat('/dev/null')]
    expect(() => certainEntry(['x'], link)).toThrow(expect.objectContaining({ code: 'ELOOP' }))
    expect(() => certainEntry(['x'], device)).toThrow(expect.objectContaining({ code: 'ENXIO' }))
  })
})

import { mkdir, realpath, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { embeddedStorage } from '@aios/storage'
import { storageConformance, storageRootConformance } from '@aios/storage/testing'
import { describe, expect, it, vi } from 'vitest'
import { enterByPath } from '../../../packages/storage/src/path/path-directory.js'
import { freshDirectories } from '../fresh-directory.js'

// This file sees the storage as it is on systems without /proc.
vi.mock(import('../../../packages/storage/src/path/descriptor-directory.js'), () => ({
  hasDescriptorPaths: async () => false,
  enterByDescriptor: () => Promise.reject(new Error('There are no paths for descriptors here.')),
}))

const freshDirectory = freshDirectories()

describe('enterByPath', () => {
  it('notices a link that took the place of the directory, or of one above it', async () => {
    const base = await realpath(await freshDirectory())
    await mkdir(join(base, 'top', 'dir'), { recursive: true })
    const directory = await (await enterByPath(join(base, 'top'))).enter('dir')
    expect(await directory.at('file')).toBe(join(base, 'top', 'dir', 'file'))
    await rename(join(base, 'top'), join(base, 'moved'))
    await symlink('moved', join(base, 'top'))
    await expect(directory.at('file')).rejects.toMatchObject({ code: 'ELOOP' })
    await expect(directory.enter('below')).rejects.toMatchObject({ code: 'ELOOP' })
    await directory.leave()
  })

  it('enters no link and no file', async () => {
    const base = await realpath(await freshDirectory())
    await mkdir(join(base, 'dir'))
    await writeFile(join(base, 'file'), '')
    await symlink('dir', join(base, 'link'))
    const directory = await enterByPath(base)
    for (const name of ['link', 'file']) await expect(directory.enter(name)).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(directory.enter('missing')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('embeddedStorage without paths for descriptors', () => {
  // Against a link that is swapped in between a check and its use there is no defence but descriptors.
  const isRace = (name: string): boolean => name.includes('while a directory is being swapped')
  const rooted = storageRootConformance((root) => embeddedStorage({ root })).filter(({ name }) => !isRace(name))
  for (const { name, run } of [...storageConformance(() => embeddedStorage()), ...rooted]) it(name, run)
})

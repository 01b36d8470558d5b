import { mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { enterByDescriptor, hasDescriptorPaths } from '../../../packages/storage/src/path/descriptor-directory.js'
import { freshDirectories } from '../fresh-directory.js'

const freshDirectory = freshDirectories()

describe('enterByDescriptor', () => {
  it('reaches the entries of the directory that was entered, whatever takes its path afterwards', async () => {
    const base = await freshDirectory()
    await mkdir(join(base, 'dir'))
    await mkdir(join(base, 'evil'))
    await writeFile(join(base, 'dir', 'file'), 'good')
    await writeFile(join(base, 'evil', 'file'), 'evil')
    const directory = await enterByDescriptor(join(base, 'dir'))
    await rename(join(base, 'dir'), join(base, 'moved'))
    await symlink('evil', join(base, 'dir'))
    expect(await readFile(await directory.at('file'), 'utf8')).toBe('good')
    await directory.leave()
  })

  it('enters no link and no file', async () => {
    const base = await freshDirectory()
    await mkdir(join(base, 'dir'))
    await writeFile(join(base, 'file'), '')
    await symlink('dir', join(base, 'link'))
    const directory = await enterByDescriptor(base)
    for (const name of ['link', 'file']) await expect(directory.enter(name)).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(directory.enter('missing')).rejects.toMatchObject({ code: 'ENOENT' })
    const inside = await directory.enter('dir')
    await inside.leave()
    await directory.leave()
    await directory.leave()
  })
})

describe('hasDescriptorPaths', () => {
  it('says yes where the link of the descriptor names the directory, and no otherwise', async () => {
    const base = await realpath(await freshDirectory())
    const isLinux = process.platform === 'linux'
    expect(await hasDescriptorPaths(base)).toBe(isLinux)
    await symlink(base, `${base}-alias`)
    expect(await hasDescriptorPaths(`${base}-alias`)).toBe(false)
    await rm(`${base}-alias`)
  })
})

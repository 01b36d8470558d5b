import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { removeFile } from '../../../packages/storage/src/file/remove-file.js'
import { openRoot } from '../../../packages/storage/src/path/root.js'
import { tempName } from '../../../packages/storage/src/path/temp-name.js'
import { freshDirectories } from '../fresh-directory.js'

// Lets a test act right before a directory is removed, or an entry looked at.
const hook = vi.hoisted((): Record<'beforeRmdir' | 'beforeUnlink', (path: string) => Promise<unknown>> => ({
  beforeRmdir: async () => undefined,
  beforeUnlink: async () => undefined,
}))
vi.mock(import('node:fs/promises'), async (load) => {
  const real = await load()
  const rmdir = async (path: string) => {
    await hook.beforeRmdir(String(path))
    await real.rmdir(path)
  }
  const unlink = async (path: string) => {
    await hook.beforeUnlink(String(path))
    await real.unlink(path)
  }
  return { ...real, rmdir, unlink } as typeof real
})

const freshDirectory = freshDirectories()
const still = new AbortController().signal

async function remover() {
  const base = await freshDirectory()
  const root = await openRoot(base)
  hook.beforeRmdir = hook.beforeUnlink = async () => undefined
  const remove = (path: string, { recursive = false, signal = still } = {}) =>
    removeFile(root, { path: path.split('/'), recursive, signal })
  return { base, remove, names: async () => (await readdir(base, { recursive: true })).sort() }
}

describe('removeFile', () => {
  it('removes a directory that only looks empty because killed writers left files in it', async () => {
    const { base, remove, names } = await remover()
    await mkdir(join(base, 'dir'))
    for (const serial of [1, 2]) await writeFile(join(base, 'dir', tempName(7, serial)), '')
    expect((await remove('dir')).kind).toBe('directory')
    expect(await names()).toEqual([])
  })

  it('keeps what is being written in a directory that is not empty', async () => {
    const { base, remove, names } = await remover()
    await mkdir(join(base, 'dir'))
    for (const name of [tempName(7, 1), 'visible']) await writeFile(join(base, 'dir', name), '')
    await expect(remove('dir')).rejects.toMatchObject({ code: 'ENOTEMPTY' })
    expect(await names()).toHaveLength(3)
  })

  it('passes on why an empty directory cannot be removed', async () => {
    const { base, remove } = await remover()
    await mkdir(join(base, 'dir'))
    hook.beforeRmdir = () => Promise.reject(Object.assign(new Error('EBUSY'), { code: 'EBUSY' }))
    await expect(remove('dir')).rejects.toMatchObject({ code: 'EBUSY' })
  })

  it('empties a directory again when something was put into it meanwhile, five times at most', async () => {
    const { base, remove, names } = await remover()
    await mkdir(join(base, 'dir'))
    let additions = 0
    const addUpTo = (most: number) => async () => {
      if (additions < most) await writeFile(join(base, 'dir', `${(additions += 1)}`), '')
    }
    hook.beforeRmdir = addUpTo(4)
    await remove('dir', { recursive: true })
    expect([additions, await names()]).toEqual([4, []])
    await mkdir(join(base, 'dir'))
    additions = 0
    hook.beforeRmdir = addUpTo(5)
    await expect(remove('dir', { recursive: true })).rejects.toMatchObject({ code: 'ENOTEMPTY' })
  })

  it('goes on when somebody else removes an entry of a tree first, and stops at any other failure', async () => {
    const { base, remove, names } = await remover()
    await mkdir(join(base, 'dir'))
    for (const name of ['a', 'b']) await writeFile(join(base, 'dir', name), '')
    hook.beforeUnlink = (path) => rm(path)
    await remove('dir', { recursive: true })
    expect(await names()).toEqual([])
    await mkdir(join(base, 'dir'))
    await writeFile(join(base, 'dir', 'a'), '')
    hook.beforeUnlink = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }))
    await expect(remove('dir', { recursive: true })).rejects.toMatchObject({ code: 'EPERM' })
    expect(await names()).toEqual(['dir', join('dir', 'a')])
  })

  it('stops before the next entry when it is cancelled, and what is left can be removed later', async () => {
    const { base, remove, names } = await remover()
    await mkdir(join(base, 'dir'))
    for (let at = 0; at < 10; at += 1) await writeFile(join(base, 'dir', `${at}`), '')
    const controller = new AbortController()
    let removed = 0
    hook.beforeUnlink = async () => {
      removed += 1
      if (removed === 3) controller.abort('enough')
    }
    await expect(remove('dir', { recursive: true, signal: controller.signal })).rejects.toBe('enough')
    expect(await names()).toHaveLength(8)
    await remove('dir', { recursive: true })
    expect(await names()).toEqual([])
  })

  it('takes everything with a tree, also what no request could name', async () => {
    const { base, remove, names } = await remover()
    await mkdir(join(base, 'dir', 'back\\slash'), { recursive: true })
    await writeFile(join(base, 'dir', 'back\\slash', '...'), '')
    await symlink('nowhere', join(base, 'dir', 'link'))
    await remove('dir', { recursive: true })
    expect(await names()).toEqual([])
  })

  it('removes the link and not the directory when a request names a link, recursive or not', async () => {
    const { base, remove, names } = await remover()
    await mkdir(join(base, 'dir'))
    await writeFile(join(base, 'dir', 'file'), '')
    for (const recursive of [true, false]) {
      await symlink('dir', join(base, 'link'))
      await remove('link', { recursive })
    }
    expect(await names()).toEqual(['dir', join('dir', 'file')])
  })
})

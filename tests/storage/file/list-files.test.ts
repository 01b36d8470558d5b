import { execFileSync } from 'node:child_process'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { listFiles, type Listing } from '../../../packages/storage/src/file/list-files.js'
import { openRoot } from '../../../packages/storage/src/path/root.js'
import { tempName } from '../../../packages/storage/src/path/temp-name.js'
import { needsProgram } from '../../setup/needs.js'
import { freshDirectories } from '../fresh-directory.js'

// Lets a test act between the moment a name is read and the moment its entry is looked at.
const hook = vi.hoisted((): Record<'beforeLstat' | 'beforeOpen', (path: string) => Promise<unknown>> => ({
  beforeLstat: async () => undefined,
  beforeOpen: async () => undefined,
}))
vi.mock(import('node:fs/promises'), async (load) => {
  const real = await load()
  const lstat = async (path: string) => {
    await hook.beforeLstat(String(path))
    return real.lstat(path)
  }
  const open: typeof real.open = async (path, ...rest) => {
    await hook.beforeOpen(String(path))
    return real.open(path, ...rest)
  }
  return { ...real, lstat, open } as typeof real
})

const freshDirectory = freshDirectories()

async function lister() {
  const base = await freshDirectory()
  const root = await openRoot(base)
  hook.beforeLstat = hook.beforeOpen = async () => undefined
  const list = async (listing: Partial<Listing> = {}) => {
    const defaults = { path: [], recursive: true, maxEntries: 1_000, signal: new AbortController().signal }
    return (await listFiles(root, { ...defaults, ...listing })).map(({ path }) => path)
  }
  return { base, list }
}

const failing = (name: string, code: string) => async (path: string) => {
  if (path.endsWith(`/${name}`)) throw Object.assign(new Error(`${code}: '${path}'`), { code, syscall: 'lstat' })
}

describe('listFiles', () => {
  it('does not show files that are being written, nor names that no request could use', async () => {
    const { base, list } = await lister()
    for (const name of [tempName(1, 1), 'back\\slash', 'c:drive', '...', '%2e%2e', 'shown', '.hidden'])
      await writeFile(join(base, name), '')
    expect(await list()).toEqual(['.hidden', 'shown'])
  })

  it('shows whatever it lists under a path by which it can be listed', async () => {
    const { base, list } = await lister()
    await mkdir(join(base, 'dir', 'c:'), { recursive: true })
    await writeFile(join(base, 'dir', 'c:', 'file'), '')
    for (const path of await list()) expect(await list({ path: path.split('/').slice(0, -1) })).toContain(path)
  })

  needsProgram('mkfifo', 'does not show pipes', async (mkfifo) => {
    const { base, list } = await lister()
    execFileSync(mkfifo, [join(base, 'pipe')])
    await symlink('pipe', join(base, 'link'))
    expect(await list()).toEqual([])
  })

  it('leaves out entries that vanish, or turn into something else, while it looks', async () => {
    const { base, list } = await lister()
    for (const name of ['a', 'b', 'c']) await mkdir(join(base, name))
    await writeFile(join(base, 'b', 'inside'), '')
    hook.beforeLstat = async (path) => {
      if (path.endsWith('/a')) await rm(join(base, 'a'), { recursive: true })
    }
    expect(await list()).toEqual(['b', 'b/inside', 'c'])
    hook.beforeLstat = async (path) => {
      if (!path.endsWith('/inside')) return
      await rename(join(base, 'c'), join(base, 'parked'))
      await writeFile(join(base, 'c'), 'now a file')
    }
    expect(await list()).toEqual(['b', 'b/inside', 'c'])
  })

  it('says which entry it may not look at', async () => {
    const { base, list } = await lister()
    await mkdir(join(base, 'dir'))
    await writeFile(join(base, 'dir', 'locked'), '')
    hook.beforeLstat = failing('locked', 'EACCES')
    await expect(list()).rejects.toMatchObject({
      code: 'AIOS_ACCESS_DENIED',
      message: expect.stringContaining('"dir/locked"'),
    })
  })

  it('says which directory it may not enter', async () => {
    const { base, list } = await lister()
    await mkdir(join(base, 'dir', 'locked'), { recursive: true })
    hook.beforeOpen = failing('locked', 'EACCES')
    await expect(list()).rejects.toMatchObject({
      code: 'AIOS_ACCESS_DENIED',
      message: expect.stringContaining('"dir/locked"'),
    })
  })

  it('says which link it may not look through', async () => {
    const { base, list } = await lister()
    await writeFile(join(base, 'target'), '')
    await symlink('target', join(base, 'link'))
    let looks = 0
    hook.beforeLstat = async (path) => {
      looks += path.endsWith('/target') ? 1 : 0
      if (looks === 1) await failing('target', 'EIO')(path)
    }
    await expect(list()).rejects.toMatchObject({ code: 'EIO' })
  })

  it('counts every entry that it shows, over all directories, and takes exactly the bound', async () => {
    const { base, list } = await lister()
    await mkdir(join(base, 'dir'))
    for (const name of ['dir/a', 'dir/b', 'c']) await writeFile(join(base, name), '')
    expect(await list({ maxEntries: 4 })).toHaveLength(4)
    const refused = {
      code: 'AIOS_QUOTA_EXCEEDED',
      message: expect.stringContaining('Expected at most 3 entries below "."'),
    }
    await expect(list({ maxEntries: 3 })).rejects.toMatchObject(refused)
    expect(await list({ maxEntries: 2, recursive: false })).toHaveLength(2)
  })

  it('ends before the next directory when it is cancelled', async () => {
    const { base, list } = await lister()
    const controller = new AbortController()
    await mkdir(join(base, 'dir'))
    hook.beforeLstat = async () => controller.abort('enough')
    await expect(list({ signal: controller.signal })).rejects.toBe('enough')
    hook.beforeLstat = async () => undefined
    await expect(list({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
  })
})

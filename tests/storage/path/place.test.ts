import { mkdir, readdir, realpath, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { atPlace, type Looking } from '../../../packages/storage/src/path/place.js'
import { openRoot } from '../../../packages/storage/src/path/root.js'
import { freshDirectories } from '../fresh-directory.js'

const freshDirectory = freshDirectories()

/** Returns where a path leads below a fresh root, as the real path relative to it. */
async function seeker(prepare: (root: string) => Promise<void>) {
  const path = await realpath(await freshDirectory())
  await prepare(path)
  const root = await openRoot(path)
  return (looking: Looking) => atPlace(root, looking, async (place) => [...place.directoryPath, place.name].join('/'))
}

describe('atPlace', () => {
  it('finds entries that are there and entries that are not', async () => {
    const find = await seeker((root) => mkdir(join(root, 'a')))
    expect(await find({ path: [] })).toBe('.')
    expect(await find({ path: ['a'] })).toBe('a')
    expect(await find({ path: ['a', 'missing'] })).toBe('a/missing')
    await expect(find({ path: ['missing', 'below'] })).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('makes directories on the way only when asked, and never the last name', async () => {
    let base = ''
    const find = await seeker(async (root) => void (base = root))
    expect(await find({ path: ['x', 'y', 'z'], create: true })).toBe('x/y/z')
    expect(await readdir(base, { recursive: true })).toEqual(['x', join('x', 'y')])
  })

  it('makes what a link on the way leads to', async () => {
    let base = ''
    const find = await seeker(async (root) => {
      base = root
      await symlink('made/here', join(root, 'link'))
    })
    expect(await find({ path: ['link', 'file'], create: true })).toBe('made/here/file')
    expect((await stat(join(base, 'made', 'here'))).isDirectory()).toBe(true)
  })

  it('resolves .. in a link against where the link really is, as the system does', async () => {
    const find = await seeker(async (root) => {
      await mkdir(join(root, 'deep', 'down'), { recursive: true })
      await symlink('deep/down', join(root, 'jump'))
      await symlink('jump/../side', join(root, 'tricky'))
      await symlink('jump/..', join(root, 'up'))
    })
    expect(await find({ path: ['tricky'] })).toBe('deep/side')
    expect(await find({ path: ['up'] })).toBe('deep')
    expect(await find({ path: ['up', 'x'] })).toBe('deep/x')
  })

  it('takes absolute links that are spelt through the root, or through a link to it', async () => {
    const base = await realpath(await freshDirectory())
    await mkdir(join(base, 'real'))
    await symlink('real', join(base, 'alias'))
    await symlink(join(base, 'real', 'file'), join(base, 'real', 'one'))
    await symlink(join(base, 'alias', 'file'), join(base, 'real', 'other'))
    await symlink(join(base, 'alias'), join(base, 'real', 'root'))
    await symlink(`${join(base, 'alias')}-twin/file`, join(base, 'real', 'twin'))
    const root = await openRoot(join(base, 'alias'))
    const find = (name: string) =>
      atPlace(root, { path: [name] }, async (place) => [...place.directoryPath, place.name].join('/'))
    expect([await find('one'), await find('other'), await find('root')]).toEqual(['file', 'file', '.'])
    await expect(find('twin')).rejects.toMatchObject({ code: 'AIOS_ACCESS_DENIED' })
  })

  it('follows 40 links and no more', async () => {
    const find = await seeker(async (root) => {
      await writeFile(join(root, 'link-0'), '')
      for (let at = 1; at <= 41; at += 1) await symlink(`link-${at - 1}`, join(root, `link-${at}`))
    })
    expect(await find({ path: ['link-40'] })).toBe('link-0')
    const refused = {
      code: 'AIOS_ACCESS_DENIED',
      message: 'Expected a path that stays below the root, got "link-41": its links lead in a circle.',
    }
    await expect(find({ path: ['link-41'] })).rejects.toMatchObject(refused)
  })

  it('leaves the last link alone when asked, and only the last', async () => {
    const find = await seeker(async (root) => {
      await mkdir(join(root, 'dir'))
      await symlink('../../outside', join(root, 'dir', 'out'))
      await symlink('dir', join(root, 'link'))
    })
    expect(await find({ path: ['link', 'out'], followLast: false })).toBe('dir/out')
    await expect(find({ path: ['link', 'out'] })).rejects.toMatchObject({ code: 'AIOS_ACCESS_DENIED' })
  })

  it('lets go of every directory, also when the use of a place fails', async () => {
    const path = await realpath(await freshDirectory())
    await mkdir(join(path, 'a', 'b'), { recursive: true })
    const root = await openRoot(path)
    const before = process.platform === 'linux' ? (await readdir('/proc/self/fd')).length : 0
    for (let round = 0; round < 50; round += 1) {
      await expect(atPlace(root, { path: ['a', 'b', 'c'] }, () => Promise.reject(new Error('use')))).rejects.toThrow(
        'use',
      )
      await expect(atPlace(root, { path: ['a', 'x', 'c'] }, async () => 1)).rejects.toMatchObject({ code: 'ENOENT' })
    }
    const after = process.platform === 'linux' ? (await readdir('/proc/self/fd')).length : 0
    expect(after).toBeLessThanOrEqual(before + 5)
  })
})

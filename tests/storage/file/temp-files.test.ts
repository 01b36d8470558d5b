import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { discard, TempFiles } from '../../../packages/storage/src/file/temp-files.js'
import { atPlace } from '../../../packages/storage/src/path/place.js'
import { openRoot } from '../../../packages/storage/src/path/root.js'
import { tempName } from '../../../packages/storage/src/path/temp-name.js'
import { freshDirectories } from '../fresh-directory.js'

const freshDirectory = freshDirectories()
const HOUR_MS = 3_600_000

async function ground() {
  const base = await freshDirectory()
  const root = await openRoot(base)
  const clock = virtualClock(Date.parse('2030-01-01'))
  const temps = new TempFiles(clock)
  const tidy = (at: TempFiles, directory = '') =>
    atPlace(root, { path: [...directory.split('/').slice(1), 'file'] }, (place) => at.tidy(place))
  return { base, root, clock, temps, tidy, names: async () => (await readdir(base)).sort() }
}

/** Returns the number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid!
}

describe('TempFiles', () => {
  it('makes empty files with names of their own, also beside another maker of the same process', async () => {
    const { root, temps, clock, names } = await ground()
    await atPlace(root, { path: ['file'] }, async ({ directory }) => {
      for (const maker of [temps, new TempFiles(clock), temps])
        await (await maker.create(directory, 0o600)).handle.close()
    })
    expect(await names()).toEqual([1, 2, 3].map((serial) => tempName(process.pid, serial)))
  })

  it('passes on why a file cannot be made', async () => {
    const { root, temps } = await ground()
    const broken = {
      at: async () => join(root.path, 'missing', 'x'),
      enter: () => Promise.reject(new Error()),
      leave: async () => undefined,
    }
    await expect(temps.create(broken, 0o600)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('removes what processes that have ended left, and nothing else', async () => {
    const { base, temps, tidy, names } = await ground()
    const now = Date.parse('2030-01-01') / 1_000
    const kept = [tempName(process.pid, 99), tempName(process.ppid, 1), 'file', '.aios-notes.tmp']
    for (const name of [...kept, tempName(await deadPid(), 1)]) {
      await writeFile(join(base, name), 'x')
      await utimes(join(base, name), now, now)
    }
    await tidy(temps)
    expect(await names()).toEqual([...kept].sort())
  })

  it('removes what has lain for more than an hour, even if a process of that number runs', async () => {
    const { base, clock, tidy, names } = await ground()
    const name = tempName(process.pid, 99)
    await writeFile(join(base, name), 'x')
    await utimes(join(base, name), clock.now() / 1_000, clock.now() / 1_000)
    await clock.advance(HOUR_MS)
    await tidy(new TempFiles(clock))
    expect(await names()).toEqual([name])
    await clock.advance(1)
    await tidy(new TempFiles(clock))
    expect(await names()).toEqual([])
  })

  it('looks into each directory once, and again after it has seen a thousand others', async () => {
    const { base, root, temps, tidy } = await ground()
    const leftover = join(base, 'dir', tempName(await deadPid(), 1))
    await mkdir(join(base, 'dir'))
    await tidy(temps, '/dir')
    await writeFile(leftover, 'x')
    await tidy(temps, '/dir')
    expect(await readdir(join(base, 'dir'))).toHaveLength(1)
    await atPlace(root, { path: ['file'] }, async (place) => {
      for (let at = 0; at < 1_000; at += 1) await temps.tidy({ ...place, directoryPath: [`${at}`] })
    })
    await tidy(temps, '/dir')
    expect(await readdir(join(base, 'dir'))).toEqual([])
  })

  it('leaves a file alone whose writer finishes while it is looked at', async () => {
    const { base, root, temps } = await ground()
    await writeFile(join(base, tempName(process.pid, 99)), 'x')
    await atPlace(root, { path: ['file'] }, async (place) => {
      const vanishing = { ...place.directory, at: async (name: string) => (name === '.' ? base : join(base, 'gone')) }
      await expect(temps.tidy({ ...place, directory: vanishing })).resolves.toBeUndefined()
      const broken = {
        ...place.directory,
        at: async (name: string) => (name === '.' ? base : `${base}/${'n'.repeat(300)}`),
      }
      await expect(new TempFiles(virtualClock()).tidy({ ...place, directory: broken })).rejects.toMatchObject({
        code: 'ENAMETOOLONG',
      })
    })
  })
})

describe('discard', () => {
  it('removes a file, and lets one be that is gone or cannot be removed', async () => {
    const { base, root, names } = await ground()
    await writeFile(join(base, 'file'), 'x')
    await mkdir(join(base, 'dir'))
    await atPlace(root, { path: ['any'] }, async ({ directory }) => {
      await discard(directory, 'file')
      await discard(directory, 'file')
      await discard(directory, 'dir')
      const bug = { ...directory, at: () => Promise.reject(new TypeError('a bug')) }
      await expect(discard(bug, 'file')).rejects.toThrow('a bug')
    })
    expect(await names()).toEqual(['dir'])
  })
})

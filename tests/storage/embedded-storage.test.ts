import { mkdir, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { embeddedStorage } from '@aios/storage'
import { HOSTILE_PATHS } from '@aios/storage/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { freshDirectories } from './fresh-directory.js'

const call = fakeDriverCall()
const services = fakeDriverServices()
const freshDirectory = freshDirectories()

/** Gives this test a temporary directory of its own, so that what other tests make there does not count. */
async function ownTemporaryDirectory(): Promise<() => Promise<string[]>> {
  const path = await freshDirectory()
  vi.stubEnv('TMPDIR', path)
  return () => readdir(path)
}

describe('embeddedStorage', () => {
  it('is a storage device called embedded that leaves its limits to the kernel', () => {
    const driver = embeddedStorage()
    expect([driver.kind, driver.id, 'limits' in driver]).toEqual(['storage', 'embedded', false])
    const limits = { concurrency: 3 }
    expect(embeddedStorage({ limits }).limits).toBe(limits)
  })

  it('refuses options that it does not know when it is made, and touches no disk until it is opened', async () => {
    expect(() => embeddedStorage({ directory: '/x' } as never)).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
    )
    const root = join(await freshDirectory(), 'later')
    embeddedStorage({ root })
    await expect(stat(root)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('makes a root that is missing, parents included, and leaves it with its files when it closes', async () => {
    const root = join(await freshDirectory(), 'to', 'be', 'made')
    const driver = embeddedStorage({ root })
    await driver.open?.(services)
    await driver.write({ path: 'file', content: 'stays' }, call)
    await driver.close?.()
    expect(await readFile(join(root, 'file'), 'utf8')).toBe('stays')
  })

  it('works in a temporary directory of its own without a root, and removes it when it closes', async () => {
    const temporary = await ownTemporaryDirectory()
    const [one, other] = [embeddedStorage(), embeddedStorage()]
    await one.open?.(services)
    await other.open?.(services)
    await one.write({ path: 'deep/file', content: 'mine' }, call)
    expect(await other.list({}, call)).toEqual([])
    expect(await temporary()).toHaveLength(2)
    await one.close?.()
    await other.close?.()
    expect(await temporary()).toEqual([])
  })

  it('rejects every call before open and after close, and never throws', async () => {
    const driver = embeddedStorage()
    const calls = [
      () => driver.write({ path: 'file', content: 'x' }, call),
      () => driver.read({ path: 'file' }, call),
      () => driver.list({}, call),
      () => driver.stat({ path: 'file' }, call),
      () => driver.remove({ path: 'file' }, call),
    ]
    const closed = { code: 'AIOS_CLOSED', message: expect.stringContaining('storage "embedded"') }
    for (const each of calls) await expect(each()).rejects.toMatchObject(closed)
    await driver.open?.(services)
    await driver.close?.()
    for (const each of calls) await expect(each()).rejects.toMatchObject(closed)
  })

  it('refuses to serve two kernels at once, also while it is being opened', async () => {
    const driver = embeddedStorage()
    const opening = driver.open?.(services)
    await expect(driver.open?.(services)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await opening
    await expect(driver.open?.(services)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await driver.close?.()
  })

  it('can be opened again after it was closed, and after opening it failed', async () => {
    const root = join(await freshDirectory(), 'root')
    await writeFile(root, 'a file in the way')
    const driver = embeddedStorage({ root })
    await expect(driver.open?.(services)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await rm(root)
    for (const life of ['first', 'second']) {
      await driver.open?.(services)
      await driver.write({ path: life, content: life }, call)
      await driver.close?.()
    }
    expect((await readdir(root)).sort()).toEqual(['first', 'second'])
  })

  it('lets calls that run end before close does, and every close waits for the same end', async () => {
    const temporary = await ownTemporaryDirectory()
    const driver = embeddedStorage()
    await driver.open?.(services)
    const writes = Array.from({ length: 20 }, (_, at) =>
      Promise.resolve(driver.write({ path: `d/${at}`, content: 'x'.repeat(100_000) }, call)),
    )
    await Promise.all([driver.close?.(), driver.close?.()])
    expect(await temporary()).toEqual([])
    expect((await Promise.all(writes)).length).toBe(20)
  })

  it('takes a request as it is at the moment of the call', async () => {
    const driver = embeddedStorage()
    await driver.open?.(services)
    const request = { path: 'file', content: 'first' }
    const writing = driver.write(request, call)
    Object.assign(request, { path: 'other', content: 'second' })
    await writing
    expect((await driver.read({ path: 'file' }, call)).content).toBe('first')
    await driver.close?.()
  })

  it('serves one root to two storages at once', async () => {
    const root = await freshDirectory()
    const [one, other] = [embeddedStorage({ root }), embeddedStorage({ root })]
    await one.open?.(services)
    await other.open?.(services)
    await Promise.all(
      [...'abcdefghij'].map((name, at) =>
        Promise.resolve((at % 2 ? one : other).write({ path: name, content: name }, call)),
      ),
    )
    expect((await one.list({}, call)).map(({ path }) => path).join('')).toBe('abcdefghij')
    await one.close?.()
    await other.close?.()
  })

  it('serves again after its root was removed and made anew', async () => {
    const root = join(await freshDirectory(), 'root')
    const driver = embeddedStorage({ root })
    await driver.open?.(services)
    await rm(root, { recursive: true })
    await expect(driver.write({ path: 'file', content: 'x' }, call)).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
    await mkdir(root)
    await driver.write({ path: 'file', content: 'x' }, call)
    await driver.close?.()
    expect(await readdir(root)).toEqual(['file'])
  })

  it('bounds what is written and what is read by maxFileBytes, and leaves no trace of what it refused', async () => {
    const root = await freshDirectory()
    const driver = embeddedStorage({ root, maxFileBytes: 10 })
    await driver.open?.(services)
    const refused = { code: 'AIOS_QUOTA_EXCEEDED', details: { maxBytes: 10 } }
    await driver.write({ path: 'fits', content: '0123456789' }, call)
    for (const content of ['01234567890', '漢字漢字', new Uint8Array(11)]) {
      await expect(driver.write({ path: 'new', content }, call)).rejects.toMatchObject(refused)
    }
    await writeFile(join(root, 'from-outside'), 'more than ten bytes')
    await expect(driver.read({ path: 'from-outside' }, call)).rejects.toMatchObject(refused)
    expect((await driver.read({ path: 'fits' }, call)).content).toBe('0123456789')
    await driver.close?.()
    expect((await readdir(root)).sort()).toEqual(['fits', 'from-outside'])
  })

  it('bounds a listing by maxEntries', async () => {
    const driver = embeddedStorage({ maxEntries: 3 })
    await driver.open?.(services)
    for (const path of ['a/1', 'a/2', 'b']) await driver.write({ path, content: '' }, call)
    expect((await driver.list({}, call)).length).toBe(2)
    const refused = { code: 'AIOS_QUOTA_EXCEEDED', details: { maxEntries: 3 } }
    await expect(driver.list({ recursive: true }, call)).rejects.toMatchObject(refused)
    await driver.close?.()
  })
})

describe('embeddedStorage with any path whatever', () => {
  const anyText = (maxLength: number) =>
    fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength }).map((points) => String.fromCodePoint(...points))
  const part = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      ' ',
      '~',
      'a',
      'link',
      'out',
      'far',
      'nul',
      'C:',
      '\\',
      '\0',
      '%2e%2e',
      '．．',
      '‥',
      '.aios-1-1.tmp',
    ),
    anyText(6),
  )
  const joined = fc.tuple(
    fc.constantFrom('', '/', '//', './', '../', 'C:\\', '\\\\?\\'),
    fc.array(part, { maxLength: 5 }),
    fc.constantFrom('/', '\\', '//'),
  )
  const path = fc.oneof(
    joined.map(([start, parts, separator]) => start + parts.join(separator)),
    fc.constantFrom(...HOSTILE_PATHS.map((hostile) => hostile.path)),
    anyText(20),
  )

  async function neighbourhood() {
    const base = await realpath(await freshDirectory())
    const [root, outside] = [join(base, 'root'), join(base, 'outside')]
    await mkdir(root)
    await mkdir(outside)
    await writeFile(join(outside, 'secret'), 'SECRET')
    await symlink('../outside', join(root, 'out'))
    await symlink('../outside/new', join(root, 'far'))
    const driver = embeddedStorage({ root })
    await driver.open?.(services)
    onTestFinished(async () => driver.close?.())
    return { base, root, outside, driver }
  }

  it('keeps every file that it acknowledges inside the root, under the path that it reports', async () => {
    const { base, root, outside, driver } = await neighbourhood()
    let written = 0
    await fc.assert(
      fc.asyncProperty(path, async (each) => {
        const entry = await Promise.resolve(driver.write({ path: each, content: 'MINE' }, call)).catch(
          (error: { code: string }) => {
            expect(['AIOS_ACCESS_DENIED', 'AIOS_INVALID_SYSCALL']).toContain(error.code)
          },
        )
        if (entry !== undefined) {
          written += 1
          const real = await realpath(join(root, entry.path))
          expect(real.startsWith(root + sep)).toBe(true)
          expect(await readFile(real, 'utf8')).toBe('MINE')
          expect((await driver.read({ path: entry.path }, call)).content).toBe('MINE')
          await driver.remove({ path: entry.path }, call)
        }
        expect([await readdir(base), await readdir(outside)]).toEqual([['outside', 'root'], ['secret']])
      }),
      { numRuns: 400 },
    )
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('SECRET')
    expect(written).toBeGreaterThan(20)
  })

  it('shows nothing from outside and removes nothing there', async () => {
    const { outside, driver } = await neighbourhood()
    const verbs = [
      (each: string) => driver.read({ path: each }, call),
      (each: string) => driver.stat({ path: each }, call),
      (each: string) => driver.list({ path: each, recursive: true }, call),
      (each: string) => driver.remove({ path: each, recursive: true }, call),
    ]
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('', '/secret', '/../outside/secret'), async (each, tail) => {
        for (const verb of verbs) {
          const shown = JSON.stringify(await Promise.resolve(verb(each + tail)).catch(() => undefined)) ?? ''
          expect(shown).not.toContain('secret')
          expect(shown).not.toContain('SECRET')
        }
        expect(await readdir(outside)).toEqual(['secret'])
      }),
      { numRuns: 400 },
    )
  })
})

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it, vi } from 'vitest'
import { TempFiles } from '../../../packages/storage/src/file/temp-files.js'
import { writeFile as write, type Writing } from '../../../packages/storage/src/file/write-file.js'
import { openRoot } from '../../../packages/storage/src/path/root.js'
import { isTempName } from '../../../packages/storage/src/path/temp-name.js'
import { needsProgram } from '../../setup/needs.js'
import { freshDirectories } from '../fresh-directory.js'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

// Lets a test act right before a temporary file takes the place of its target, and deny access to a file.
const hook = vi.hoisted(
  (): Record<'beforeRename' | 'beforeAccess' | 'beforeLstat', (path: string) => Promise<unknown>> => ({
    beforeRename: async () => undefined,
    beforeAccess: async () => undefined,
    beforeLstat: async () => undefined,
  }),
)
vi.mock(import('node:fs/promises'), async (load) => {
  const real = await load()
  return {
    ...real,
    rename: async (from: string, to: string) => {
      await hook.beforeRename(to)
      await real.rename(from, to)
    },
    lstat: async (path: string) => {
      await hook.beforeLstat(path)
      return real.lstat(path)
    },
    access: async (path: string, mode?: number) => {
      await hook.beforeAccess(path)
      await real.access(path, mode)
    },
  } as typeof real
})

const freshDirectory = freshDirectories()

async function writer(extra: Partial<Writing> = {}) {
  const base = await freshDirectory()
  const root = await openRoot(base)
  const temps = new TempFiles(virtualClock())
  const signal = new AbortController().signal
  hook.beforeRename = hook.beforeAccess = hook.beforeLstat = async () => undefined
  return {
    base,
    put: (path: string, text: string) =>
      write(root, { path: path.split('/'), bytes: Buffer.from(text), signal, temps, ...extra }),
    text: (path: string) => readFile(join(base, path), 'utf8'),
    names: async () => (await readdir(base, { recursive: true })).sort(),
  }
}

/** Stops a writer at a moment at which its temporary file is there, so that a kill surely comes in the middle. */
async function stopInTheMiddle(child: ChildProcess, directory: string): Promise<void> {
  const before = new Set(await readdir(directory))
  for (;;) {
    child.kill('SIGSTOP')
    // What is seen twice of a stopped process stays.
    for (let look = 0; look < 2; look += 1) await readdir(directory)
    if ((await readdir(directory)).some((name) => isTempName(name) && !before.has(name))) return
    child.kill('SIGCONT')
    await readdir(directory)
  }
}

const fails = (code: string, times: number) => async () => {
  times -= 1
  if (times >= 0) throw Object.assign(new Error(`${code} here`), { code, syscall: 'x' })
}

describe('writeFile', () => {
  it('keeps the permissions of a file that it replaces', async () => {
    const { base, put } = await writer()
    await put('file', 'one')
    for (const mode of [0o600, 0o755, 0o777]) {
      await chmod(join(base, 'file'), mode)
      await put('file', 'two')
      expect((await stat(join(base, 'file'))).mode & 0o777).toBe(mode)
    }
  })

  it('gives a new file the permissions that the umask leaves', async () => {
    const { base, put } = await writer()
    await put('file', 'one')
    await writeFile(join(base, 'usual'), '')
    expect((await stat(join(base, 'file'))).mode).toBe((await stat(join(base, 'usual'))).mode)
  })

  it('does not replace a file that may not be written', async () => {
    const { put, text, names } = await writer()
    await put('file', 'kept')
    hook.beforeAccess = fails('EACCES', 1)
    await expect(put('file', 'new')).rejects.toMatchObject({ code: 'EACCES' })
    expect([await text('file'), await names()]).toEqual(['kept', ['file']])
  })

  it('passes on why it cannot look at its target', async () => {
    const { put, names } = await writer()
    hook.beforeLstat = fails('EIO', 1)
    await expect(put('file', 'new')).rejects.toMatchObject({ code: 'EIO' })
    expect(await names()).toEqual([])
  })

  it('does not replace a link that takes the place of its target while it is looked up', async () => {
    const { base, put, text } = await writer()
    await writeFile(join(base, 'victim'), 'untouched')
    hook.beforeLstat = () => symlink('victim', join(base, 'file'))
    await expect(put('file', 'new')).rejects.toMatchObject({ code: 'ELOOP' })
    expect(await text('victim')).toBe('untouched')
  })

  it.each(['ENOSPC', 'EIO', 'EXDEV'])(
    'keeps the old file and leaves no other behind when it fails with %s',
    async (code) => {
      const { put, text, names } = await writer()
      await put('file', 'kept')
      hook.beforeRename = fails(code, 1)
      await expect(put('file', 'new')).rejects.toMatchObject({ code })
      expect([await text('file'), await names()]).toEqual(['kept', ['file']])
    },
  )

  it('keeps the old file when its call is cancelled before the new one is complete', async () => {
    const reason = new Error('changed my mind')
    const { put, names } = await writer({ signal: AbortSignal.abort(reason) })
    await expect(put('dir/file', 'new')).rejects.toBe(reason)
    expect(await names()).toEqual(['dir'])
  })

  it('starts over when its directory is removed under it', async () => {
    const { base, put, text } = await writer()
    let removals = 0
    hook.beforeRename = async () => {
      removals += 1
      if (removals < 3) await rm(join(base, 'dir'), { recursive: true })
    }
    await put('dir/deep/file', 'arrived')
    expect([await text('dir/deep/file'), removals]).toEqual(['arrived', 3])
  })

  it('gives up when its directory is removed under it five times', async () => {
    const { base, put } = await writer()
    let removals = 0
    hook.beforeRename = async () => {
      removals += 1
      await rm(join(base, 'dir'), { recursive: true })
    }
    await expect(put('dir/file', 'never')).rejects.toMatchObject({ code: 'ENOENT' })
    expect(removals).toBe(5)
  })

  it('does not write through a link that takes the place of its target at the last moment', async () => {
    const { base, put, text } = await writer()
    await writeFile(join(base, 'victim'), 'untouched')
    await put('file', 'old')
    hook.beforeRename = async () => {
      await unlink(join(base, 'file'))
      await symlink('victim', join(base, 'file'))
    }
    await put('file', 'new')
    expect([await text('victim'), await text('file'), (await stat(join(base, 'file'))).isFile()]).toEqual([
      'untouched',
      'new',
      true,
    ])
  })

  it('does not replace a directory that takes the place of its target at the last moment', async () => {
    const { base, put, names } = await writer()
    hook.beforeRename = () => mkdir(join(base, 'file'))
    await expect(put('file', 'new')).rejects.toMatchObject({ code: 'EISDIR' })
    expect(await names()).toEqual(['file'])
  })

  needsProgram('mkfifo', 'does not replace a pipe', async (mkfifo) => {
    const { execFileSync } = await import('node:child_process')
    const { base, put } = await writer()
    execFileSync(mkfifo, [join(base, 'pipe')])
    await expect(put('pipe', 'x')).rejects.toMatchObject({ code: 'ENXIO' })
  })

  it('leaves a whole file when its process is killed in the middle of writing, and the next writer tidies up', async () => {
    const { base, put } = await writer()
    const length = 8_000_000
    for (let round = 0; round < 3; round += 1) {
      const child = fork(new URL('killed-writer.ts', import.meta.url), [base, String(length)], {
        execArgv: [...NODE_ARGUMENTS],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
      await once(child, 'message')
      await stopInTheMiddle(child, base)
      child.kill('SIGKILL')
      await once(child, 'exit')
      const content = await readFile(join(base, 'file'), 'latin1')
      expect(content.length).toBe(length)
      expect(content === content.charAt(0).repeat(length)).toBe(true)
      expect((await readdir(base)).filter(isTempName)).toHaveLength(1)
    }
    await put('file', 'x')
    expect(await readdir(base)).toEqual(['file'])
  }, 60_000)
})

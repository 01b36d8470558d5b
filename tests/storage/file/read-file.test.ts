import { execFile } from 'node:child_process'
import { appendFile, open, rename, stat, symlink, truncate, unlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { readFile } from '../../../packages/storage/src/file/read-file.js'
import { openRoot } from '../../../packages/storage/src/path/root.js'
import { needsProgram } from '../../setup/needs.js'
import { freshDirectories } from '../fresh-directory.js'

// Lets a test do something at the moment a file is opened.
const hook = vi.hoisted((): Record<'beforeOpen' | 'afterOpen', (path: string) => Promise<unknown>> => ({
  beforeOpen: async () => undefined,
  afterOpen: async () => undefined,
}))
vi.mock(import('node:fs/promises'), async (load) => {
  const real = await load()
  const hooked: typeof real.open = async (path, ...rest) => {
    await hook.beforeOpen(String(path))
    const handle = await real.open(path, ...rest)
    await hook.afterOpen(String(path))
    return handle
  }
  return { ...real, open: hooked }
})

const freshDirectory = freshDirectories()

function once(name: string, act: () => Promise<unknown>): (path: string) => Promise<unknown> {
  return async (path) => {
    if (!path.endsWith(`/${name}`)) return undefined
    hook.beforeOpen = async () => undefined
    hook.afterOpen = async () => undefined
    return act()
  }
}

async function reader(maxBytes = 1_000) {
  const base = await freshDirectory()
  const root = await openRoot(base)
  return { base, read: (name: string) => readFile(root, { path: [name], maxBytes }) }
}

describe('readFile', () => {
  it('returns what was written to a file that grows while it is read, up to the bound', async () => {
    const { base, read } = await reader()
    await writeFile(join(base, 'file'), 'ab')
    hook.afterOpen = once('file', () => appendFile(join(base, 'file'), 'c'.repeat(500)))
    const { entry, bytes } = await read('file')
    expect([entry.sizeBytes, bytes.length]).toEqual([502, 502])
  })

  it('refuses a file that grows past the bound after its size was seen', async () => {
    const { base, read } = await reader(100)
    const path = join(base, 'file')
    await writeFile(path, 'ab')
    hook.afterOpen = once('file', async () => {
      // The size is asked of the open file, so it must lie: a file of /proc says 0 and goes on.
      const handle = await open(path)
      const proto = Object.getPrototypeOf(handle) as { stat: () => Promise<unknown> }
      await handle.close()
      vi.spyOn(proto, 'stat').mockImplementationOnce(async () => {
        const info = await stat(path)
        await appendFile(path, 'c'.repeat(5_000))
        return info
      })
    })
    await expect(read('file')).rejects.toMatchObject({ code: 'AIOS_QUOTA_EXCEEDED' })
  })

  it('returns what is left of a file that shrinks while it is read', async () => {
    const { base, read } = await reader()
    await writeFile(join(base, 'file'), 'abcdef')
    hook.afterOpen = once('file', () => truncate(join(base, 'file'), 3))
    expect(Buffer.from((await read('file')).bytes).toString()).toBe('abc')
  })

  it('returns the whole old content of a file that is replaced after it was opened', async () => {
    const { base, read } = await reader()
    await writeFile(join(base, 'file'), 'old')
    await writeFile(join(base, 'next'), 'new and longer')
    hook.afterOpen = once('file', () => rename(join(base, 'next'), join(base, 'file')))
    expect(Buffer.from((await read('file')).bytes).toString()).toBe('old')
    expect(Buffer.from((await read('file')).bytes).toString()).toBe('new and longer')
  })

  it('does not follow a link that takes the place of a file right before it is opened', async () => {
    const { base, read } = await reader()
    await writeFile(join(base, 'file'), 'mine')
    hook.beforeOpen = once('file', async () => {
      await unlink(join(base, 'file'))
      await symlink('/etc/passwd', join(base, 'file'))
    })
    await expect(read('file')).rejects.toMatchObject({ code: 'ELOOP' })
  })

  it('does not wait for a socket', async () => {
    const { base, read } = await reader()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(base, 'socket'), resolve))
    await expect(read('socket')).rejects.toMatchObject({ code: 'ENXIO' })
    await new Promise((resolve) => server.close(resolve))
  })

  needsProgram('mkfifo', 'does not wait for the other end of a pipe', async (mkfifo) => {
    const { base, read } = await reader()
    await promisify(execFile)(mkfifo, [join(base, 'pipe')])
    await expect(read('pipe')).rejects.toMatchObject({ code: 'ENXIO' })
  })

  it('holds no more memory than the file has bytes', async () => {
    const { base, read } = await reader()
    await writeFile(join(base, 'file'), 'x'.repeat(700))
    expect((await read('file')).bytes.buffer.byteLength).toBe(700)
  })
})

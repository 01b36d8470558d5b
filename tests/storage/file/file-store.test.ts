import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { storageSettings } from '../../../packages/storage/src/embedded-storage-options.js'
import { FileStore } from '../../../packages/storage/src/file/file-store.js'
import { freshDirectories } from '../fresh-directory.js'

const freshDirectory = freshDirectories()
const call = { signal: new AbortController().signal }

/** Is a call whose signal must not be read: making one costs every call that cannot be stopped anyway. */
const unstoppable = {
  get signal(): AbortSignal {
    throw new Error('The signal was read.')
  },
}

async function opened() {
  const root = await freshDirectory()
  return { root, store: await FileStore.open(storageSettings({ root }), virtualClock()) }
}

describe('FileStore', () => {
  it('reads text by default and bytes on demand', async () => {
    const { store } = await opened()
    await store.write({ path: 'file', content: 'é' }, call)
    expect((await store.read({ path: 'file' })).content).toBe('é')
    expect((await store.read({ path: 'file', encoding: 'utf8' })).content).toBe('é')
    expect((await store.read({ path: 'file', encoding: 'bytes' })).content).toEqual(Uint8Array.from([0xc3, 0xa9]))
  })

  it('lists the root, not below it, when a request says nothing', async () => {
    const { root, store } = await opened()
    await mkdir(join(root, 'a', 'b'), { recursive: true })
    expect((await store.list({}, call)).map(({ path }) => path)).toEqual(['a'])
  })

  it('checks path and content before it touches the disk or the call', async () => {
    const { root, store } = await opened()
    await expect(store.write({ path: '../x', content: 'x' }, unstoppable)).rejects.toMatchObject({
      code: 'AIOS_ACCESS_DENIED',
    })
    await expect(store.write({ path: 'dir/x', content: '\ud800' }, unstoppable)).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
    })
    expect(await readdir(root)).toEqual([])
  })

  it('passes the reason of a cancelled call on untouched', async () => {
    const { store } = await opened()
    const reason = { why: 'not an error' }
    const cancelled = { signal: AbortSignal.abort(reason) }
    await expect(store.write({ path: 'file', content: 'x' }, cancelled)).rejects.toBe(reason)
    await expect(store.list({}, cancelled)).rejects.toBe(reason)
  })

  it('speaks of failures in the words of the contract', async () => {
    const { store } = await opened()
    const missing = {
      code: 'AIOS_NOT_FOUND',
      details: { errno: 'ENOENT' },
      message: expect.stringContaining('"no/such"'),
    }
    await expect(store.stat({ path: 'no/such' })).rejects.toMatchObject(missing)
    await expect(store.remove({ path: './no//such' }, call)).rejects.toMatchObject(missing)
  })
})

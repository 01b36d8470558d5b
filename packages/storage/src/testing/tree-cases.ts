import { checkRejects } from '@aios/kernel/testing'
import { checkSame, type StorageCase } from './storage-ground.js'

const lists: StorageCase = {
  name: 'lists a directory, or all below it, sorted by path and relative to the root',
  async run({ write, list }) {
    for (const path of ['b/z', 'b/a/deep', 'b-side', 'a', 'B', 'b/.hidden']) await write(path, path)
    checkSame(await list(), ['B', 'a', 'b', 'b-side'])
    checkSame(await list({ path: 'b' }), ['b/.hidden', 'b/a', 'b/z'])
    checkSame(await list({ path: 'b', recursive: true }), ['b/.hidden', 'b/a', 'b/a/deep', 'b/z'])
    const all = ['B', 'a', 'b', 'b-side', 'b/.hidden', 'b/a', 'b/a/deep', 'b/z']
    checkSame(await list({ path: '.', recursive: true }), all)
  },
}

const empties: StorageCase = {
  name: 'keeps a directory whose last file was removed, and lists nothing in it',
  async run({ write, list, remove }) {
    checkSame(await list(), [])
    await write('kept/file', 'x')
    await remove('kept/file')
    checkSame(await list({ recursive: true }), ['kept'])
    checkSame(await list({ path: 'kept' }), [])
  },
}

const removes: StorageCase = {
  name: 'removes a file or an empty directory and returns what it was',
  async run({ write, remove, list }) {
    const written = await write('directory/file', 'four')
    checkSame(await remove('directory/file'), written)
    checkSame((await remove('directory')).kind, 'directory')
    checkSame(await list(), [])
  },
}

const removesTrees: StorageCase = {
  name: 'removes a directory that is not empty only with recursive',
  async run({ write, remove, list, text }) {
    for (const path of ['tree/a/b/c', 'tree/d', 'tree/a/e', 'tree-top']) await write(path, path)
    await checkRejects(remove('tree'), 'AIOS_INVALID_SYSCALL')
    await checkRejects(remove('tree', false), 'AIOS_INVALID_SYSCALL')
    checkSame(await text('tree/a/b/c'), 'tree/a/b/c')
    checkSame((await remove('tree', true)).path, 'tree')
    checkSame(await list({ recursive: true }), ['tree-top'])
  },
}

const keepsRoot: StorageCase = {
  name: 'rejects to remove the root with AIOS_ACCESS_DENIED',
  async run({ write, remove, text }) {
    await write('file', 'kept')
    for (const path of ['.', './', './.']) {
      await checkRejects(remove(path), 'AIOS_ACCESS_DENIED')
      await checkRejects(remove(path, true), 'AIOS_ACCESS_DENIED')
    }
    checkSame(await text('file'), 'kept')
  },
}

/** Holds the cases about directories. */
export const treeCases: readonly StorageCase[] = [lists, empties, removes, removesTrees, keepsRoot]

import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { storageSettings } from '../../packages/storage/src/embedded-storage-options.js'

describe('storageSettings', () => {
  it('fills in the defaults', () => {
    expect(storageSettings({})).toEqual({
      id: 'embedded',
      limits: undefined,
      root: undefined,
      maxFileBytes: 67_108_864,
      maxEntries: 100_000,
    })
  })

  it('keeps what is given, and fixes a relative root to the working directory of this moment', () => {
    const options = { id: 'mine', limits: { depth: 2 }, root: 'workspace', maxFileBytes: 268_435_456, maxEntries: 1 }
    expect(storageSettings(options)).toEqual({ ...options, root: resolve('workspace') })
  })

  it.each([
    [
      { Root: '/x' },
      'Expected only the keys id, limits, root, maxFileBytes, maxEntries, got "Root" in embeddedStorage().',
    ],
    [{ id: '' }, 'Expected a string that is not empty for "id", got "" in embeddedStorage().'],
    [{ id: 3 }, 'got 3 in embedded'],
    [{ root: '' }, 'Expected a path for "root", got "" in embeddedStorage().'],
    [{ root: 'a\0b' }, 'Expected a path for "root"'],
    [{ root: new URL('file:///x') }, 'got an object with 0 keys in embedded'],
    [
      { maxFileBytes: 0 },
      'Expected a whole number from 1 to 268435456 for "maxFileBytes", got 0 in embeddedStorage().',
    ],
    [{ maxFileBytes: 268_435_457 }, 'got 268435457 in embedded'],
    [{ maxFileBytes: 1.5 }, 'got 1.5 in embedded'],
    [{ maxEntries: -1 }, 'Expected a whole number from 1 for "maxEntries", got -1 in embeddedStorage().'],
    [{ maxEntries: Infinity }, 'got Infinity in embedded'],
    [{ maxEntries: '9' }, 'got "9" in embedded'],
  ])('refuses %j and says what was expected', (options, message) => {
    const refused = expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(message) })
    expect(() => storageSettings(options as never)).toThrow(refused)
  })
})

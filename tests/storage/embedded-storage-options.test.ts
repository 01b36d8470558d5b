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
      'Expected only id, limits, root, maxFileBytes, maxEntries in embeddedStorage(), got the unknown key "Root".',
    ],
    [{ id: '' }, 'Expected a name for "id" in embeddedStorage(), got "".'],
    [{ id: 3 }, 'got 3.'],
    [{ root: '' }, 'Expected a path for "root" in embeddedStorage(), got "".'],
    [{ root: 'a\0b' }, 'Expected a path for "root"'],
    [{ root: new URL('file:///x') }, 'got a object.'],
    [{ maxFileBytes: 0 }, 'Expected an integer from 1 to 268435456 for "maxFileBytes" in embeddedStorage(), got 0.'],
    [{ maxFileBytes: 268_435_457 }, 'got 268435457.'],
    [{ maxFileBytes: 1.5 }, 'got 1.5.'],
    [{ maxEntries: -1 }, 'Expected a positive integer for "maxEntries" in embeddedStorage(), got -1.'],
    [{ maxEntries: Infinity }, 'got Infinity.'],
    [{ maxEntries: '9' }, 'got "9".'],
  ])('refuses %j and says what was expected', (options, message) => {
    const refused = expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(message) })
    expect(() => storageSettings(options as never)).toThrow(refused)
  })
})

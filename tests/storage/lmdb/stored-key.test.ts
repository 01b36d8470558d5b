import { describe, expect, it } from 'vitest'
import {
  boundsOf,
  boundsOfAll,
  ownKey,
  partKey,
  readStoredKey,
  spacePrefix,
  writeStoredKey,
  type StoredKey,
} from '../../../packages/storage/src/lmdb/stored-key.js'
import { bytes } from './lmdb-ground.js'

const joined = (key: StoredKey): Uint8Array => {
  const target = new Uint8Array(64)
  return readStoredKey(target, 3, writeStoredKey(key, target, 3))
}

describe('the key under which LMDB keeps a record', () => {
  it('is its space and key, and can be parted again whatever the key holds', () => {
    for (const key of [bytes('k'), Uint8Array.of(0, 0), Uint8Array.of(255)])
      expect(partKey(joined({ prefix: spacePrefix('notes'), key }))).toEqual({ space: 'notes', key })
    expect(partKey(joined(ownKey('format')))).toEqual({ space: '', key: bytes('format') })
  })

  it('is none of ours without a space, or without a key behind it', () => {
    expect(partKey(bytes('greeting'))).toBeUndefined()
    expect(partKey(bytes('notes\0'))).toBeUndefined()
    expect(partKey(new Uint8Array(0))).toBeUndefined()
  })

  it('lies between the bounds of its space, and of all spaces; what the store keeps for itself lies before', () => {
    const key = joined({ prefix: spacePrefix('notes'), key: Uint8Array.of(255) })
    for (const { first, end } of [boundsOf(spacePrefix('notes')), boundsOfAll()]) {
      expect(Buffer.compare(joined(first), key)).toBeLessThan(0)
      expect(Buffer.compare(joined(end), key)).toBeGreaterThan(0)
    }
    const { first, end } = boundsOf(spacePrefix('note'))
    expect(Buffer.compare(joined(first), key) < 0 && Buffer.compare(key, joined(end)) < 0).toBe(false)
    expect(Buffer.compare(joined(ownKey('format')), joined(boundsOfAll().first))).toBeLessThan(0)
  })
})

import type * as Zlib from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { packRecord, unpackRecord } from '../../../packages/storage/src/lmdb/record-format.js'
import { spacePrefix } from '../../../packages/storage/src/lmdb/stored-key.js'
import { bytes } from './lmdb-ground.js'

// What some releases of Node do.
vi.mock('node:zlib', async (load) => {
  const zlib = await load<typeof Zlib>()
  return { ...zlib, crc32: (data: Uint8Array, value = 0) => (data.length === 0 ? 0 : zlib.crc32(data, value)) }
})

const key = { prefix: spacePrefix('notes'), key: bytes('k') }

describe('the bytes that are kept for a record', () => {
  it('are the same for an empty value on every release of Node, and begin with its hash twice', () => {
    const packed = Buffer.from(packRecord(key, bytes(''), 7))
    expect(packed.readUInt32LE(4)).toBe(packed.readUInt32LE(0))
    expect(unpackRecord(key, 7, { bytes: packed })).toEqual(bytes(''))
  })

  it('are refused under another key, version or length, and when any of them was changed', () => {
    const packed = packRecord(key, bytes('value'), 7)
    expect(unpackRecord(key, 7, { bytes: packed })).toEqual(bytes('value'))
    expect(unpackRecord({ ...key, key: bytes('l') }, 7, { bytes: packed })).toBeUndefined()
    expect(unpackRecord(key, 8, { bytes: packed })).toBeUndefined()
    for (const size of [0, 7, 8, packed.length - 1])
      expect(unpackRecord(key, 7, { bytes: packed, size })).toBeUndefined()
    for (const at of packed.keys()) {
      const changed = Uint8Array.from(packed)
      changed[at] = (changed[at] ?? 0) ^ 4
      expect(unpackRecord(key, 7, { bytes: changed })).toBeUndefined()
    }
  })
})

import { describe, expect, it, vi } from 'vitest'
import { NativeBatch, type NativeWrite } from '../../../packages/storage/src/lmdb/native-batch.js'
import type { NativeDatabase } from '../../../packages/storage/src/lmdb/native-database.js'
import { ownKey } from '../../../packages/storage/src/lmdb/stored-key.js'
import { bytes } from './lmdb-ground.js'

/** Stands for LMDB whose commits fail. */
function failing(reason: Error): NativeDatabase {
  const fail = (_key: unknown, _version: unknown, inner?: () => void): Promise<boolean> => {
    inner?.()
    return Promise.reject(reason)
  }
  const database: Partial<NativeDatabase> = {
    batch: (inner) => fail(0, 0, inner),
    ifVersion: fail,
    remove: (key, version) => fail(key, version),
    // What LMDB returns for a put inside of a block.
    put: () => Promise.resolve(true),
  }
  return database as NativeDatabase
}

const writes = (conditions: number): readonly NativeWrite[] => [
  ...Array.from({ length: conditions }, (_, at) => ({
    key: ownKey(`${at}`),
    value: bytes('v'),
    version: 1,
    ifVersion: 0,
  })),
  ...['a', 'b'].map((name) => ({ key: ownKey(name), value: undefined, version: 0, ifVersion: undefined })),
]

describe('a batch whose commit fails', () => {
  it.each([0, 1, 40])(
    'rejects once, with %i conditions, and leaves nothing that rejects unheard',
    async (conditions) => {
      const reason = new Error('as LMDB says it')
      const heard = vi.fn()
      process.on('unhandledRejection', heard)
      try {
        const batch = new NativeBatch(failing(reason), writes(conditions))
        await expect(batch.start(() => 1)).rejects.toBe(reason)
        await new Promise((resolve) => setImmediate(resolve))
        expect(heard).not.toHaveBeenCalled()
        expect(batch.removed.size).toBe(0)
      } finally {
        process.off('unhandledRejection', heard)
      }
    },
  )
})

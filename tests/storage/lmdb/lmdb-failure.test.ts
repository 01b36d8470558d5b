import { AiosError } from '@aios/kernel/driver'
import { tmpdir } from 'node:os'
import { describe, expect, it, vi } from 'vitest'
import { corruptStore, lmdbFailure } from '../../../packages/storage/src/lmdb/lmdb-failure.js'

const failure = (code: unknown): Error => Object.assign(new Error('as LMDB says it'), { code })

describe('what LMDB or the system throws', () => {
  it.each([28, 122, 27, -30_792, 'ENOSPC', 'EDQUOT', 'EFBIG'])('is no room for %s', async (code) => {
    const cause = failure(code)
    expect(await lmdbFailure(cause, '/d')).toMatchObject({ code: 'AIOS_QUOTA_EXCEEDED', cause, details: { dir: '/d' } })
  })

  it.each([
    [0, 'AIOS_QUOTA_EXCEEDED'],
    [65_535, 'AIOS_QUOTA_EXCEEDED'],
    [65_536, 'AIOS_STORE_UNAVAILABLE'],
    [undefined, 'AIOS_STORE_UNAVAILABLE'],
  ])('is a write that was cut short, so no room, where the disk has %s bytes left: %s', async (room, code) => {
    const cause = failure(5)
    expect(await lmdbFailure(cause, '/d', (dir) => Promise.resolve(dir === '/d' ? room : 1e9))).toMatchObject({
      code,
      cause,
    })
  })

  it('asks for the room on the disk only where a write was cut short', async () => {
    const none = vi.fn(() => Promise.resolve(0))
    for (const code of [28, -30_797, 'EIO', 13]) await lmdbFailure(failure(code), '/d', none)
    expect(none).not.toHaveBeenCalled()
  })

  it('is no full disk where there is room', async () => {
    expect(await lmdbFailure(failure(5), tmpdir())).toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
  })

  it.each([-30_797, -30_796, -30_793])('is a damaged store for %s', async (code) => {
    expect(await lmdbFailure(failure(code), '/d')).toMatchObject({
      code: 'AIOS_CORRUPT',
      message: expect.stringContaining('as LMDB says it; close it, and open it again'),
    })
  })

  it('is a store that cannot be used for all else, also for what is no error', async () => {
    for (const cause of [failure(5), failure('EIO'), new Error('as LMDB says it'), 'as LMDB says it'])
      expect(await lmdbFailure(cause, '/d')).toMatchObject({
        code: 'AIOS_STORE_UNAVAILABLE',
        retryable: true,
        cause,
        message: expect.stringContaining('as LMDB says it'),
      })
  })

  it('is the reason of a failed commit, where there is one', async () => {
    const failed = (commitError: unknown): Error => Object.assign(new Error('Commit failed'), { commitError })
    const full = await lmdbFailure(failed(Promise.reject(failure(28))), '/d')
    expect(full.code).toBe('AIOS_QUOTA_EXCEEDED')
    const unknown = await lmdbFailure(failed(Promise.resolve()), '/d')
    expect(unknown).toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE', message: expect.stringContaining('Commit failed') })
  })

  it('passes untouched if it is an error of this library', async () => {
    const own = corruptStore('/d', 'something')
    expect(await lmdbFailure(own, '/d')).toBe(own)
    expect(AiosError.is(own)).toBe(true)
  })
})

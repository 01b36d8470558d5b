import { AiosError } from '@aios/kernel/driver'
import { describe, expect, it } from 'vitest'
import { corruptStore, lmdbFailure } from '../../../packages/storage/src/lmdb/lmdb-failure.js'

const failure = (code: unknown): Error => Object.assign(new Error('as LMDB says it'), { code })

describe('what LMDB or the system throws', () => {
  it.each([28, 122, 27, -30_792, 'ENOSPC', 'EDQUOT', 'EFBIG'])('is no room for %s', async (code) => {
    const cause = failure(code)
    expect(await lmdbFailure(cause, '/d')).toMatchObject({ code: 'AIOS_QUOTA_EXCEEDED', cause, details: { dir: '/d' } })
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

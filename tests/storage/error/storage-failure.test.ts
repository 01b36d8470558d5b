import { AiosError } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import {
  errorCode,
  storageFailure,
  systemError,
  tooLarge,
} from '../../../packages/storage/src/error/storage-failure.js'

/** Makes an error like those of node:fs, whose message names a path of the host. */
function fromSystem(code: string): Error {
  return Object.assign(new Error(`${code}: oh no, open '/home/me/root/a/b'`), {
    code,
    errno: -1,
    syscall: 'open',
    path: '/home/me/root/a/b',
  })
}

describe('storageFailure', () => {
  it.each([
    ['ENOENT', 'AIOS_NOT_FOUND'],
    ['ENOSPC', 'AIOS_QUOTA_EXCEEDED'],
    ['EDQUOT', 'AIOS_QUOTA_EXCEEDED'],
    ['EFBIG', 'AIOS_QUOTA_EXCEEDED'],
    ['EACCES', 'AIOS_ACCESS_DENIED'],
    ['EPERM', 'AIOS_ACCESS_DENIED'],
    ['EROFS', 'AIOS_ACCESS_DENIED'],
    ['ELOOP', 'AIOS_ACCESS_DENIED'],
    ['EISDIR', 'AIOS_INVALID_SYSCALL'],
    ['ENOTDIR', 'AIOS_INVALID_SYSCALL'],
    ['ENOTEMPTY', 'AIOS_INVALID_SYSCALL'],
    ['ENAMETOOLONG', 'AIOS_INVALID_SYSCALL'],
    ['ENXIO', 'AIOS_INVALID_SYSCALL'],
  ])('turns %s into %s, names the path of the request and nothing of the host', (errno, code) => {
    const failure = storageFailure(fromSystem(errno), ['a', 'b'])
    expect(failure).toMatchObject({ code, details: { errno }, message: expect.stringContaining('"a/b"') })
    expect(AiosError.is(failure)).toBe(true)
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain('/home/me')
    expect(failure).not.toHaveProperty('cause')
  })

  it('passes on what else the system reports for the kernel to wrap, without the path of the host', () => {
    const failure = storageFailure(fromSystem('EMFILE'), [])
    expect(AiosError.is(failure)).toBe(false)
    expect(failure).toMatchObject({ code: 'EMFILE', message: 'Storage failed at "." with EMFILE.' })
    expect(JSON.stringify(failure)).not.toContain('/home/me')
  })

  it.each([
    ['an AiosError', new AiosError('AIOS_CLOSED', 'closed')],
    ['an error without a code', new TypeError('a bug')],
    ['an error with a code that is not of the system', Object.assign(new Error('odd'), { code: 'ERR_ODD' })],
    ['the reason of a signal', new DOMException('stop', 'AbortError')],
    ['a reason that is no error', 'stop'],
    ['nothing', undefined],
  ])('leaves %s untouched', (_what, error) => {
    expect(storageFailure(error, ['a'])).toBe(error)
  })
})

describe('errorCode', () => {
  it('tells only codes that are text', () => {
    expect(errorCode(systemError('EISDIR'))).toBe('EISDIR')
    expect([
      errorCode(new DOMException('x', 'AbortError')),
      errorCode(new Error('x')),
      errorCode({ code: 'ENOENT' }),
    ]).toEqual([undefined, undefined, undefined])
  })
})

describe('tooLarge', () => {
  it('says which bound was crossed, where, and how it is set', () => {
    const error = tooLarge(['a', 'b'], 7)
    expect(error.code).toBe('AIOS_QUOTA_EXCEEDED')
    expect(error.message).toBe(
      'Expected at most 7 bytes at "a/b", got more. "maxFileBytes" of embeddedStorage() sets the bound.',
    )
  })
})

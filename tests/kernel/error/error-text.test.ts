import { describe, expect, it } from 'vitest'
import { AiosError } from '@aios/kernel'
import { errorText } from '../../../packages/kernel/src/error/error-text.js'

const refuse = (): never => {
  throw new Error('trap')
}

describe('the text of what was thrown', () => {
  it.each([
    ['an error', new RangeError('far'), 'RangeError: far'],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object that has no methods', Object.create(null), 'an object with 0 keys that cannot be printed'],
    [
      'an error whose message throws',
      Object.defineProperty(new Error('x'), 'message', { get: refuse }),
      'an object with 0 keys that cannot be printed',
    ],
    ['a proxy', new Proxy({}, { get: refuse, ownKeys: refuse }), 'an object that cannot be read'],
  ])('is there for %s', (_, thrown, text) => {
    expect(errorText(thrown)).toBe(text)
  })

  it('is asked of no AiosError where a proxy refuses to say what it is', () => {
    expect(AiosError.is(new Proxy({}, { get: refuse }))).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { AiosError } from '@aios/kernel'
import { decodeError, encodeError } from '../../../packages/kernel/src/journal/error-codec.js'

/** What comes back of an error that was stored. */
const again = (error: unknown): unknown => decodeError(JSON.parse(JSON.stringify(encodeError(error))) as never)

describe('an error that is stored', () => {
  it('comes back as the AiosError it was, with what it carries', () => {
    const error = new AiosError('AIOS_LLM_RATE_LIMIT', 'slow down', {
      retryAfterMs: 5,
      retryable: false,
      details: { core: 'a' },
      cause: new RangeError('inner'),
    })
    const found = again(error) as AiosError
    expect(AiosError.is(found, 'AIOS_LLM_RATE_LIMIT')).toBe(true)
    expect(found).toMatchObject({ message: 'slow down', retryAfterMs: 5, retryable: false, details: { core: 'a' } })
    expect(found.cause).toMatchObject({ name: 'RangeError', message: 'inner' })
    expect((again(new AiosError('AIOS_BUG', 'x')) as AiosError).retryAfterMs).toBeUndefined()
  })

  it('keeps its name and its code, and is a DOMException where an abort was one', () => {
    class Odd extends Error {
      override readonly name = 'Odd'
      readonly code = 'EODD'
    }
    expect(again(new Odd('strange'))).toMatchObject({ name: 'Odd', message: 'strange', code: 'EODD' })
    const aborted = again(new DOMException('enough', 'AbortError'))
    expect(aborted).toBeInstanceOf(DOMException)
    expect(aborted).toMatchObject({ name: 'AbortError', message: 'enough' })
    expect(again(Object.assign(new Error('x'), { code: 7 }))).not.toHaveProperty('code')
  })

  it('is the value where something else was thrown', () => {
    expect(again('enough')).toBe('enough')
    expect(again({ why: 1 })).toEqual({ why: 1 })
    expect(again(undefined)).toBeUndefined()
  })

  it('says in words what JSON does not have', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    for (const thrown of [() => 1, Symbol('s'), 5n, cycle]) expect(typeof again(thrown)).toBe('string')
    const error = new AiosError('AIOS_BUG', 'x', { details: { big: 5n } })
    expect(() => again(error)).not.toThrow()
  })

  it('is said in words where it cannot be read', () => {
    const refuse = (): never => {
      throw new Error('trap')
    }
    const mute = Object.defineProperty(new Error('x'), 'message', { get: refuse })
    const proxy = new Proxy(new Error('x'), { get: refuse, getPrototypeOf: refuse, ownKeys: refuse })
    const odd = Object.assign(new Error('seen'), { name: { toString: refuse }, cause: mute })
    expect(again(mute)).toMatchObject({ name: 'Error', message: 'an object with 0 keys that cannot be printed' })
    expect(again(proxy)).toMatchObject({ name: 'Error', message: 'an object that cannot be read' })
    expect(again(odd)).toMatchObject({ name: 'Error', message: 'seen', cause: { name: 'Error' } })
    expect(again(Object.assign(new Error('x'), { message: 5n }))).toMatchObject({ message: '5' })
    expect(again(Object.create(null))).toEqual({})
    expect(again(new Error('x', { cause: new Proxy({}, { get: refuse, ownKeys: refuse }) }))).toMatchObject({
      cause: 'an object that cannot be read',
    })
  })

  it('drops causes that lie too deep, and ends at one that is its own', () => {
    const endless = new Error('round')
    endless.cause = endless
    let depth = 0
    for (let at: unknown = again(endless); at instanceof Error; at = at.cause) depth += 1
    expect(depth).toBe(9)
  })

  it('is an Error though little is left of it', () => {
    expect(decodeError({ kind: 'error' })).toMatchObject({ name: 'Error', message: '' })
    expect(decodeError({ kind: 'aios', code: 'AIOS_BUG' })).toMatchObject({ code: 'AIOS_BUG', details: {} })
  })
})

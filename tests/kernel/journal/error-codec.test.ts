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
  })

  it('is of the class of JavaScript that it was, with the fields of its own that are plain', () => {
    const socket = { secret: 'token' }
    const error = Object.assign(new TypeError('bad'), {
      status: 404,
      code: 7,
      path: '/x',
      last: true,
      none: null,
      socket,
    })
    const refuse = (): never => {
      throw new Error('trap')
    }
    Object.defineProperty(error, 'trap', { get: refuse, enumerable: true })
    const found = again(error)
    expect(found).toBeInstanceOf(TypeError)
    expect({ ...(found as object) }).toEqual({ status: 404, code: 7, path: '/x', last: true, none: null })
    expect(again(new DOMException('m', 'DataCloneError'))).toMatchObject({ name: 'DataCloneError', message: 'm' })
  })

  it('holds the errors that it held, also where these hold it', async () => {
    const any = Promise.any([Promise.reject(new RangeError('far')), Promise.reject(new AiosError('AIOS_CLOSED', 'x'))])
    const found = again(await any.catch((error: unknown) => error)) as AggregateError
    expect(found).toBeInstanceOf(AggregateError)
    expect(found.errors).toMatchObject([{ name: 'RangeError', message: 'far' }, { code: 'AIOS_CLOSED' }])
    const round = new AggregateError([], 'round')
    round.errors.push(...Array.from({ length: 50 }, () => round))
    expect((again(round) as AggregateError).errors).toHaveLength(50)
  })

  it('is the value where something else was thrown', () => {
    expect(again('enough')).toBe('enough')
    expect(again({ why: 1 })).toEqual({ why: 1 })
    expect(again(undefined)).toBeUndefined()
  })

  it('is the value exactly, also where JSON has none like it', () => {
    const values = [
      Number.NaN,
      -0,
      5n,
      new Date(5),
      new Map([[1, new Set([2])]]),
      [undefined, null],
      new Uint8Array([1]),
    ]
    for (const value of [...values, { cause: values }]) expect(again(value)).toStrictEqual(value)
    expect((again([new RangeError('in a list')]) as readonly Error[])[0]).toBeInstanceOf(RangeError)
    expect((again(new Error('x', { cause: { big: 5n } })) as Error).cause).toEqual({ big: 5n })
  })

  it('says in words what nobody can copy', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    for (const thrown of [() => 1, Symbol('s')]) expect(typeof again(thrown)).toBe('string')
    expect(typeof again(new Map([[1, 'x'.repeat(2_000_000)]]))).toBe('object')
    expect(again(cycle)).toEqual(cycle)
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

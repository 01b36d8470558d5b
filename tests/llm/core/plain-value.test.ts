import { describe, expect, it } from 'vitest'
import { plainValue } from '../../../packages/llm/src/core/plain-value.js'

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = { a: value }
  return value
}

describe('plainValue', () => {
  it.each([
    ['a string', 'x', 'x'],
    ['a number that JSON has no word for', [1, Number.NaN, Number.POSITIVE_INFINITY], [1, null, null]],
    ['a bigint', { rows: 10n }, { rows: '10' }],
    ['nothing', undefined, null],
    ['nothing in a field and in a list', { a: undefined, b: [undefined] }, { b: [null] }],
    ['a hole', Array<unknown>(1), [null]],
    ['a Map by names', new Map([['a', 1n]]), { a: '1' }],
    ['a Map by anything else', new Map([[1, new Set(['x'])]]), [[1, ['x']]]],
    ['a Date', [new Date(0), new Date(Number.NaN)], ['1970-01-01T00:00:00.000Z', null]],
    ['bytes', { of: Buffer.from('abc') }, { of: '[application/octet-stream, 3 bytes]' }],
    [
      'a buffer',
      [new ArrayBuffer(2), new DataView(new ArrayBuffer(4), 1)],
      ['[application/octet-stream, 2 bytes]', '[application/octet-stream, 3 bytes]'],
    ],
    ['numbers in a row', [new Float32Array([0.5]), new BigInt64Array([2n])], [[0.5], ['2']]],
    ['a Blob', new Blob(['abc'], { type: 'image/png' }), '[image/png, 3 bytes]'],
    ['an error', new TypeError('No.'), 'TypeError: No.'],
    ['an expression', /a+/g, '/a+/g'],
    ['a boxed value', [Object(1n), Object('x')], ['1', 'x']],
    ['a function in a field', { f: () => 1 }, {}],
    ['what writes itself', { toJSON: () => ({ a: 1n }) }, { a: '1' }],
  ])('writes %s', (_, value, plain) => {
    expect(plainValue(value)).toEqual(plain)
    expect(JSON.parse(JSON.stringify(plainValue(value)))).toEqual(plain)
  })

  it('writes what comes twice twice, and a circle once', () => {
    const twice = { a: 1 }
    const circle: Record<string, unknown> = { one: twice, two: twice }
    circle['list'] = [circle]
    expect(plainValue(circle)).toEqual({ one: { a: 1 }, two: { a: 1 }, list: ['[circular]'] })
    const map = new Map<string, unknown>()
    expect(plainValue(map.set('me', map))).toEqual({ me: '[circular]' })
  })

  it('writes values of which a part throws, or is nested deep', () => {
    const broken = {
      a: 1,
      b: Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('No.')
        },
      }),
    }
    expect(plainValue(broken)).toEqual({ a: 1, b: '[unreadable]' })
    expect(JSON.stringify(plainValue(nested(50_000)))).toContain('[nested too deep]')
    expect(JSON.stringify(plainValue(nested(900)))).not.toContain('deep')
  })
})

import { hash } from 'node:crypto'
import { serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { canonicalText } from '../../../packages/kernel/src/journal/canonical.js'
import { capture, contentDigest, digestOf, restored } from '../../../packages/kernel/src/journal/value-codec.js'
import { valueChanges } from '../../../packages/kernel/src/journal/value-diff.js'

const digest = (value: unknown): string => digestOf(capture(value))
const ofText = (text: string): string => hash('sha256', text).slice(0, 16)

function cycle(): object {
  const round: Record<string, unknown> = { q: 1 }
  round['self'] = round
  return round
}

function deep(levels: number, inmost: unknown): unknown {
  let value = inmost
  for (let level = 0; level < levels; level += 1) value = { a: value }
  return value
}

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)
const cause = (why: unknown): Error => new Error('x', { cause: why })

describe('the digest of a request', () => {
  it('is that of its JSON text where JSON can say it, also with keys that are undefined and deep inside', () => {
    expect(digest({ b: 1, a: ['x', null, { $date: 5 }] })).toBe(ofText('{"b":1,"a":["x",null,{"$date":5}]}'))
    expect(digest({ b: 1, tools: undefined, a: [{ c: undefined, d: '\ud83d' }] })).toBe(
      ofText('{"b":1,"a":[{"d":"\\ud83d"}]}'),
    )
    expect(digest(deep(70, 1))).toBe(ofText(JSON.stringify(deep(70, 1))))
    expect(digest(undefined)).toBe(ofText(''))
  })

  it('says the same of parts that are shared as of copies of them', () => {
    const part = { text: 'x', none: undefined }
    expect(digest({ a: part, b: [part, part] })).toBe(ofText('{"a":{"text":"x"},"b":[{"text":"x"},{"text":"x"}]}'))
  })

  it.each<[string, unknown, unknown]>([
    ['buffers', { a: bytes(1).buffer }, { a: bytes(2).buffer }],
    ['views of another type', { a: bytes(1, 0) }, { a: new Uint16Array([1]) }],
    ['bytes', { a: bytes(1) }, { a: bytes(2) }],
    ['undefined and null in an array', [undefined], [null]],
    ['a hole and undefined', new Array(1), [undefined]],
    ['zeros', { a: -0 }, { a: 0 }],
    ['a date and what looks like one', { a: new Date(5) }, { a: { $date: 5 } }],
    ['dates', new Date(5), new Date(6)],
    ['a date that is none', new Date(Number.NaN), new Date(0)],
    ['undefined and null in a map', new Map([['a', undefined]]), new Map([['a', null]])],
    ['a map and a set', new Map([[1, 2]]), new Set([[1, 2]])],
    ['keys of an array', Object.assign([1], { x: 1 }), Object.assign([1], { x: 2 })],
    ['a key of an array and none', Object.assign([1], { x: 1 }), [1]],
    ['a sparse array and a longer one', new Array(3), new Array(4)],
    ['causes', cause(1), cause(2)],
    ['causes deep down', cause(cause(new Map([[1, 1]]))), cause(cause(new Map([[1, 2]])))],
    ['names of errors', new TypeError('x'), new RangeError('x')],
    ['a boxed number', { a: Object(1) as unknown }, { a: 1 }],
    ['a boxed bigint', Object(1n), 1n],
    ['a bigint and its text', 1n, '1n'],
    ['numbers that are none', Number.NaN, Number.POSITIVE_INFINITY],
    ['flags', /a/g, /a/i],
    ['where a regular expression ends', /a/g, /ag/],
    ['which object holds itself', { a: cycle() }, Object.assign(cycle(), { q: { q: 1 } })],
  ])('tells %s apart', (_, a, b) => {
    expect(digest(a)).not.toBe(digest(b))
  })

  it('is the same for equal graphs, also those that hold themselves', () => {
    const map = (): Map<unknown, unknown> => {
      const round = new Map<unknown, unknown>()
      return round.set('m', round).set('list', [round, { of: round }])
    }
    for (const make of [cycle, map, () => Object(1n) as unknown, () => cause(cycle())])
      expect(digest(make())).toBe(digest(make()))
    expect(digest(cycle())).not.toBe(digest(map()))
    expect(canonicalText(cycle())).toBe('{"q":1,"self":#0}')
  })

  it('is there for a few objects that stand at more places than could be written out', () => {
    const dag = (): unknown => {
      let value: unknown = { when: new Date(5), long: 'x'.repeat(1_000) }
      for (let level = 0; level < 60; level += 1) value = { a: value, b: value }
      return value
    }
    const captured = { codec: 'v', bytes: serialize(dag()) } as const
    expect(digestOf(captured)).toBe(digestOf({ codec: 'v', bytes: serialize(dag()) }))
  })

  it('is there for bytes that this version of Node cannot read', () => {
    const newer = { codec: 'v', bytes: bytes(255, 99, 1) } as const
    expect(contentDigest(newer)).toBeUndefined()
    expect(digestOf(newer)).toMatch(/^[0-9a-f]{16}$/)
    expect(digestOf(newer)).not.toBe(digestOf({ codec: 'v', bytes: bytes(255, 99, 2) }))
  })
})

describe('what is captured', () => {
  it('can be read again, or is not kept: deeper than a thousand levels is given up', () => {
    const fits = capture(deep(1_000, 1n))
    expect(fits.codec).toBe('v')
    expect(() => restored(fits)).not.toThrow()
    expect(capture(deep(1_200, 1n))).toEqual({ codec: 'x', why: 'not-cloneable' })
    let map: unknown = 1
    for (let level = 0; level < 1_200; level += 1) map = new Map([[map, new Set([1])]])
    expect(capture(map).codec).toBe('x')
    expect(capture(Object.assign([1], { x: 1 })).codec).toBe('v')
  })

  it('is not kept where no store takes it as one record', () => {
    const large = capture({ a: new Uint8Array(268_435_456) })
    expect(large).toEqual({ codec: 'x', why: 'too-large' })
    expect(() => restored(large)).toThrow('took more than 267386880 bytes and was not kept')
    expect(capture('é'.repeat(134_000_000)).codec).toBe('x')
    expect(capture('e'.repeat(134_000_000)).codec).toBe('j')
  })
})

describe('the difference of two values', () => {
  it('is told though they hold themselves', () => {
    const [a, b] = [cycle(), Object.assign(cycle(), { q: 2 })]
    expect(valueChanges(a, b)[0]).toEqual({ at: 'q', before: '1', after: '2' })
    expect(valueChanges([new Date(5)], [undefined])).toEqual([
      { at: '[0]', before: 'Date(1970-01-01T00:00:00.005Z)', after: undefined },
    ])
  })
})

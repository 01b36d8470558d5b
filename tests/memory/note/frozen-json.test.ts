import type { JsonValue } from '@aios/kernel/driver'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frozenJson } from '../../../packages/memory/src/note/frozen-json.js'

type Json = Readonly<Record<string, JsonValue>>

function everyPart(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(everyPart)] : []
}

describe('frozenJson', () => {
  it('copies any JSON object exactly and freezes every part of the copy', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const copy = frozenJson(value as Json, 'metadata')
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
        expect(everyPart(copy).every(Object.isFrozen)).toBe(true)
      }),
    )
  })

  it('shares nothing with what it copied', () => {
    const value = { list: [{ deep: 1 }] }
    const copy = frozenJson(value, 'metadata')
    value.list[0]!.deep = 2
    expect(copy).toEqual({ list: [{ deep: 1 }] })
    expect(Object.isFrozen(value)).toBe(false)
  })

  it('keeps a key called __proto__ as data', () => {
    const copy = frozenJson(JSON.parse('{"__proto__":{"admin":true}}') as Json, 'metadata')
    expect(Object.keys(copy)).toEqual(['__proto__'])
    expect(copy['admin']).toBeUndefined()
  })

  it('leaves out keys whose value is undefined', () => {
    expect(Object.keys(frozenJson({ kept: 1, gone: undefined } as unknown as Json, 'metadata'))).toEqual(['kept'])
  })

  it('takes objects without a prototype', () => {
    expect(frozenJson(Object.assign(Object.create(null), { a: 1 }) as Json, 'metadata')).toEqual({ a: 1 })
  })

  const circular: Record<string, unknown> = {}
  circular['self'] = circular

  it.each([
    ['a function', { at: [() => 1] }, 'Expected JSON for "metadata.at[0]", got a function.'],
    ['a bigint', { at: 1n }, 'Expected JSON for "metadata.at", got a bigint.'],
    ['NaN', { at: Number.NaN }, 'Expected JSON for "metadata.at", got NaN.'],
    ['infinity', { at: [1, -Infinity] }, 'Expected JSON for "metadata.at[1]", got -Infinity.'],
    ['a date', { at: new Date(0) }, 'Expected JSON for "metadata.at", got a Date.'],
    ['bytes', { at: new Uint8Array(2) }, 'Expected JSON for "metadata.at", got a Uint8Array.'],
    ['a nameless class', { at: new (class {})() }, 'Expected JSON for "metadata.at", got a class instance.'],
    ['a hole in an array', { at: new Array(1) }, 'Expected JSON for "metadata.at[0]", got undefined.'],
    ['itself', circular, 'more than 100 levels of nesting'],
  ])('refuses %s and names where it stands', (_what, value, message) => {
    const refused = expect.objectContaining({ code: 'AIOS_INVALID_SYSCALL', message: expect.stringContaining(message) })
    expect(() => frozenJson(value as unknown as Json, 'metadata')).toThrow(refused)
  })
})

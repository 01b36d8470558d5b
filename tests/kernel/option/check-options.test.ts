import { AiosError, checkOptions, describeValue, option, type OptionField } from '@aios/kernel/driver'
import { describe, expect, it } from 'vitest'

const OPTIONS = option.object({
  mode: option.oneOf('read', 'write'),
  id: option.optional(option.name),
  token: option.optional(option.secret('a token', (value) => value === 'right')),
  limits: option.optional(option.object({ depth: option.optional(option.integer(0)) })),
})

function complaint(given: unknown): string {
  try {
    checkOptions('notes()', given, OPTIONS)
  } catch (error) {
    expect(AiosError.is(error, 'AIOS_INVALID_OPTION')).toBe(true)
    return (error as AiosError).message
  }
  return 'none'
}

describe('checkOptions', () => {
  it('lets good values pass, and optional ones that are absent or undefined', () => {
    expect(complaint({ mode: 'read', id: 'a', token: 'right', limits: { depth: 0 } })).toBe('none')
    expect(complaint({ mode: 'write', id: undefined, limits: {} })).toBe('none')
  })

  it.each([
    [{ mode: 'read', idd: 1 }, 'Expected only the keys mode, id, token, limits, got "idd" in notes().'],
    [{ mode: 'read', toString: 1 }, 'Expected only the keys mode, id, token, limits, got "toString" in notes().'],
    [{ mode: 'read', limits: { dept: 1 } }, 'Expected only the keys depth in "limits", got "dept" in notes().'],
    [{ mode: 'read', limits: { depth: -1 } }, 'Expected a whole number from 0 for "limits.depth", got -1 in notes().'],
    [{ id: 'a' }, 'Expected one of "read", "write" for "mode", got undefined in notes().'],
    [undefined, 'Expected an object, got undefined in notes().'],
    [['a'], 'Expected an object, got an array of 1 in notes().'],
  ])('says what is wrong with %j, and where', (given, message) => {
    expect(complaint(given)).toBe(message)
  })

  it('never prints a secret', () => {
    expect(complaint({ mode: 'read', token: 'wrong' })).toBe(
      'Expected a token for "token", got a string of 5 characters in notes().',
    )
    expect(complaint({ mode: 'read', token: { key: 'wrong' } })).toBe(
      'Expected a token for "token", got a value of type object in notes().',
    )
  })

  it('checks a lone value, too', () => {
    expect(() => {
      checkOptions('open()', 0, option.integer(1))
    }).toThrow('Expected a whole number from 1, got 0 in open().')
  })
})

describe('option', () => {
  it.each<[string, OptionField, { readonly good: readonly unknown[]; readonly bad: readonly unknown[] }]>([
    ['string', option.string, { good: ['', 'a'], bad: [1, null, undefined] }],
    ['name', option.name, { good: ['a'], bad: ['', 1, undefined] }],
    ['boolean', option.boolean, { good: [true, false], bad: [0, 'true', undefined] }],
    ['function', option.function, { good: [() => 1], bad: ['call', {}, undefined] }],
    ['record', option.record, { good: [{}, { a: 1 }], bad: [null, [], 'a', undefined] }],
    ['integer(1)', option.integer(1), { good: [1, 2 ** 53 - 1], bad: [0, 1.5, 2 ** 53, '1', undefined] }],
    ['integer(1, 3)', option.integer(1, 3), { good: [1, 3], bad: [0, 4] }],
    ['number(0)', option.number(0), { good: [0, 0.5], bad: [-0.5, Number.POSITIVE_INFINITY, Number.NaN, '1'] }],
    ['number(0, 2)', option.number(0, 2), { good: [0, 0.7, 2], bad: [2.1, -0.1] }],
    ['oneOf', option.oneOf('a', 'b'), { good: ['a', 'b'], bad: ['c', 1] }],
    ['array', option.array(option.string), { good: [[], ['a']], bad: ['a', [1], undefined] }],
    ['union', option.union('either', option.string, option.boolean), { good: ['a', true], bad: [1, null] }],
    ['object', option.object({ a: option.string }), { good: [{ a: '' }], bad: [{}, { a: 1 }, { a: '', b: 1 }, null] }],
    ['optional', option.optional(option.string), { good: [undefined, 'a'], bad: [null, 1] }],
    ['custom', option.custom('one', (value) => value === 1), { good: [1], bad: [2] }],
    ['secret', option.secret('one', (value) => value === 1), { good: [1], bad: [2] }],
  ])('%s accepts and refuses the right values', (_name, field, { good, bad }) => {
    for (const value of good) expect(field(value, 'x'), describeValue(value)).toBeUndefined()
    for (const value of bad) expect(field(value, 'x'), describeValue(value)).toMatch(/^Expected .* "?x.*, got .*\.$/)
  })
})

describe('describeValue', () => {
  it.each([
    ['short', '"short"'],
    ['x'.repeat(41), 'a string of 41 characters'],
    [() => 1, 'a function'],
    [{ a: 1, b: 2 }, 'an object with 2 keys'],
    [[], 'an array of 0'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    [7n, '7n'],
  ])('says what %s is without printing much of it', (value, words) => {
    expect(describeValue(value)).toBe(words)
  })
})

import { AiosError } from '@aios/kernel'
import { describe as group, expect, it } from 'vitest'
import { checkOptions, describe, isRecord, OPTION_RULES } from '../../../packages/llm/src/option/options.js'

const RULES = {
  name: OPTION_RULES.name,
  count: OPTION_RULES.count,
  key: { expects: 'a key', accepts: (value: unknown) => value === 'right', isSecret: true },
}

function complaint(options: unknown): string {
  try {
    checkOptions('core()', options, RULES)
  } catch (error) {
    expect(AiosError.is(error, 'AIOS_INVALID_OPTION')).toBe(true)
    return (error as AiosError).message
  }
  return 'none'
}

group('checkOptions', () => {
  it('lets good, absent and undefined values pass', () => {
    expect(complaint({ name: 'a', count: 1, key: 'right' })).toBe('none')
    expect(complaint({ name: undefined })).toBe('none')
    expect(complaint({})).toBe('none')
  })

  it.each([
    [{ nmae: 'a' }, 'Expected only name, count, key for core(), got the key "nmae".'],
    [{ toString: 1 }, 'Expected only name, count, key for core(), got the key "toString".'],
    [{ name: '' }, 'Expected a string that is not empty for "name" of core(), got "".'],
    [
      { name: 'x'.repeat(41).split('') },
      'Expected a string that is not empty for "name" of core(), got an array of 41.',
    ],
    [{ count: 0 }, 'Expected a positive integer for "count" of core(), got 0.'],
    [{ count: 1.5 }, 'Expected a positive integer for "count" of core(), got 1.5.'],
    [null, 'Expected an options object for core(), got null.'],
    [['a'], 'Expected an options object for core(), got an array of 1.'],
  ])('explains what is wrong with %j', (options, message) => {
    expect(complaint(options)).toBe(message)
  })

  it('never shows a secret, not even its type at length', () => {
    expect(complaint({ key: 'wrong' })).toBe('Expected a key for "key" of core(), got a string of 5 characters.')
    expect(complaint({ key: ['wrong'] })).toBe('Expected a key for "key" of core(), got object.')
  })
})

group('describe', () => {
  it.each([
    ['short', '"short"'],
    ['x'.repeat(41), 'a string of 41 characters'],
    [() => 1, 'a function'],
    [{ a: 1, b: 2 }, 'an object with 2 keys'],
    [[], 'an array of 0'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
  ])('says what %s is', (value, text) => {
    expect(describe(value)).toBe(text)
  })
})

group('OPTION_RULES', () => {
  it.each([
    ['name', 'a', 1],
    ['count', 1, Number.MAX_SAFE_INTEGER + 1],
    ['duration', 0, -1],
    ['duration', 0.5, Number.POSITIVE_INFINITY],
    ['object', {}, []],
    ['flag', false, 0],
  ] as const)('%s accepts %j, not %j', (rule, good, bad) => {
    expect([OPTION_RULES[rule].accepts(good), OPTION_RULES[rule].accepts(bad)]).toEqual([true, false])
  })
})

group('isRecord', () => {
  it('means an object with keys', () => {
    expect([{}, [], null, 'a', undefined].map(isRecord)).toEqual([true, false, false, false, false])
  })
})

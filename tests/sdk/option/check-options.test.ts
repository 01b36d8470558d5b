import { AiosError } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { checkOptions, RULES } from '../../../packages/sdk/src/option/check-options.js'

function messageOf(options: unknown): string {
  try {
    checkOptions('thing', options, { name: RULES.text, count: RULES.count })
  } catch (error) {
    expect(AiosError.is(error, 'AIOS_INVALID_OPTION')).toBe(true)
    return (error as Error).message
  }
  return 'accepted'
}

it('accepts known keys that keep their rules, and keys that are undefined', () => {
  expect(messageOf({})).toBe('accepted')
  expect(messageOf({ name: 'a', count: 2 })).toBe('accepted')
  expect(messageOf({ name: undefined })).toBe('accepted')
})

it('names an unknown key and the keys there are, also for one that every object inherits', () => {
  expect(messageOf({ nmae: 'a' })).toBe('Expected options of thing (name, count), got "nmae".')
  expect(messageOf({ toString: 'a' })).toBe('Expected options of thing (name, count), got "toString".')
})

it('says what was expected and what came', () => {
  expect(messageOf({ count: 0 })).toBe('Expected a positive integer for "count" of thing, got 0.')
  expect(messageOf({ count: 'x'.repeat(41) })).toContain('got a string of 41 characters.')
  expect(messageOf({ name: ['a'] })).toContain('got an array.')
  expect(messageOf({ name: null })).toContain('got null.')
  expect(messageOf({ name: () => 'a' })).toContain('got function.')
  expect(messageOf('name')).toBe('Expected an options object for thing, got "name".')
  expect(messageOf([])).toBe('Expected an options object for thing, got an array.')
  expect(messageOf(null)).toBe('Expected an options object for thing, got null.')
})

describe('rules', () => {
  it.each([
    ['text', ['', 'a'], [1, null]],
    ['texts', [[], ['a']], ['a', [1]]],
    ['count', [1, 7], [0, -1, 1.5, '1', Number.POSITIVE_INFINITY]],
    ['temperature', [0, 0.7, 2], [-0.1, 2.1, Number.NaN, '1']],
    ['call', [() => 1], ['call', {}]],
    ['object', [{}], [null, 'a']],
  ] as const)('%s accepts and refuses the right values', (name, good, bad) => {
    for (const value of good) expect(RULES[name].matches(value), JSON.stringify(value)).toBe(true)
    for (const value of bad) expect(RULES[name].matches(value), JSON.stringify(value)).toBe(false)
  })
})

import { expect, it } from 'vitest'
import { clip, failureText } from '../../../packages/tools/src/error/failure-text.js'

it('returns the message of an error', () => {
  expect(failureText(new Error('no luck'))).toBe('no luck')
})

it('says what was thrown where it is no error, or one without words', () => {
  expect(failureText('plain')).toBe('"plain"')
  expect(failureText(undefined)).toBe('undefined')
  expect(failureText(new Error(''))).toBe('an object with the keys (none)')
})

it('bounds what it repeats and marks the cut', () => {
  expect(failureText(new Error('x'.repeat(5_000)))).toBe(`${'x'.repeat(1_000)}… (5000 characters)`)
})

it('leaves a text alone that is as long as allowed', () => {
  expect(clip('abc', 3)).toBe('abc')
  expect(clip('abcd', 3)).toBe('abc… (4 characters)')
})

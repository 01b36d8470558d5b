import { expect, it } from 'vitest'
import { STOP_WORDS } from '../../../packages/memory/src/retrieval/stop-words.js'

it('holds words of grammar, in the form in which the tokeniser looks them up', () => {
  expect([...STOP_WORDS]).toEqual([...STOP_WORDS].filter((word) => /^[a-z]+$/.test(word)))
  expect(STOP_WORDS.has('the')).toBe(true)
  expect(STOP_WORDS.has('dont')).toBe(true)
})

it('holds no word that tells what a note is about', () => {
  for (const word of ['cat', 'work', 'year', 'name', 'new', 'first', 'like', 'well'])
    expect(STOP_WORDS.has(word)).toBe(false)
})

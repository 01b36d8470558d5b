import { describe, expect, it } from 'vitest'
import { stem } from '../../../packages/memory/src/retrieval/stem.js'

describe('stem', () => {
  it.each([
    ['cats', 'cat'],
    ['classes', 'class'],
    ['cries', 'cry'],
    ['ties', 'tie'],
    ['walked', 'walk'],
    ['walking', 'walks'],
    ['hopping', 'hop'],
    ['hoped', 'hope'],
    ['hoping', 'hopes'],
    ['rated', 'rate'],
    ['troubling', 'trouble'],
    ['resized', 'resize'],
    ['falling', 'fall'],
    ['quickly', 'quick'],
    ['repeatedly', 'repeat'],
    ['happily', 'happy'],
    ['moving', 'moves'],
    ['adventures', 'adventure'],
    ['buried', 'bury'],
  ])('gives %s and %s the same stem', (inflected, base) => {
    expect(stem(inflected)).toBe(stem(base))
  })

  it.each([
    ['hop', 'hope'],
    ['car', 'care'],
    ['plan', 'plane'],
    ['organ', 'organisation'],
    ['sing', 's'],
    ['bus', 'bu'],
    ['pass', 'pas'],
    ['gas', 'ga'],
    ['feed', 'fe'],
    ['fly', 'f'],
  ])('keeps %s and %s apart', (one, other) => {
    expect(stem(one)).not.toBe(stem(other))
  })

  it.each(['as', 'café', 'naïves', 'häuser', 'мир', 'b2bs', '2024'])(
    'leaves %s alone, which is no English word',
    (word) => {
      expect(stem(word)).toBe(word)
    },
  )

  it.each(['yes', 'sky', 'say', 'enjoys', 'youths', 'playing', 'shyly', 'eyeing'])(
    'never returns an empty or capital stem for %s',
    (word) => {
      expect(stem(word)).toMatch(/^[a-z]+$/)
    },
  )
})

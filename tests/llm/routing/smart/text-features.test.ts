import { expect, it } from 'vitest'
import { featuresOf, type TextFeatures } from '../../../../packages/llm/src/routing/smart/text-features.js'

const textOf = (content: string): TextFeatures => featuresOf({ messages: [{ role: 'user', content }] })

it('counts words and pairs of words, whatever their case and the text before', () => {
  const first = textOf('the cat, the dog')
  // "the"; "cat", "the cat", "cat the", "dog", "the dog"
  expect([...first.near.counts]).toStrictEqual([2, 1, 1, 1, 1, 1])
  expect(new Set(first.near.features).size).toBe(6)
  textOf('a text of other words, the cat among them')
  expect(textOf('The CAT, the Dog')).toStrictEqual(first)
})

it('counts pieces of words with what is before and behind them', () => {
  // "cat" and "cats" have " cat" alike, not "cat ".
  const [one, many] = [textOf('cat').wide.features, textOf('cats').wide.features]
  expect([one.length, many.length]).toStrictEqual([3, 4])
  expect(one.filter((feature) => many.includes(feature)).length).toBe(1)
})

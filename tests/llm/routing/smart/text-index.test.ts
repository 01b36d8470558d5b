import { describe, expect, it } from 'vitest'
import { featuresOf, type TextFeatures } from '../../../../packages/llm/src/routing/smart/text-features.js'
import { TextIndex } from '../../../../packages/llm/src/routing/smart/text-index.js'

const textOf = (content: string): TextFeatures => featuresOf({ messages: [{ role: 'user', content }] })
/** Letters only: what stands next to a number is another word. */
const wordOf = (n: number): string => String(n).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!)

const TEXTS = 2_000
const RARE = 'quetzal zymurgy'

/** Fills an index with texts of 75 out of 1,000 words, so that each word is in some 150; one also has words of its own. */
function filled(): TextIndex {
  const index = new TextIndex(TEXTS)
  for (let slot = 0; slot < TEXTS; slot += 1) {
    const words = Array.from({ length: 75 }, (_, at) => wordOf((slot * 75 + at * 13) % 1_000))
    index.add(slot, textOf([...words, ...(slot === 7 ? [RARE] : [])].join(' ')))
  }
  return index
}

function similaritiesTo(index: TextIndex, text: string): Float32Array {
  const into = new Float32Array(TEXTS)
  index.similarities(textOf(text), into)
  return into
}

describe('the texts like a request', () => {
  it('share any of its words', () => {
    const found = similaritiesTo(filled(), `${wordOf(0)} ${wordOf(13)} ${RARE}`)
    expect(found.filter((similarity) => similarity > 0).length).toBeGreaterThan(100)
    expect(found.indexOf(Math.max(...found))).toBe(7)
  })

  it('are looked for by the rare words alone where a long one has too many of the others', () => {
    const long = Array.from({ length: 1_000 }, (_, n) => wordOf(n)).join(' . ')
    const found = similaritiesTo(filled(), `${long} ${RARE}`)
    expect(found[7]).toBeGreaterThan(0)
    expect(found.filter((similarity) => similarity > 0).length).toBeLessThan(100)
  })

  it('are not those that were taken out', () => {
    const index = new TextIndex(TEXTS)
    const [first, second] = [textOf('a poem about the river'), textOf('proof of a theorem')]
    index.add(0, first)
    index.add(1, textOf('a poem about the rose'))
    index.remove(0, first)
    index.add(0, second)
    const found = similaritiesTo(index, 'a poem')
    expect([...found.slice(0, 2)].map((similarity) => similarity > 0)).toStrictEqual([false, true])
  })
})

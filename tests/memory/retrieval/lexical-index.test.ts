import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LexicalIndex, type WeightedText } from '../../../packages/memory/src/retrieval/lexical-index.js'
import { tokenize } from '../../../packages/memory/src/retrieval/tokenize.js'

type Documents = ReadonlyMap<number, readonly WeightedText[]>

/** Scores every document from scratch, from the definition of BM25 and nothing that the index keeps. */
function bruteForce(documents: Documents, query: string): Map<number, number> {
  const [k1, b] = [1.2, 0.75]
  const weighted = [...documents].map(([key, fields]) => ({
    key,
    terms: fields.flatMap(({ text, weight }) => tokenize(text).flatMap((term) => Array<string>(weight).fill(term))),
  }))
  const average = weighted.reduce((sum, { terms }) => sum + terms.length, 0) / weighted.length
  const scores = new Map<number, number>()
  for (const term of new Set(tokenize(query))) {
    const holders = weighted.filter(({ terms }) => terms.includes(term))
    for (const { key, terms } of holders) {
      const tf = terms.filter((each) => each === term).length
      const idf = Math.log(1 + (weighted.length - holders.length + 0.5) / (holders.length + 0.5))
      const score = (idf * (tf * (k1 + 1))) / (tf + k1 * (1 - b + (b * terms.length) / average))
      scores.set(key, (scores.get(key) ?? 0) + score)
    }
  }
  return scores
}

const word = fc.constantFrom('apple', 'apples', 'Berry', 'cherry', 'the', 'of', '漢字', 'dates', '42', '…')
const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '))
const fields = fc.array(fc.record({ text, weight: fc.integer({ min: 1, max: 3 }) }), { maxLength: 3 })
const change = fc.oneof(
  fc.record({ type: fc.constant('put' as const), key: fc.nat(8), fields }),
  fc.record({ type: fc.constant('delete' as const), key: fc.nat(8) }),
)

describe('LexicalIndex', () => {
  it('answers after any history as brute force over what it holds', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), text, (changes, query) => {
        const index = new LexicalIndex()
        const documents = new Map<number, readonly WeightedText[]>()
        for (const each of changes) {
          if (each.type === 'put') {
            index.put(each.key, each.fields)
            documents.set(each.key, each.fields)
          } else {
            index.delete(each.key)
            documents.delete(each.key)
          }
        }
        const expected = bruteForce(documents, query)
        const got = index.search(query)
        expect([...got.keys()].sort()).toEqual([...expected.keys()].sort())
        for (const [key, score] of expected) expect(got.get(key)).toBeCloseTo(score, 12)
      }),
      { numRuns: 300 },
    )
  })

  it('answers after any history exactly as an index built from what it holds', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), text, (changes, query) => {
        const index = new LexicalIndex()
        const documents = new Map<number, readonly WeightedText[]>()
        for (const each of changes) {
          if (each.type === 'put') {
            index.put(each.key, each.fields)
            documents.set(each.key, each.fields)
          } else {
            index.delete(each.key)
            documents.delete(each.key)
          }
        }
        const rebuilt = new LexicalIndex()
        for (const [key, kept] of documents) rebuilt.put(key, kept)
        expect(new Map([...index.search(query)].sort())).toEqual(new Map([...rebuilt.search(query)].sort()))
        expect([index.size, index.terms]).toEqual([rebuilt.size, rebuilt.terms])
      }),
      { numRuns: 300 },
    )
  })

  it('keeps nothing of documents that are gone', () => {
    const index = new LexicalIndex()
    index.put(1, [{ text: 'alpha beta', weight: 1 }])
    index.put(2, [{ text: 'beta gamma', weight: 2 }])
    index.delete(1)
    index.delete(2)
    index.delete(2)
    expect([index.size, index.terms]).toEqual([0, 0])
    expect(index.search('beta').size).toBe(0)
  })

  it('counts a word in a heavier field more', () => {
    const index = new LexicalIndex()
    index.put(1, [
      { text: 'lake', weight: 1 },
      { text: 'boat', weight: 2 },
    ])
    index.put(2, [
      { text: 'lake', weight: 2 },
      { text: 'boat', weight: 1 },
    ])
    const scores = index.search('lake')
    expect(scores.get(2)).toBeGreaterThan(scores.get(1)!)
  })

  it('does not count a word of the query twice', () => {
    const index = new LexicalIndex()
    index.put(1, [{ text: 'lake boat', weight: 1 }])
    expect(index.search('lake lakes LAKE')).toEqual(index.search('lake'))
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenize } from '../../../packages/memory/src/retrieval/tokenize.js'

/** Any code points, half characters included; much quicker to make than the library's own. */
const anyText = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points))

describe('tokenize', () => {
  it('splits at everything that is neither letter nor digit, and keeps the order and the repetitions', () => {
    expect(tokenize('red/blue_green red-42, (red)!')).toEqual(['red', 'blue', 'green', 'red', '42', 'red'])
  })

  it('makes no difference between upper and lower case', () => {
    expect(tokenize('ÄPFEL Straße МИР')).toEqual(tokenize('äpfel straße мир'))
  })

  it('makes no difference between composed, decomposed and compatibility forms of a character', () => {
    expect(tokenize('caf\u00e9 ﬁle １２ ｋｅｙ')).toEqual(tokenize('cafe\u0301 file 12 key'))
  })

  it('keeps vowel signs inside their word', () => {
    expect(tokenize('हिन्दी भाषा')).toEqual(['हिन्दी', 'भाषा'])
  })

  it('drops stop words and inflection of English', () => {
    expect(tokenize('What were the cats chasing?')).toEqual(tokenize('cat chases'))
  })

  it('keeps the stop words of a text that has nothing else', () => {
    expect(tokenize('To be, or not to be')).toEqual(['to', 'be', 'or', 'not', 'to', 'be'])
  })

  it('takes the possessive away and joins contractions, whichever apostrophe is used', () => {
    expect(tokenize("Alice's o'clock don't")).toEqual(['alic', 'oclock'])
    expect(tokenize('Alice’s o’clock don’t')).toEqual(['alic', 'oclock'])
  })

  it('splits scripts without spaces into characters and pairs', () => {
    expect(tokenize('東京都')).toEqual(['東', '京', '東京', '都', '京都'])
    expect(tokenize('𠮷野家').slice(0, 3)).toEqual(['𠮷', '野', '𠮷野'])
  })

  it('cuts what has no end', () => {
    expect(tokenize('x'.repeat(1_000_000))).toEqual(['x'.repeat(64)])
  })

  it('finds nothing in punctuation, emoji and emptiness', () => {
    expect(tokenize(' \n\t?!… 🙂 \u0000 ')).toEqual([])
    expect(tokenize('')).toEqual([])
  })

  it('takes any text and only ever returns lower-case terms that are not empty', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenize(text).filter((term) => term === '' || term !== term.toLowerCase())).toEqual([])
      }),
    )
  })

  it('finds in a joined text the terms of its halves, if neither is made of stop words alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        const [first, second] = [`key ${one}`, `lock ${other}`]
        expect(tokenize(`${first} . ${second}`)).toEqual([...tokenize(first), ...tokenize(second)])
      }),
    )
  })
})

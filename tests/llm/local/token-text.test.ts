import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenText } from '../../../packages/llm/src/local/token-text.js'
import { runs } from '../../setup/runs.js'

type Model = ConstructorParameters<typeof TokenText>[0]

const SPECIAL: Readonly<Record<number, string>> = { 1_000: '<tool_call>', 1_001: '<|im_end|>' }

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** A tokenizer whose tokens are bytes, and two that are no text. */
const bytes = {
  isSpecialToken: (token: number) => token in SPECIAL,
  detokenize: (tokens: readonly number[], special: boolean) =>
    special ? tokens.map((token) => SPECIAL[token]).join('') : utf8.decode(Uint8Array.from(tokens)),
} as unknown as Model

function told(tokens: readonly number[], marks: readonly string[] = []): { texts: string[]; tokens: number } {
  const text = new TokenText(bytes, marks)
  const pieces = [...tokens.map((token) => text.push(token)), text.end()]
  const there = pieces.filter((piece) => piece !== undefined)
  return { texts: there.map((piece) => piece.text), tokens: there.reduce((sum, piece) => sum + piece.tokens, 0) }
}

describe('TokenText', () => {
  it('tells a text in whole characters, and counts every token once', () => {
    const letters = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\uFFFD'))
    fc.assert(
      fc.property(letters, (text) => {
        const all = [...Buffer.from(text)]
        const { texts, tokens } = told(all)
        expect(texts).toEqual([...text])
        expect(tokens).toBe(all.length)
      }),
      { numRuns: runs(200, 10_000) },
    )
  })

  it('leaves out a character that is never completed', () => {
    expect(told([...Buffer.from('a🌍')].slice(0, -1))).toEqual({ texts: ['a', ''], tokens: 4 })
  })

  it('tells bytes that are no text sooner or later', () => {
    expect(told(Array<number>(9).fill(0xff)).texts[0]).toBe('\uFFFD'.repeat(8))
  })

  it('shows special tokens only where they are part of a mark, and completes what came before', () => {
    expect(told([65, 1_000, 66, 1_001], ['<tool_call>{'])).toEqual({ texts: ['A', '<tool_call>', 'B', ''], tokens: 4 })
    expect(told([0xc3, 1_000]).texts).toEqual([''])
  })
})

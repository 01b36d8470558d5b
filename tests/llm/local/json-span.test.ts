import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonSpan } from '../../../packages/llm/src/local/json-span.js'
import { runs } from '../../setup/runs.js'

/** Reads a text in pieces; returns where the value ended. */
function endOf(text: string, cuts: readonly number[] = []): number | undefined {
  const span = new JsonSpan()
  let from = 0
  for (const to of [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b).concat(text.length)) {
    const end = span.read(text.slice(from, to))
    if (end !== undefined) return from + end
    from = to
  }
  return undefined
}

describe('JsonSpan', () => {
  it('finds the end of any value, however the text is cut and whatever follows', () => {
    const values = fc.tuple(fc.jsonValue(), fc.constantFrom('', ' ', '\n\t'), fc.array(fc.nat(), { maxLength: 6 }))
    fc.assert(
      fc.property(values, fc.constantFrom('}', ',', ' ', '\n\n{"a":1}', ')'), ([value, before, cuts], after) => {
        const json = before + JSON.stringify(value)
        // A number ends only where something else begins: a bracket of words would be read as part of it.
        const rest = /[\d\w]$/.test(json) && after === ')' ? ' )' : after
        expect(endOf(json + rest, cuts)).toBe(json.length)
      }),
      { numRuns: runs(300, 20_000) },
    )
  })

  it.each(['', '  ', '12', 'tru', '"a', '"a\\"', '{"a": [1, 2]', '[{}'])('waits for the end of %j', (text) => {
    expect(endOf(text)).toBeUndefined()
  })

  it('ends at once where there is nothing but a closing bracket', () => {
    expect(endOf('}')).toBe(1)
  })
})

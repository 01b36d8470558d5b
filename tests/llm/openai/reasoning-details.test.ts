import { describe, expect, it } from 'vitest'
import {
  detailParts,
  joinDetails,
  readDetails,
  returningDetails,
} from '../../../packages/llm/src/openai/reasoning-details.js'

const text = (said: string, rest: object = {}) => ({ type: 'reasoning.text', text: said, index: 0, ...rest })

describe('joinDetails', () => {
  it('appends text to text of the same place', () => {
    expect(joinDetails([text('a'), text('b'), text('c', { index: 1 })])).toEqual([text('ab'), text('c', { index: 1 })])
  })

  it('takes a signature from where it comes, and keeps it', () => {
    const signed = { type: 'reasoning.text', index: 0, signature: 'Sig==' }
    expect(joinDetails([text('a', { signature: null }), signed, text('b', { signature: null })])).toEqual([
      text('ab', { signature: 'Sig==' }),
    ])
  })

  it('leaves apart what it does not know, and what is encrypted', () => {
    const details = [{ type: 'reasoning.encrypted', data: 'A' }, { type: 'reasoning.encrypted', data: 'B' }, {}, {}]
    expect(joinDetails(details)).toEqual(details)
  })

  it('does not take a type for a field of every object', () => {
    const details = [{ type: 'toString' }, { type: 'toString' }]
    expect(joinDetails(details)).toEqual(details)
  })
})

describe('what goes back of reasoning', () => {
  it('goes to the host it came from, and nowhere else', () => {
    const [part] = detailParts([text('a')], 'h')
    expect(returningDetails(part!, 'h')).toEqual([text('a')])
    expect(returningDetails(part!, 'other')).toEqual([])
    expect(returningDetails({ ...part!, opaque: {} }, 'h')).toEqual([])
  })

  it('is nothing where nothing came', () => {
    expect(detailParts([], 'h')).toEqual([])
    expect([readDetails(null), readDetails('x'), readDetails([1, null])]).toEqual([[], [], []])
  })
})

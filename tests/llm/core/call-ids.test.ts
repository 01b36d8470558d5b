import { describe, expect, it } from 'vitest'
import { CallIds } from '../../../packages/llm/src/core/call-ids.js'

const ids = (): CallIds => new CallIds((n) => `made_${n}`)

describe('CallIds', () => {
  it('keeps an id that is used once, and makes one for every other call', () => {
    const taken = ids()
    expect(['a', 'a', undefined, '', 'b', 'a'].map((given) => taken.take(given))).toEqual([
      'a',
      'made_1',
      'made_2',
      'made_3',
      'b',
      'made_5',
    ])
    expect(taken.size).toBe(6)
  })

  it('makes no id that the provider used itself', () => {
    const taken = ids()
    expect(['made_2', 'x', undefined].map((given) => taken.take(given))).toEqual(['made_2', 'x', 'made_3'])
    expect(taken.take('made_3')).toBe('made_4')
  })

  it('knows a call that is repeated by its id and what it says', () => {
    const taken = ids()
    taken.take('a', 'add 1')
    expect([taken.isRepeated('a', 'add 1'), taken.isRepeated('a', 'add 2'), taken.isRepeated('b', 'add 1')]).toEqual([
      true,
      false,
      false,
    ])
    expect(taken.isRepeated(undefined, 'add 1')).toBe(false)
  })
})

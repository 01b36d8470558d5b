import { describe, expect, it } from 'vitest'
import { placesOf, useOf } from '../../../packages/storage/src/lmdb/gate.js'

describe('the gate of a store', () => {
  it('shows the same use while one place for the turn is being taken or given back, and so looks at rest', () => {
    for (const use of ['comes', 'reads', 'process', 'power'] as const) {
      expect(useOf(placesOf(use))).toBe(use)
      expect(useOf(placesOf(use) + 1)).toBe(use)
    }
  })
})

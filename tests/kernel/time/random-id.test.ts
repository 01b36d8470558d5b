import { expect, it } from 'vitest'
import { randomId } from '../../../packages/kernel/src/time/random-id.js'

it('is 8 hexadecimal digits, different each time', () => {
  const ids = Array.from({ length: 100 }, randomId)
  expect(ids.every((id) => /^[0-9a-f]{8}$/.test(id))).toBe(true)
  expect(new Set(ids).size).toBe(100)
})

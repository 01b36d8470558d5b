import { describe, expect, it } from 'vitest'
import { retryAfterMs } from '../../../packages/llm/src/core/retry-after.js'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const wait = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), NOW)

describe('retryAfterMs', () => {
  it('reads seconds, milliseconds and dates', () => {
    expect(wait({ 'retry-after': '2' })).toBe(2_000)
    expect(wait({ 'retry-after': '0.5' })).toBe(500)
    expect(wait({ 'retry-after-ms': '120' })).toBe(120)
    expect(wait({ 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT' })).toBe(30_000)
  })

  it('prefers the finer one', () => {
    expect(wait({ 'retry-after-ms': '120', 'retry-after': '1' })).toBe(120)
  })

  it('never goes back in time', () => {
    expect(wait({ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' })).toBe(0)
    expect(wait({ 'retry-after': '-3' })).toBe(0)
  })

  it('says nothing where the provider says nothing, or nonsense', () => {
    expect(wait({})).toBeUndefined()
    expect(wait({ 'retry-after': 'soon' })).toBeUndefined()
    expect(wait({ 'retry-after': '' })).toBeUndefined()
    expect(retryAfterMs(undefined, NOW)).toBeUndefined()
  })
})

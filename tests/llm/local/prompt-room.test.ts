import { describe, expect, it } from 'vitest'
import { checkRoom } from '../../../packages/llm/src/local/prompt-room.js'

describe('checkRoom', () => {
  it('wants room for one token of an answer at least', () => {
    expect(() => {
      checkRoom(99, 100)
    }).not.toThrow()
    expect(() => {
      checkRoom(100, 100)
    }).toThrowError(expect.objectContaining({ code: 'AIOS_LLM_CONTEXT_OVERFLOW' }) as Error)
  })
})

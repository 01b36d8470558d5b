import { describe, expect, it } from 'vitest'
import type { CoreRequest } from '@aios/kernel'
import { checkSaved, requestName, sealed } from '../../../packages/llm/src/local/saved-answer.js'

const REQUEST: CoreRequest = { messages: [{ role: 'user', content: 'Hi.' }], seed: 1 }
const FIT = { engine: 'engine', request: requestName(REQUEST, 'gguf') }
const state = sealed({
  ...FIT,
  seed: 7,
  prompt: Uint32Array.of(1, 2, 3),
  tokens: Uint32Array.of(4),
  yielded: 3,
  memory: Uint8Array.of(9, 8, 7),
})

function refusal(given: unknown, fit = FIT): unknown {
  try {
    checkSaved(given, fit)
  } catch (error) {
    return (error as { code: string }).code
  }
  return undefined
}

describe('checkSaved', () => {
  it('lets a state pass that fits, also after it was cloned, and one of an answer that had read nothing', () => {
    expect(checkSaved(structuredClone(state), FIT)).toEqual(state)
    const fresh = sealed({ ...state, tokens: new Uint32Array(), memory: undefined })
    expect(refusal(structuredClone(fresh))).toBeUndefined()
  })

  it('refuses one of another engine or request', () => {
    expect(refusal(state, { ...FIT, engine: 'other' })).toBe('AIOS_UNSUPPORTED')
    expect(refusal(state, { ...FIT, request: requestName({ ...REQUEST, seed: 2 }, 'gguf') })).toBe('AIOS_UNSUPPORTED')
  })

  it.each([
    { memory: Uint8Array.of(9, 8, 6) },
    { memory: undefined },
    { memory: [9, 8, 7] },
    { prompt: Uint32Array.of(1, 2, 4) },
    { tokens: Uint32Array.of(5) },
    { prompt: Uint32Array.of(1, 2), tokens: Uint32Array.of(3, 4) },
    { yielded: 4 },
    { yielded: 1.5 },
    { seed: 8 },
    { engine: 'forged' },
    { format: 'aios-local-0' },
  ])('refuses one that was changed: %j', (change) => {
    expect(refusal({ ...state, ...change })).toBe('AIOS_CORRUPT')
  })
})

describe('requestName', () => {
  it('tells requests apart by all that an answer depends on, and by nothing else', () => {
    const more: Partial<CoreRequest>[] = [
      { messages: [{ role: 'user', content: 'Hi!' }] },
      { temperature: 1 },
      { topP: 0.5 },
      { maxOutputTokens: 3 },
      { stop: ['x'] },
      { toolChoice: 'none' },
      { responseFormat: { type: 'json' } },
      { tools: [{ name: 'a', description: '', inputSchema: {} }] },
      { providerOptions: { gguf: { topK: 1 } } },
    ]
    const names = [{}, ...more].map((change) => requestName({ ...REQUEST, ...change }, 'gguf'))
    expect(new Set(names).size).toBe(names.length)
    expect(requestName({ ...REQUEST, providerOptions: { openai: { user: 'x' } } }, 'gguf')).toBe(FIT.request)
  })
})

import { describe, expect, it } from 'vitest'
import { reasoningOrigin, returningField } from '../../../packages/llm/src/openai/reasoning-origin.js'

const thought = (opaque?: Record<string, unknown>) => ({ type: 'reasoning' as const, text: 'Hm.', opaque })

describe('reasoningOrigin', () => {
  it('lets reasoning return to its host, in its field', () => {
    const part = thought(reasoningOrigin('api.deepseek.com', 'reasoning_content'))
    expect(returningField(part, 'api.deepseek.com')).toBe('reasoning_content')
    expect(returningField(thought(reasoningOrigin('api.groq.com', 'reasoning')), 'api.groq.com')).toBe('reasoning')
  })

  it('keeps it from every other host', () => {
    const part = thought(reasoningOrigin('api.deepseek.com', 'reasoning_content'))
    expect(returningField(part, 'api.openai.com')).toBeUndefined()
  })

  it('ignores state of others, and state that is none', () => {
    expect(returningField(thought(), 'h')).toBeUndefined()
    expect(returningField(thought({ anthropic: { signature: 'x' } }), 'h')).toBeUndefined()
    expect(returningField(thought({ openai: 'h' }), 'h')).toBeUndefined()
    expect(returningField(thought({ openai: { host: 'h', field: '__proto__' } }), 'h')).toBeUndefined()
  })
})

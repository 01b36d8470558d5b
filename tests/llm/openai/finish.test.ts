import { describe, expect, it } from 'vitest'
import { fromWireFinish } from '../../../packages/llm/src/openai/finish.js'

const PLAIN = { hasToolCalls: false, isRefusal: false }

describe('fromWireFinish', () => {
  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['insufficient_system_resource', 'other'],
    ['constructor', 'other'],
  ])('calls %s %s and keeps the original', (raw, unified) => {
    expect(fromWireFinish(raw, PLAIN)).toEqual({ unified, raw })
  })

  it('takes a plain stop with tool calls for tool calls, and nothing else', () => {
    const called = { hasToolCalls: true, isRefusal: false }
    expect(fromWireFinish('stop', called).unified).toBe('tool-calls')
    expect(fromWireFinish('length', called).unified).toBe('length')
  })

  it('takes a plain stop with a refusal for a content filter', () => {
    expect(fromWireFinish('stop', { hasToolCalls: false, isRefusal: true }).unified).toBe('content-filter')
  })

  it('says what it can where the provider says nothing', () => {
    expect(fromWireFinish(undefined, PLAIN)).toEqual({ unified: 'other' })
    expect(fromWireFinish(undefined, { hasToolCalls: true, isRefusal: false })).toEqual({ unified: 'tool-calls' })
  })
})

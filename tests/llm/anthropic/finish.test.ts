import { describe, expect, it } from 'vitest'
import { fromStopReason } from '../../../packages/llm/src/anthropic/finish.js'

describe('fromStopReason', () => {
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['tool_use', 'tool-calls'],
    ['pause_turn', 'paused'],
    ['refusal', 'content-filter'],
    ['model_context_window_exceeded', 'context-overflow'],
    ['compaction', 'other'],
    ['toString', 'other'],
  ])('calls %s %s, and keeps it', (raw, unified) => {
    expect(fromStopReason(raw, false)).toEqual({ unified, raw })
  })

  it('takes a plain stop with calls for calls, and nothing else', () => {
    expect(fromStopReason('end_turn', true).unified).toBe('tool-calls')
    expect(fromStopReason('max_tokens', true).unified).toBe('length')
    expect(fromStopReason('pause_turn', true).unified).toBe('paused')
  })

  it('knows nothing where the provider says nothing', () => {
    expect(fromStopReason(undefined, false)).toEqual({ unified: 'other' })
    expect(fromStopReason(undefined, true)).toEqual({ unified: 'tool-calls' })
  })
})

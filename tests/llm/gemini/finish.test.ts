import { expect, it } from 'vitest'
import { fromWireFinish } from '../../../packages/llm/src/gemini/finish.js'

it.each([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ...['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY'].map(
    (raw): [string, string] => [raw, 'content-filter'],
  ),
  ...['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER', 'toString'].map((raw): [string, string] => [
    raw,
    'other',
  ]),
])('%s means %s', (raw, unified) => {
  expect(fromWireFinish(raw, false)).toEqual({ unified, raw })
})

it('a stop with calls means tool calls, and nothing else does', () => {
  expect(fromWireFinish('STOP', true).unified).toBe('tool-calls')
  expect(fromWireFinish('SAFETY', true).unified).toBe('content-filter')
  expect(fromWireFinish('MAX_TOKENS', true).unified).toBe('length')
})

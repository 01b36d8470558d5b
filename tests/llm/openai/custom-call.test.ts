import { expect, it } from 'vitest'
import { customCallPart, returningCustomCall } from '../../../packages/llm/src/openai/custom-call.js'

const part = customCallPart({ id: 'x', name: 'code_exec', inputText: 'print(1)' }, 'h')

it('brings a call back to the host it came from', () => {
  expect(returningCustomCall(part, 'h')).toEqual({
    id: 'x',
    type: 'custom',
    custom: { name: 'code_exec', input: 'print(1)' },
  })
  expect(returningCustomCall(part, 'other')).toBeUndefined()
})

it.each([
  ['of another kind', { ...part, kind: 'openai.other' }],
  ['without a call', { ...part, value: 'x' }],
  ['with the call of the other API', { ...part, value: { type: 'custom_tool_call', call_id: 'x' } }],
])('leaves a part %s alone', (_, other) => {
  expect(returningCustomCall(other, 'h')).toBeUndefined()
})

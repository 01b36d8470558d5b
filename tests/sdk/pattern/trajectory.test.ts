import type { Message } from '@aios/kernel'
import { expect, it } from 'vitest'
import { trajectoryText } from '../../../packages/sdk/src/pattern/trajectory.js'

it('writes what was asked, thought, done and observed, a part a line, without system text and reasoning', () => {
  const messages: Message[] = [
    { role: 'system', content: 'Secret rules.' },
    { role: 'user', content: 'How many?' },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hidden' },
        { type: 'text', text: 'I count.' },
        { type: 'tool-call', id: '1', name: 'count', input: { of: 'a' }, inputText: '{"of":"a"}' },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', id: '1', name: 'count', output: { n: 3 } },
        { type: 'tool-result', id: '2', name: 'count', output: 'AIOS_TOOL_FAILED: no', isError: true },
        { type: 'tool-result', id: '3', name: 'count', output: undefined },
      ],
    },
  ]
  expect(trajectoryText(messages).split('\n')).toEqual([
    'Task: How many?',
    'Thought: I count.',
    'Action: count {"of":"a"}',
    'Observation: {"n":3}',
    'Error: AIOS_TOOL_FAILED: no',
    'Observation: nothing',
  ])
})

it('cuts a long part and says how much is missing', () => {
  expect(trajectoryText([{ role: 'user', content: 'x'.repeat(2_000) }])).toBe(`Task: ${'x'.repeat(2_000)}`)
  expect(trajectoryText([{ role: 'user', content: 'x'.repeat(2_005) }])).toBe(
    `Task: ${'x'.repeat(2_000)} … (5 more characters)`,
  )
})

import { describe, expect, it } from 'vitest'
import type { CoreRequest, Message } from '@aios/kernel'
import { renderPrompt } from '../../../packages/llm/src/huggingface/prompt.js'
import { templateMarks, type Render } from '../../../packages/llm/src/huggingface/template-marks.js'
import { failure } from '../core/asking.js'

/** Writes what a template gets, so that it can be looked at. */
const shown: Render = (messages, tools, asks = true) =>
  JSON.stringify({ messages, tools }) + (asks ? '|assistant|' : '')
const strict: Render = (messages, tools, asks) => {
  if (messages.slice(1).some(({ role }) => role === 'system')) throw new Error('System message must come first!')
  return shown(messages, tools, asks)
}
const systemless: Render = (messages, tools, asks) => {
  if (messages.some(({ role }) => role === 'system')) throw new Error('No system message!')
  return shown(messages, tools, asks)
}
const silent: Render = (messages, tools, asks) => {
  if (tools !== undefined) throw new Error('No tools!')
  return messages.map(({ role, content }) => `${role}: ${content}\n`).join('') + (asks === false ? '' : 'assistant: ')
}

const textOf = (render: Render, request: CoreRequest): string =>
  renderPrompt({ render, marks: templateMarks(render, '') }, request).text
const seen = (render: Render, messages: readonly Message[]) =>
  (JSON.parse(textOf(render, { messages }).split('|')[0] as string) as { messages: unknown }).messages

const ADD = { name: 'math/add', description: 'Adds.', inputSchema: { type: 'object' } }
const TURNS: readonly Message[] = [
  { role: 'user', content: 'Add.' },
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Easy.' },
      { type: 'text', text: 'Adding.' },
      { type: 'tool-call', id: 'c1', name: 'math/add', input: { a: 2 }, inputText: '{"a":2}' },
      { type: 'tool-call', id: 'c2', name: 'math/add', input: undefined, inputText: '{"a', invalid: 'no JSON' },
    ],
  },
  {
    role: 'tool',
    content: [
      { type: 'tool-result', id: 'c1', name: 'math/add', output: { sum: 5 } },
      { type: 'tool-result', id: 'c2', name: 'math/add', output: 'broken', isError: true },
    ],
  },
]

describe('renderPrompt', () => {
  it('hands the template thoughts, text, calls and results apart, names as models write them', () => {
    const call = (id: string, given: unknown) => ({
      ...{ id, type: 'function', function: { name: 'math_add', arguments: given } },
    })
    expect(seen(shown, TURNS)).toEqual([
      { role: 'user', content: 'Add.' },
      {
        ...{ role: 'assistant', content: 'Adding.', reasoning_content: 'Easy.' },
        tool_calls: [call('c1', { a: 2 }), call('c2', '{"a')],
      },
      { role: 'tool', name: 'math_add', tool_call_id: 'c1', content: '{"sum":5}' },
      { role: 'tool', name: 'math_add', tool_call_id: 'c2', content: '{"error":"broken"}' },
    ])
  })

  it('brings instructions to where the template lets them stand', () => {
    const messages: readonly Message[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Why?' },
      { role: 'system', content: 'In JSON.' },
    ]
    expect(seen(shown, messages)).toEqual(messages)
    const [system, user] = [
      { role: 'system', content: 'Be brief.\n\nIn JSON.' },
      { role: 'user', content: 'Why?' },
    ]
    expect(seen(strict, messages)).toEqual([system, user])
    expect(seen(systemless, messages)).toEqual([{ role: 'user', content: 'Be brief.\n\nIn JSON.\n\nWhy?' }])
    expect(seen(systemless, messages.slice(0, 1))).toEqual([{ role: 'user', content: 'Be brief.' }])
  })

  it('is the caller’s slip where the template refuses what is said', async () => {
    const never: Render = () => {
      throw new Error('Roles must alternate!')
    }
    const refused = failure(Promise.resolve().then(() => textOf(never, { messages: TURNS })))
    expect(await refused).toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST' })
    expect((await refused).message).toContain('Roles must alternate!')
  })

  it('tells of tools in plain words where the template cannot', () => {
    const text = textOf(silent, { messages: TURNS, tools: [ADD] })
    expect(text).toContain('{"name":"math_add","description":"Adds.","parameters":{"type":"object"}}')
    expect(text).toContain('Adding.\n<tool_call>\n{"name": "math_add", "arguments": {"a":2}}\n</tool_call>')
    expect(text).toContain('user: <tool_response>\n{"sum":5}\n</tool_response>')
  })

  it('lets the model go on from its own last words, behind a thought that it would begin with', () => {
    const messages: readonly Message[] = [...TURNS.slice(0, 1), { role: 'assistant', content: 'The sum' }]
    const words = renderPrompt({ render: silent, marks: templateMarks(silent, '') }, { messages })
    expect(words.text).toBe('user: Add.\nassistant: The sum')
    expect(words.begun).toBeUndefined()
    const thinking: Render = (...given) => `${silent(...given)}${given[2] === false ? '' : '<think>\n'}`
    const marks = templateMarks(thinking, '<think></think>')
    const behind = renderPrompt({ render: thinking, marks }, { messages })
    expect(behind).toMatchObject({ text: 'user: Add.\nassistant: <think>\n</think>\n\nThe sum', begun: '</think>' })
  })
})

import { toolNameMap } from '@aios/llm'
import type { CoreWarning, Message, MessagePart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { reasoningOrigin } from '../../../packages/llm/src/openai/reasoning-origin.js'
import { toWireMessages } from '../../../packages/llm/src/openai/wire-message.js'

function wire(...messages: Message[]) {
  const warnings: CoreWarning[] = []
  const mapping = { names: toolNameMap(['local/add']), host: 'api.openai.com', warnings }
  return { messages: toWireMessages(messages, mapping), warnings }
}

const call = (fields: Partial<Extract<MessagePart, { type: 'tool-call' }>> = {}): MessagePart => ({
  type: 'tool-call',
  id: 'c1',
  name: 'local/add',
  input: { a: 1 },
  inputText: '{"a": 1}',
  ...fields,
})

describe('toWireMessages', () => {
  it('keeps strings strings, and joins the parts of a system message', () => {
    const system: Message = {
      role: 'system',
      content: [
        { type: 'text', text: 'Be ' },
        { type: 'text', text: 'brief.' },
      ],
    }
    expect(wire(system, { role: 'user', content: 'Hi' }).messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ])
  })

  it('sends text and files of a user in their order', () => {
    const content: MessagePart[] = [
      { type: 'text', text: 'What is this?' },
      { type: 'file', mediaType: 'image/png', data: 'AQID' },
    ]
    expect(wire({ role: 'user', content }).messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
        ],
      },
    ])
  })

  it('sends text beside tool calls, the arguments byte for byte', () => {
    const content: MessagePart[] = [{ type: 'text', text: 'Adding.' }, call()]
    expect(wire({ role: 'assistant', content }).messages).toEqual([
      {
        role: 'assistant',
        content: 'Adding.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'local_add', arguments: '{"a": 1}' } }],
      },
    ])
  })

  it('sends no content with tool calls alone, and an empty one with nothing at all', () => {
    expect(wire({ role: 'assistant', content: [call()] }).messages[0]).toMatchObject({ content: null })
    expect(wire({ role: 'assistant', content: '' }).messages).toEqual([{ role: 'assistant', content: '' }])
  })

  it.each([
    ['no arguments', { input: {}, inputText: ' ' }, '{}'],
    ['broken ones', { input: undefined, inputText: '{"a', invalid: 'no JSON' }, '{"unparsed":"{\\"a"}'],
    ['a list', { input: [1], inputText: '[1]' }, '{"unparsed":"[1]"}'],
  ])('sends %s as a JSON object, which several servers insist on', (_, fields, text) => {
    const [message] = wire({ role: 'assistant', content: [call(fields)] }).messages
    expect(message).toMatchObject({ tool_calls: [{ function: { arguments: text } }] })
  })

  it('gives reasoning back to where it came from only, and says nothing about citations', () => {
    const thought = (host: string): MessagePart => ({
      type: 'reasoning',
      text: `for ${host}. `,
      opaque: reasoningOrigin(host, 'reasoning_content'),
    })
    const content: MessagePart[] = [
      thought('api.openai.com'),
      thought('api.deepseek.com'),
      thought('api.openai.com'),
      { type: 'source', url: 'https://example.com' },
      { type: 'text', text: 'Yes.', opaque: { anthropic: { signature: 's' } } },
    ]
    const { messages, warnings } = wire({ role: 'assistant', content })
    expect(messages).toEqual([
      { role: 'assistant', content: 'Yes.', reasoning_content: 'for api.openai.com. for api.openai.com. ' },
    ])
    expect(warnings).toEqual([])
  })

  it('gives thoughts back among the parts of the content where they came so', () => {
    const thought: MessagePart = {
      type: 'reasoning',
      text: 'Hm.',
      opaque: reasoningOrigin('api.openai.com', 'content'),
    }
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }
    const content: MessagePart[] = [thought, { type: 'text', text: 'Yes.' }]
    expect(wire({ role: 'assistant', content }, { role: 'assistant', content: [thought, call()] }).messages).toEqual([
      { role: 'assistant', content: [thinking, { type: 'text', text: 'Yes.' }] },
      { role: 'assistant', content: [thinking], tool_calls: [expect.objectContaining({ id: 'c1' })] },
    ])
  })

  it.each([
    ['api.openai.com', true],
    ['api.other.com', false],
  ])('gives what %s kept with a call and with reasoning back to it: %s', (host, isBack) => {
    const extra = { google: { thought_signature: 'Sig==' } }
    const details = [{ type: 'reasoning.encrypted', data: 'Enc==' }]
    const content: MessagePart[] = [
      call({ opaque: { openai: { host, extra_content: extra } } }),
      { type: 'custom', kind: 'openai.reasoning_details', value: details, opaque: { openai: { host } } },
    ]
    const { messages, warnings } = wire({ role: 'assistant', content })
    const called = { id: 'c1', type: 'function', function: { name: 'local_add', arguments: '{"a": 1}' } }
    expect(messages).toEqual([
      {
        role: 'assistant',
        content: null,
        ...(isBack ? { reasoning_details: details } : {}),
        tool_calls: [{ ...called, ...(isBack ? { extra_content: extra } : {}) }],
      },
    ])
    expect(warnings).toEqual([])
  })

  it('gives a call of a tool that takes text back to its host, among the others', () => {
    const value = { id: 'c2', type: 'custom', custom: { name: 'code_exec', input: 'print(1)' } }
    const kept = (host: string): MessagePart => ({
      type: 'custom',
      kind: 'openai.custom_tool_call',
      value,
      opaque: { openai: { host } },
    })
    const content = [kept('api.openai.com'), call()]
    expect(wire({ role: 'assistant', content }).messages).toEqual([
      { role: 'assistant', content: null, tool_calls: [value, expect.objectContaining({ id: 'c1' })] },
    ])
    const elsewhere = wire({ role: 'assistant', content: [kept('api.other.com')] })
    expect(elsewhere.messages).toEqual([{ role: 'assistant', content: '' }])
    expect(elsewhere.warnings).toHaveLength(1)
  })

  it('warns about parts that it leaves out', () => {
    const { messages, warnings } = wire({ role: 'assistant', content: [{ type: 'custom', kind: 'x.y', value: 1 }] })
    expect(messages).toEqual([{ role: 'assistant', content: '' }])
    expect(warnings).toEqual([{ setting: 'messages', message: expect.stringContaining('"custom"') as unknown }])
  })

  it('sends each result as a message of its own, objects as JSON, failures readable', () => {
    const result = (id: string, output: unknown, isError?: boolean): MessagePart => ({
      type: 'tool-result',
      id,
      name: 'local/add',
      output,
      isError,
    })
    const content = [result('1', 'plain'), result('2', { sum: 5 }), result('3', undefined), result('4', 'no', true)]
    expect(wire({ role: 'tool', content }).messages).toEqual([
      { role: 'tool', tool_call_id: '1', content: 'plain' },
      { role: 'tool', tool_call_id: '2', content: '{"sum":5}' },
      { role: 'tool', tool_call_id: '3', content: 'null' },
      { role: 'tool', tool_call_id: '4', content: 'Error: no' },
    ])
  })

  it.each([
    ['system', { type: 'file', mediaType: 'image/png', data: '' }],
    ['user', { type: 'tool-result', id: '1', name: 'x', output: '' }],
    ['assistant', { type: 'tool-result', id: '1', name: 'x', output: '' }],
    ['tool', { type: 'text', text: 'loose' }],
  ] as const)('refuses a part that a %s message cannot hold', (role, part) => {
    expect(() => wire({ role, content: [part] })).toThrow(
      expect.objectContaining({ code: 'AIOS_LLM_BAD_REQUEST', message: expect.stringContaining(part.type) as unknown }),
    )
  })
})

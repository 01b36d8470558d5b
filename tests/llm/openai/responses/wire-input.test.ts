import type { CoreWarning, Message, MessagePart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { toWireInput } from '../../../../packages/llm/src/openai/responses/wire-input.js'
import { toolNameMap } from '../../../../packages/llm/src/tool-call/tool-name-map.js'

const HOST = 'api.openai.com'

function mapped(messages: readonly Message[], isStored = false) {
  const warnings: CoreWarning[] = []
  const names = toolNameMap(['math/add'])
  return { ...toWireInput(messages, { names, host: HOST, isStored, warnings }), warnings }
}
const said = (...content: readonly MessagePart[]) => mapped([{ role: 'assistant', content }])
const state = (type: string, item: object, content?: object) => ({
  openai: { host: HOST, type, item, ...(content === undefined ? {} : { content }) },
})
const foreign = (type: string, item: object) => ({ openai: { host: 'elsewhere.example', type, item } })

describe('toWireInput', () => {
  it('takes a call of a custom tool that was made by chat completions, whose result is one of a function', () => {
    const value = { id: 'c', type: 'custom', custom: { name: 'code_exec', input: 'print(1)' } }
    const call = (host: string): MessagePart => ({
      type: 'custom',
      kind: 'openai.custom_tool_call',
      value,
      opaque: { openai: { host } },
    })
    expect(said(call(HOST)).input).toEqual([
      { type: 'function_call', call_id: 'c', name: 'code_exec', arguments: '{"input":"print(1)"}' },
    ])
    expect(said(call('elsewhere.example')).input).toEqual([])
  })

  it('makes instructions of the system messages at the beginning, and items of later ones', () => {
    const { instructions, input } = mapped([
      { role: 'system', content: 'Be brief.' },
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hello.' },
      { role: 'system', content: 'Be quick.' },
    ])
    expect(instructions).toBe('Be brief.\n\nBe kind.')
    expect(input).toEqual([
      { type: 'message', role: 'user', content: 'Hello.' },
      { type: 'message', role: 'system', content: 'Be quick.' },
    ])
  })

  it('makes items of system messages that stand alone: instructions are nothing to answer', () => {
    const { instructions, input } = mapped([{ role: 'system', content: 'Tell a story.' }])
    expect(instructions).toBeUndefined()
    expect(input).toEqual([{ type: 'message', role: 'system', content: 'Tell a story.' }])
  })

  it('sends pictures and documents', () => {
    const { input } = mapped([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See.' },
          { type: 'file', mediaType: 'image/png', data: new Uint8Array([1, 2]) },
          { type: 'file', mediaType: 'image/png', data: 'https://x.example/a.png' },
          { type: 'file', mediaType: 'application/pdf', data: 'AQI=', filename: 'a.pdf' },
          { type: 'file', mediaType: 'application/pdf', data: 'https://x.example/a.pdf' },
        ],
      },
    ])
    expect(input).toEqual([
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'See.' },
          { type: 'input_image', image_url: 'data:image/png;base64,AQI=', detail: 'auto' },
          { type: 'input_image', image_url: 'https://x.example/a.png', detail: 'auto' },
          { type: 'input_file', file_data: 'data:application/pdf;base64,AQI=', filename: 'a.pdf' },
          { type: 'input_file', file_url: 'https://x.example/a.pdf' },
        ],
      },
    ])
    const sound: Message = { role: 'user', content: [{ type: 'file', mediaType: 'audio/wav', data: 'AQI=' }] }
    expect(() => mapped([sound])).toThrow('Expected images and documents, got a audio/wav file.')
  })

  it('sends calls and their results, failures so that the model can read them', () => {
    const { input } = mapped([
      {
        role: 'assistant',
        content: [{ type: 'tool-call', id: 'c1', name: 'math/add', input: { a: 1 }, inputText: '{"a":1}' }],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', id: 'c1', name: 'math/add', output: { sum: 2 } },
          { type: 'tool-result', id: 'c2', name: 'math/add', output: 'no', isError: true },
        ],
      },
    ])
    expect(input).toEqual([
      { type: 'function_call', call_id: 'c1', name: 'math_add', arguments: '{"a":1}' },
      { type: 'function_call_output', call_id: 'c1', output: '{"sum":2}' },
      { type: 'function_call_output', call_id: 'c2', output: 'Error: no' },
    ])
  })

  it('writes contents of one message as one item again, texts of elsewhere as plain ones', () => {
    const first = state(
      'message',
      { id: 'm', role: 'assistant', status: 'in_progress' },
      { type: 'output_text', annotations: [] },
    )
    const last = state('message', { id: 'm', role: 'assistant', status: 'completed' }, { type: 'refusal' })
    const { input } = said(
      { type: 'text', text: 'One.', opaque: first },
      { type: 'source', url: 'https://x.example' },
      { type: 'text', text: 'No.', opaque: last },
      { type: 'text', text: 'Two.', opaque: foreign('message', { id: 'm' }) },
      { type: 'text', text: '' },
    )
    expect(input).toEqual([
      {
        type: 'message',
        id: 'm',
        role: 'assistant',
        status: 'completed',
        content: [
          { type: 'output_text', annotations: [], text: 'One.' },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      { type: 'message', role: 'assistant', content: 'Two.' },
    ])
  })

  it('returns what the model thought to its own host, if it is there to be read', () => {
    const item = { id: 'rs', summary: [], encrypted_content: 'gAAA' }
    const thought = (opaque: MessagePart['opaque']): Message => ({
      role: 'assistant',
      content: [{ type: 'reasoning', text: 'Hm.', opaque }],
    })
    expect(mapped([thought(state('reasoning', item))]).input).toEqual([{ type: 'reasoning', ...item }])
    const open = { id: 'rs', content: [{ type: 'reasoning_text', text: 'Hm.' }] }
    expect(mapped([thought(state('reasoning', open))]).input).toEqual([{ type: 'reasoning', ...open }])
    expect(mapped([thought(foreign('reasoning', item))]).input).toEqual([])
    expect(mapped([thought({ openai: { host: HOST, field: 'reasoning_content' } })]).input).toEqual([])
    expect(mapped([thought(undefined)]).input).toEqual([])
  })

  it('returns the name of a thought alone only where the provider keeps it', () => {
    const content: MessagePart[] = [
      { type: 'reasoning', text: '', opaque: state('reasoning', { id: 'rs', summary: [] }) },
    ]
    expect(mapped([{ role: 'assistant', content }]).input).toEqual([])
    expect(mapped([{ role: 'assistant', content }], true).input).toEqual([{ type: 'reasoning', id: 'rs', summary: [] }])
  })

  it("takes items of the API in custom parts: a model's back, a user's beside the text", () => {
    const call = { type: 'custom_tool_call', call_id: 'c', name: 'sql', input: 'SELECT 1' }
    const output = { type: 'custom_tool_call_output', call_id: 'c', output: '1' }
    const { input, warnings } = mapped([
      { role: 'assistant', content: [{ type: 'custom', kind: 'openai.custom_tool_call', value: call }] },
      { role: 'tool', content: [{ type: 'custom', kind: 'openai.custom_tool_call_output', value: output }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'This:' },
          { type: 'custom', kind: 'openai.input_file', value: { type: 'input_file', file_id: 'file-1' } },
          {
            type: 'custom',
            kind: 'openai.mcp_approval_response',
            value: { type: 'mcp_approval_response', approve: true },
          },
          { type: 'text', text: 'And?' },
        ],
      },
    ])
    expect(warnings).toEqual([])
    expect(input).toEqual([
      call,
      output,
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'This:' },
          { type: 'input_file', file_id: 'file-1' },
        ],
      },
      { type: 'mcp_approval_response', approve: true },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'And?' }] },
    ])
  })

  it('leaves out what belongs to others, and says so', () => {
    const search = { type: 'custom', kind: 'openai.web_search_call', value: { type: 'web_search_call' } } as const
    const { input, warnings } = said(
      { ...search, opaque: foreign('web_search_call', {}) },
      { type: 'custom', kind: 'anthropic.thinking', value: { type: 'thinking' } },
      { type: 'file', mediaType: 'image/png', data: 'AQI=' },
      { type: 'custom', kind: 'openai.logprobs', value: [] },
    )
    expect(input).toEqual([])
    expect(warnings.map(({ message }) => /"[^"]+"/.exec(message)?.[0])).toEqual([
      '"openai.web_search_call"',
      '"anthropic.thinking"',
      '"file"',
    ])
  })

  it('rejects parts in messages of the wrong role', () => {
    const result: MessagePart = { type: 'tool-result', id: 'c', name: 'x', output: '' }
    expect(() => mapped([{ role: 'assistant', content: [result] }])).toThrow('Expected no tool result')
    expect(() => mapped([{ role: 'user', content: [result] }])).toThrow('Expected text, files and custom parts')
    expect(() => mapped([{ role: 'tool', content: 'text' }])).toThrow('Expected tool results')
    expect(() =>
      mapped([
        { role: 'user', content: '' },
        { role: 'system', content: [result] },
      ]),
    ).toThrow('Expected only text')
  })
})

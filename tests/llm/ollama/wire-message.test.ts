import type { CoreWarning, Message, MessagePart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { thoughtOrigin, toWireMessages } from '../../../packages/llm/src/ollama/wire-message.js'
import { toolNameMap } from '../../../packages/llm/src/tool-call/tool-name-map.js'

function wired(messages: readonly Message[], host = 'here') {
  const warnings: CoreWarning[] = []
  return { wire: toWireMessages(messages, { names: toolNameMap(['files/read']), host, warnings }), warnings }
}
const assistant = (...content: MessagePart[]): Message => ({ role: 'assistant', content })

describe('messages to Ollama', () => {
  it('carry system, user, the calls of the assistant and their results', () => {
    const call = {
      type: 'tool-call' as const,
      id: 'c1',
      name: 'files/read',
      input: { b: 1, a: 2 },
      inputText: '{"b":1,"a":2}',
    }
    const { wire, warnings } = wired([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Read it.' },
      assistant({ type: 'text', text: 'Reading.' }, call),
      {
        role: 'tool',
        content: [
          { type: 'tool-result', id: 'c1', name: 'files/read', output: { size: 3 } },
          { type: 'tool-result', id: 'c2', name: 'files/read', output: 'gone', isError: true },
        ],
      },
    ])
    expect(wire).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Read it.' },
      {
        role: 'assistant',
        content: 'Reading.',
        tool_calls: [{ id: 'c1', function: { name: 'files_read', arguments: { b: 1, a: 2 } } }],
      },
      { role: 'tool', content: '{"size":3}', tool_name: 'files_read', tool_call_id: 'c1' },
      { role: 'tool', content: 'Error: gone', tool_name: 'files_read', tool_call_id: 'c2' },
    ])
    expect(warnings).toEqual([])
  })

  it('return thoughts to the host they came from, and to no other', () => {
    const thought = { type: 'reasoning' as const, text: 'Hm…\n ', opaque: thoughtOrigin('here') }
    expect(wired([assistant(thought, { type: 'text', text: 'Yes.' })]).wire).toEqual([
      { role: 'assistant', content: 'Yes.', thinking: 'Hm…\n ' },
    ])
    expect(wired([assistant(thought)], 'elsewhere').wire).toEqual([{ role: 'assistant', content: '' }])
    expect(wired([assistant({ type: 'reasoning', text: 'Hm' })]).wire).toEqual([{ role: 'assistant', content: '' }])
  })

  it('have images as bytes, however they were given: the SDK reads files that strings name', () => {
    const bytes = Uint8Array.of(1, 2, 250)
    const base64 = Buffer.from(bytes).toString('base64')
    for (const data of [bytes, base64, `data:image/png;base64,${base64}`]) {
      const { wire } = wired([
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See ' },
            { type: 'file', mediaType: 'image/png', data },
            { type: 'text', text: 'this.' },
          ],
        },
      ])
      expect(wire).toEqual([{ role: 'user', content: 'See this.', images: [Buffer.from(bytes)] }])
    }
  })

  it.each([
    ['image/png', 'https://example.org/a.png', 'a web address'],
    ['application/pdf', 'JVBERi0=', 'a application/pdf file'],
  ])('cannot have a file %s of %s', (mediaType, data, got) => {
    expect(() => wired([{ role: 'user', content: [{ type: 'file', mediaType, data }] }])).toThrow(got)
  })

  it('wrap arguments that are no object', () => {
    const call = {
      type: 'tool-call' as const,
      id: 'c',
      name: 'a',
      input: undefined,
      inputText: '{"x":',
      invalid: 'No.',
    }
    const list = { ...call, input: [1], inputText: '[1]', invalid: undefined }
    const [wire] = wired([assistant(call, list)]).wire
    expect(wire?.tool_calls?.map((each) => each.function.arguments)).toEqual([
      { unparsed: '{"x":' },
      { unparsed: '[1]' },
    ])
  })

  it('leave out what Ollama cannot take back, and say so', () => {
    const { wire, warnings } = wired([
      assistant({ type: 'text', text: 'A' }, { type: 'custom', kind: 'x.y', value: 1 }, { type: 'source', url: 'u' }),
    ])
    expect(wire).toEqual([{ role: 'assistant', content: 'A' }])
    expect(warnings).toEqual([{ setting: 'messages', message: expect.stringContaining('"custom"') as unknown }])
  })

  it.each([
    ['system', { type: 'file', mediaType: 'image/png', data: '' }],
    ['user', { type: 'reasoning', text: '' }],
    ['assistant', { type: 'tool-result', id: '', name: '', output: '' }],
    ['tool', { type: 'text', text: '' }],
  ] as const)('of role %s refuse a part of type %j', (role, part) => {
    expect(() => wired([{ role, content: [part] }])).toThrow(expect.objectContaining({ code: 'AIOS_LLM_BAD_REQUEST' }))
  })
})

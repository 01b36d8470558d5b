import type { CoreWarning, Message, MessagePart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { contentState } from '../../../packages/llm/src/core/result-content.js'
import { toWireConversation } from '../../../packages/llm/src/anthropic/wire-message.js'
import { toolNameMap } from '../../../packages/llm/src/tool-call/tool-name-map.js'

function wire(...messages: readonly Message[]) {
  const warnings: CoreWarning[] = []
  const { system, messages: turns } = toWireConversation(messages, {
    names: toolNameMap(['a/b']),
    host: 'here',
    warnings,
  })
  return { system, turns, warnings: warnings.map((warning) => warning.message) }
}
const user = (content: Message['content']): Message => ({ role: 'user', content })
const assistant = (...content: readonly MessagePart[]): Message => ({ role: 'assistant', content })
const text = (said: string): { readonly type: 'text'; readonly text: string } => ({ type: 'text', text: said })
const call = (id: string): MessagePart => ({
  type: 'tool-call',
  id,
  name: 'a/b',
  input: { x: 1 },
  inputText: '{"x":1}',
})
const result = (id: string, output: unknown, isError?: boolean): MessagePart => ({
  type: 'tool-result',
  id,
  name: 'a/b',
  output,
  isError,
})
const from = (host: string, type: string, fields: object) => ({ opaque: { anthropic: { host, type, fields } } })

describe('toWireConversation', () => {
  it('puts all system messages at the top, and tells where that moves one', () => {
    const system = (content: string): Message => ({ role: 'system', content })
    expect(wire(system('One.'), system('Two.'), user('Hi.'))).toEqual({
      system: [text('One.'), text('Two.')],
      turns: [{ role: 'user', content: [text('Hi.')] }],
      warnings: [],
    })
    const late = wire(system('One.'), user('Hi.'), system('Two.'))
    expect(late.system).toEqual([text('One.'), text('Two.')])
    expect(late.warnings).toEqual([expect.stringContaining('moved to its top')])
  })

  it('leaves out texts of nothing but white space, and rejects a conversation of nothing else', () => {
    expect(wire(user([text(' \n'), text(' hi ')]), user(' '))).toEqual({
      system: [],
      turns: [{ role: 'user', content: [text(' hi ')] }],
      warnings: [],
    })
    for (const blank of [user(' \n'), user([text('\t')]), user([])])
      expect(() => wire({ role: 'system', content: 'Hi.' }, blank)).toThrow('Expected a message with content')
  })

  it('shows the files of a result without blank texts, but names those of a failure', () => {
    const shot = [text(' '), { type: 'image-data', mediaType: 'image/png', data: 'AQID' }]
    const shown = (isError: boolean) =>
      wire(user('Go.'), { role: 'tool', content: [{ ...result('1', shot, isError), ...contentState(undefined) }] })
    const source = { type: 'base64', media_type: 'image/png', data: 'AQID' }
    expect(shown(false).turns[0]?.content[0]).toMatchObject({ content: [{ type: 'image', source }] })
    expect(shown(true).turns[0]?.content[0]).toMatchObject({ content: [text('[image/png, 3 bytes]')], is_error: true })
    expect([shown(false).warnings, shown(true).warnings]).toMatchObject([[], [expect.stringContaining('"a/b"')]])
  })

  it('sends calls, and the results of all of them first in one turn', () => {
    const { turns } = wire(
      user('Go.'),
      assistant(text('Adding.'), call('1'), call('2')),
      user('Quick!'),
      { role: 'tool', content: [result('1', { sum: 5 })] },
      { role: 'tool', content: [result('2', 'no', true)] },
    )
    expect(turns).toEqual([
      { role: 'user', content: [text('Go.')] },
      {
        role: 'assistant',
        content: [
          text('Adding.'),
          { type: 'tool_use', id: '1', name: 'a_b', input: { x: 1 } },
          { type: 'tool_use', id: '2', name: 'a_b', input: { x: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: '1', content: '{"sum":5}' },
          { type: 'tool_result', tool_use_id: '2', content: 'no', is_error: true },
          text('Quick!'),
        ],
      },
    ])
  })

  it('sends ids that the API accepts, the same for a call and its result', () => {
    const { turns } = wire(assistant(call('call:1.a')), { role: 'tool', content: [result('call:1.a', undefined)] })
    expect(turns).toMatchObject([
      { content: [{ id: 'call_1_a' }] },
      { content: [{ tool_use_id: 'call_1_a', content: 'null' }] },
    ])
  })

  it('wraps arguments that are no object', () => {
    const odd = {
      type: 'tool-call',
      id: '1',
      name: 'a/b',
      input: undefined,
      inputText: '{"x',
      invalid: 'No JSON.',
    } as const
    expect(wire(assistant(odd)).turns).toMatchObject([{ content: [{ input: { unparsed: '{"x' } }] }])
  })

  it('returns what a model thought, signed, to the same host and to no other', () => {
    const thought = (host: string): MessagePart => ({
      type: 'reasoning',
      text: 'Hm.',
      ...from(host, 'thinking', { signature: 'c2ln' }),
    })
    const hidden: MessagePart = {
      type: 'reasoning',
      text: '',
      ...from('here', 'redacted_thinking', { data: 'ZGF0YQ==' }),
    }
    const plain: MessagePart = { type: 'reasoning', text: 'Not ours.', opaque: { openai: { host: 'here' } } }
    expect(wire(assistant(thought('here'), hidden, thought('there'), plain, text('So.')))).toMatchObject({
      turns: [
        {
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
            { type: 'redacted_thinking', data: 'ZGF0YQ==' },
            text('So.'),
          ],
        },
      ],
      warnings: [],
    })
  })

  it('returns citations and callers to the same host, and leaves them out for another', () => {
    const parts = (host: string): MessagePart[] => [
      { ...text('Cited.'), ...from(host, 'text', { citations: [{ url: 'https://a' }] }) },
      { ...call('1'), ...from(host, 'tool_use', { caller: { type: 'direct' } }) },
      { type: 'source', url: 'https://a' },
    ]
    const cited = { ...text('Cited.'), citations: [{ url: 'https://a' }] }
    const called = { type: 'tool_use', id: '1', name: 'a_b', input: { x: 1 } }
    expect(wire(assistant(...parts('here'))).turns).toEqual([
      { role: 'assistant', content: [cited, { ...called, caller: { type: 'direct' } }] },
    ])
    expect(wire(assistant(...parts('there')))).toEqual({
      system: [],
      turns: [{ role: 'assistant', content: [text('Cited.'), called] }],
      warnings: [],
    })
  })

  it('returns what the tools of the provider did, and tells what it leaves out', () => {
    const custom = (kind: string, host?: string): MessagePart => ({
      type: 'custom',
      kind,
      value: { type: 'novelty', x: 1 },
      ...(host === undefined ? {} : { opaque: { anthropic: { host } } }),
    })
    const note: MessagePart = { type: 'custom', kind: 'anthropic.message', value: { container: { id: 'c' } } }
    const image: MessagePart = { type: 'file', mediaType: 'image/png', data: 'aWNv' }
    const { turns, warnings } = wire(
      user([custom('anthropic.novelty')]),
      assistant(custom('anthropic.novelty', 'here'), note, custom('anthropic.novelty', 'there'), custom('x.y'), image),
    )
    const block = { type: 'novelty', x: 1 }
    expect(turns).toEqual([
      { role: 'user', content: [block] },
      { role: 'assistant', content: [block] },
    ])
    expect(warnings).toEqual([
      expect.stringContaining('"anthropic.novelty"'),
      expect.stringContaining('"x.y"'),
      expect.stringContaining('"file"'),
    ])
  })

  it('sends an answer that paused again as it came, also in pieces', () => {
    const use = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } }
    const paused: MessagePart = {
      type: 'custom',
      kind: 'anthropic.server_tool_use',
      value: use,
      opaque: { anthropic: { host: 'here' } },
    }
    expect(wire(user('Go.'), assistant(text('Searching.'), paused), assistant(text('Found.'))).turns).toEqual([
      { role: 'user', content: [text('Go.')] },
      { role: 'assistant', content: [text('Searching.'), use, text('Found.')] },
    ])
  })

  it('leaves out what the API rejects: empty texts, and white space at the end of an answer to go on with', () => {
    const { turns, warnings } = wire(user(''), user('Go.'), assistant(text('\n\n'), text('Once \n')))
    expect(turns).toEqual([
      { role: 'user', content: [text('Go.')] },
      { role: 'assistant', content: [text('Once')] },
    ])
    expect(warnings).toEqual([expect.stringContaining('White space')])
    expect(wire(assistant(text('Once ')), user('Go.')).turns[0]).toMatchObject({ content: [text('Once ')] })
  })

  it.each([
    ['system', { type: 'source', url: 'https://a' }],
    ['user', { type: 'reasoning', text: 'Hm.' }],
    ['assistant', result('1', 'x')],
    ['tool', text('x')],
  ] as const)('rejects a part that has no place in a message of role %s', (role, part) => {
    expect(() => wire({ role, content: [part] })).toThrow(expect.objectContaining({ code: 'AIOS_LLM_BAD_REQUEST' }))
  })
})

import { AiosError, type CoreWarning, type Message, type MessagePart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { contentState } from '../../../packages/llm/src/core/result-content.js'
import { functionNames } from '../../../packages/llm/src/gemini/function-names.js'
import { partOrigin } from '../../../packages/llm/src/gemini/part-origin.js'
import { toWireContents } from '../../../packages/llm/src/gemini/wire-contents.js'

const HOST = 'generativelanguage.googleapis.com'
const SIGNATURE = 'EpAICo0IAb4+9vuku3oD=='

function wire(messages: readonly Message[], isGemini3 = false) {
  const warnings: CoreWarning[] = []
  const names = functionNames(['files/read'])
  return { ...toWireContents(messages, { names, host: HOST, isGemini3, warnings }), warnings }
}

const said = (...content: MessagePart[]): Message => ({ role: 'assistant', content })
const call = (id: string, more: Partial<Extract<MessagePart, { type: 'tool-call' }>> = {}): MessagePart => ({
  type: 'tool-call',
  id,
  name: 'files/read',
  input: { path: id },
  inputText: JSON.stringify({ path: id }),
  ...more,
})
const result = (id: string, output: unknown, isError?: boolean): Message => ({
  role: 'tool',
  content: [{ type: 'tool-result', id, name: 'files/read', output, isError }],
})
const HI: Message = { role: 'user', content: 'Hi' }

describe('toWireContents', () => {
  it('puts what the system says in front, wherever it was said', () => {
    const later: Message = { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] }
    const { system, contents } = wire([{ role: 'system', content: 'Be brief.' }, HI, later])
    expect(system).toEqual([{ text: 'Be brief.' }, { text: 'Be kind.' }])
    expect(contents).toEqual([{ role: 'user', parts: [{ text: 'Hi' }] }])
  })

  it('puts the files of a result beside its words for Gemini 3, and names them for models before', () => {
    const output = [
      { type: 'text', text: 'Here:' },
      { type: 'image-data', mediaType: 'image/png', data: 'AQID' },
    ]
    const shot = { id: '1', name: 'files/read', output, ...contentState(undefined) }
    const content = [{ type: 'tool-result' as const, ...shot }]
    const sent = (isGemini3: boolean) => wire([HI, said(call('1')), { role: 'tool', content }], isGemini3)
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'AQID' } }]
    expect(sent(true).contents[2]?.parts).toEqual([
      { functionResponse: { name: 'files_read', response: { output: 'Here:' }, parts } },
    ])
    expect(sent(true).warnings).toEqual([])
    expect(sent(false).contents[2]?.parts).toEqual([
      { functionResponse: { name: 'files_read', response: { output: 'Here:\n[image/png, 3 bytes]' } } },
    ])
    expect(sent(false).warnings).toHaveLength(1)
  })

  it('returns text, thoughts, files and what only Google knows as they came, with their signatures, in order', () => {
    const opaque = partOrigin(HOST, { signature: SIGNATURE })
    const code = { executableCode: { language: 'PYTHON', code: '1' }, thoughtSignature: SIGNATURE }
    const parts: MessagePart[] = [
      { type: 'reasoning', text: 'Hm.', opaque },
      { type: 'text', text: 'Look:' },
      { type: 'file', mediaType: 'image/png', data: 'QUJD', opaque },
      { type: 'custom', kind: 'google.executableCode', value: code, opaque: partOrigin(HOST) },
      { type: 'source', url: 'https://a.example' },
      { type: 'custom', kind: 'google.groundingMetadata', value: {} },
      { type: 'text', text: '', opaque },
    ]
    const { contents, warnings } = wire([HI, said(...parts)])
    expect(contents[1]).toEqual({
      role: 'model',
      parts: [
        { text: 'Hm.', thought: true, thoughtSignature: SIGNATURE },
        { text: 'Look:' },
        { inlineData: { mimeType: 'image/png', data: 'QUJD' }, thoughtSignature: SIGNATURE },
        code,
        { text: '', thoughtSignature: SIGNATURE },
      ],
    })
    expect(warnings).toEqual([])
  })

  it('strips the state of another host or provider, and says what it had to leave out', () => {
    const opaque = partOrigin('elsewhere', { signature: SIGNATURE, id: 'x' })
    const parts: MessagePart[] = [
      { type: 'reasoning', text: 'Hm.', opaque },
      { type: 'reasoning', text: 'Hm.', opaque: { openai: { host: HOST } } },
      { type: 'text', text: 'So:', opaque },
      call('x', { opaque }),
      { type: 'custom', kind: 'google.executableCode', value: {}, opaque },
    ]
    const { contents, warnings } = wire([HI, said(...parts)])
    expect(contents[1]!.parts).toEqual([{ text: 'So:' }, { functionCall: { name: 'files_read', args: { path: 'x' } } }])
    expect(warnings).toEqual([
      { setting: 'messages', message: expect.stringContaining('google.executableCode') as string },
    ])
  })

  it('leaves out a turn of which nothing is left', () => {
    expect(wire([HI, said({ type: 'reasoning', text: 'Hm.' }), HI]).contents.map(({ role }) => role)).toEqual([
      'user',
      'user',
    ])
  })

  it('sends all results of a turn as one content, in the order of the calls, with the ids that came', () => {
    const origin = { opaque: partOrigin(HOST, { id: 'g-1' }) }
    const messages = [HI, said(call('g-1', origin), call('call_2')), result('call_2', 2), result('g-1', 'no', true), HI]
    expect(wire(messages).contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'g-1', name: 'files_read', args: { path: 'g-1' } } },
          { functionCall: { name: 'files_read', args: { path: 'call_2' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'g-1', name: 'files_read', response: { error: 'no' } } },
          { functionResponse: { name: 'files_read', response: { output: 2 } } },
        ],
      },
      { role: 'user', parts: [{ text: 'Hi' }] },
    ])
  })

  it('keeps the results of two turns apart, and says null where a tool said nothing', () => {
    const { contents } = wire([HI, said(call('a')), result('a', undefined), said(call('b')), result('b', 1)])
    expect(contents.map(({ role, parts }) => [role, parts.length])).toEqual([
      ['user', 1],
      ['model', 1],
      ['user', 1],
      ['model', 1],
      ['user', 1],
    ])
    expect(contents[2]!.parts).toEqual([{ functionResponse: { name: 'files_read', response: { output: null } } }])
  })

  it('wraps arguments that are no object', () => {
    const broken = call('a', { input: undefined, inputText: '{"pa', invalid: 'No JSON.' })
    const list = call('b', { input: [1], inputText: '[1]' })
    const { parts } = wire([HI, said(broken, list)]).contents[1]!
    expect(parts.map((part) => (part['functionCall'] as { args: unknown }).args)).toEqual([
      { unparsed: '{"pa' },
      { unparsed: '[1]' },
    ])
  })

  it('signs the first call of a turn that came from another model, where the model checks', () => {
    const signed = call('c', { opaque: partOrigin(HOST, { signature: SIGNATURE }) })
    const { contents } = wire([HI, said(call('a'), call('b')), result('a', 1), said(signed, call('d'))], true)
    const signatures = contents.flatMap(({ parts }) => parts.map((part) => part['thoughtSignature']))
    expect(signatures).toEqual([
      undefined,
      'skip_thought_signature_validator',
      undefined,
      undefined,
      SIGNATURE,
      undefined,
    ])
  })

  it('rejects a part in a message of the wrong role, and a request without any content', () => {
    const wrong: Message[] = [
      { role: 'system', content: [{ type: 'file', mediaType: 'image/png', data: 'QUJD' }] },
      { role: 'user', content: [call('a')] },
      { role: 'tool', content: [{ type: 'text', text: 'x' }] },
      said({ type: 'tool-result', id: 'a', name: 'b', output: 1 }),
    ]
    for (const message of [...wrong, { role: 'system' as const, content: 'Alone.' }]) {
      expect(() => wire([message])).toThrow(AiosError)
      expect(() => wire([message])).toThrow('Expected')
    }
  })
})

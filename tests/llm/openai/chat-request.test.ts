import type { CoreRequest } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { toChatWire } from '../../../packages/llm/src/openai/chat-request.js'

const HELLO: CoreRequest = { messages: [{ role: 'user', content: 'Hi' }] }
const ADD = { name: 'local/add', description: 'Adds.', inputSchema: { type: 'object' } }
const wire = (request: Partial<CoreRequest>, host = 'api.openai.com') =>
  toChatWire({ ...HELLO, ...request }, { model: 'm', host }).params

describe('toChatWire', () => {
  it('sends nothing that was not asked for', () => {
    expect(wire({ temperature: undefined, stop: [], tools: [] })).toStrictEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
    })
  })

  it('translates every setting', () => {
    const settings = { temperature: 0, topP: 0.5, stop: ['END'], seed: 7, reasoning: 'low' as const }
    expect(wire(settings)).toMatchObject({
      temperature: 0,
      top_p: 0.5,
      stop: ['END'],
      seed: 7,
      reasoning_effort: 'low',
    })
  })

  it('offers tools under legal names', () => {
    expect(wire({ tools: [ADD] })).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'local_add', description: 'Adds.', parameters: { type: 'object' } } },
      ],
    })
  })

  it.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['required', 'required'],
    [{ tool: 'local/add' }, { type: 'function', function: { name: 'local_add' } }],
  ] as const)('translates the choice %j', (toolChoice, sent) => {
    expect(wire({ tools: [ADD], toolChoice }).tool_choice).toEqual(sent)
  })

  it('leaves a choice out where there is nothing to choose from', () => {
    expect(wire({ toolChoice: 'required' })).not.toHaveProperty('tool_choice')
  })

  it('refuses to choose a tool that is not offered', () => {
    expect(() => wire({ tools: [ADD], toolChoice: { tool: 'sub' } })).toThrow(
      expect.objectContaining({
        code: 'AIOS_LLM_BAD_REQUEST',
        message: 'Expected toolChoice to name one of local/add, got "sub".',
      }),
    )
  })

  it('knows the names of the conversation as well as those on offer', () => {
    const input = { type: 'tool-call', id: '1', name: 'old/tool', input: {}, inputText: '{}' } as const
    const { names, params } = toChatWire(
      { messages: [{ role: 'assistant', content: [input] }], tools: [{ ...ADD, name: 'old_tool' }] },
      { model: 'm', host: 'h' },
    )
    expect(params.messages).toMatchObject([{ tool_calls: [{ function: { name: 'old_tool_2' } }] }])
    expect(names.fromWire('old_tool_2')).toBe('old/tool')
  })

  it('asks for JSON, with a schema where there is one, under a legal name', () => {
    const schema = { type: 'object' }
    expect(wire({ responseFormat: { type: 'text' } })).not.toHaveProperty('response_format')
    expect(wire({ responseFormat: { type: 'json' } }).response_format).toEqual({ type: 'json_object' })
    expect(wire({ responseFormat: { type: 'json', schema } }).response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema },
    })
    expect(wire({ responseFormat: { type: 'json', schema, name: 'my answer' } }).response_format).toMatchObject({
      json_schema: { name: 'my_answer' },
    })
  })

  it('lets the options of the provider win', () => {
    const providerOptions = { openai: { temperature: 1, logit_bias: { 5: 1 } }, anthropic: { thinking: true } }
    const params = wire({ temperature: 0, providerOptions })
    expect(params).toMatchObject({ temperature: 1, logit_bias: { 5: 1 } })
    expect(params).not.toHaveProperty('thinking')
  })

  it('refuses options of the provider that are no object', () => {
    expect(() => wire({ providerOptions: { openai: 'fast' } })).toThrow(
      'Expected an object for providerOptions.openai, got "fast".',
    )
  })
})

import type { CoreRequest } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { toResponsesWire } from '../../../../packages/llm/src/openai/responses/responses-request.js'
import { HELLO } from '../../core/asking.js'

const wire = (request: Partial<CoreRequest>, model = 'gpt-5-mini') =>
  toResponsesWire({ ...HELLO, ...request }, { model, host: 'api.openai.com' }, 'openai')
const sent = (request: Partial<CoreRequest>, model?: string) =>
  wire(request, model).params as unknown as Record<string, unknown>
const add = { name: 'math/add', description: 'Adds.', inputSchema: { type: 'object' } }

describe('toResponsesWire', () => {
  it('has nothing kept at the provider, and asks for what the model thought', () => {
    expect(sent({})).toEqual({
      model: 'gpt-5-mini',
      input: [{ type: 'message', role: 'user', content: 'Hello?' }],
      store: false,
      include: ['reasoning.encrypted_content'],
    })
  })

  it('asks no model for its thoughts that has none, since that is an error', () => {
    for (const model of ['gpt-4o', 'gpt-4.1-mini', 'ft:gpt-4o-mini:me', 'gpt-5-chat-latest', 'chatgpt-4o-latest']) {
      expect(sent({}, model), model).not.toHaveProperty('include')
    }
    for (const model of ['o3', 'gpt-5.1-codex', 'gpt-6', 'openai/gpt-oss-20b']) {
      expect(sent({}, model), model).toHaveProperty('include')
    }
  })

  it('asks for no encrypted thoughts where the provider keeps them, and for nothing where the caller says so', () => {
    expect(sent({ providerOptions: { openai: { store: true } } })).toMatchObject({ store: true })
    expect(sent({ providerOptions: { openai: { store: true } } })).not.toHaveProperty('include')
    expect(sent({ providerOptions: { openai: { include: [] } } })).not.toHaveProperty('include')
  })

  it('says settings in the words of the API', () => {
    const settings = { temperature: 0.5, topP: 0.9, maxOutputTokens: 100, reasoning: 'low' } as const
    expect(sent(settings)).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 100,
      reasoning: { effort: 'low' },
    })
  })

  it('warns of what the API has no field for', () => {
    const { params, warnings } = wire({ stop: ['END'], seed: 1 })
    expect(warnings.map(({ setting }) => setting)).toEqual(['stop', 'seed'])
    expect(params).not.toHaveProperty('seed')
    expect(wire({ stop: [] }).warnings).toEqual([])
  })

  it('offers tools without the strict mode that the API has by default', () => {
    const { params } = wire({ tools: [add], toolChoice: { tool: 'math/add' } })
    expect(params).toMatchObject({
      tools: [
        { type: 'function', name: 'math_add', description: 'Adds.', parameters: { type: 'object' }, strict: false },
      ],
      tool_choice: { type: 'function', name: 'math_add' },
    })
    expect(sent({ tools: [add], toolChoice: 'required' })['tool_choice']).toBe('required')
    expect(sent({ tools: [], toolChoice: 'auto' })).not.toHaveProperty('tools')
    expect(() => wire({ tools: [add], toolChoice: { tool: 'sub' } })).toThrow('Expected toolChoice to name one of')
  })

  it("puts the provider's own tools beside the caller's", () => {
    const providerOptions = { openai: { tools: [{ type: 'web_search' }] } }
    expect(sent({ tools: [add], providerOptions })['tools']).toMatchObject([
      { name: 'math_add' },
      { type: 'web_search' },
    ])
    expect(sent({ providerOptions })['tools']).toEqual([{ type: 'web_search' }])
  })

  it('demands JSON by a schema, and without one', () => {
    const schema = { type: 'object' }
    expect(sent({ responseFormat: { type: 'json', schema, name: 'my answer' } })['text']).toEqual({
      format: { type: 'json_schema', name: 'my_answer', schema },
    })
    expect(sent({ responseFormat: { type: 'json' } })['text']).toEqual({ format: { type: 'json_object' } })
    expect(sent({ responseFormat: { type: 'text' } })).not.toHaveProperty('text')
  })

  it('joins what the caller says of text and reasoning with the settings; all else of the caller wins', () => {
    const params = sent({
      reasoning: 'high',
      temperature: 1,
      responseFormat: { type: 'json' },
      providerOptions: {
        openai: { reasoning: { summary: 'auto' }, text: { verbosity: 'low' }, temperature: 0, user: 'me' },
      },
    })
    expect(params).toMatchObject({
      reasoning: { effort: 'high', summary: 'auto' },
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      temperature: 0,
      user: 'me',
    })
  })

  it('asks for log probabilities by the word that chat completions has', () => {
    const params = sent({ providerOptions: { openai: { logprobs: true, top_logprobs: 2 } } }, 'gpt-4o')
    expect(params).toMatchObject({ include: ['message.output_text.logprobs'], top_logprobs: 2 })
    expect(params).not.toHaveProperty('logprobs')
  })
})

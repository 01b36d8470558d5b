import type { CoreRequest } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import type { AnthropicOptions } from '../../../packages/llm/src/anthropic/anthropic-options.js'
import { toMessagesWire } from '../../../packages/llm/src/anthropic/messages-request.js'
import { HELLO } from '../core/asking.js'

const wire = (request: Partial<CoreRequest>, options: AnthropicOptions = {}, model = 'test-1') =>
  toMessagesWire({ ...HELLO, ...request }, { model, host: 'here' }, options)
const warned = (request: Partial<CoreRequest>, options: AnthropicOptions = {}, model?: string) =>
  wire(request, options, model).warnings.map(({ setting }) => setting)
const TOOL = { name: 'local/add', description: 'Adds.', inputSchema: { type: 'object', properties: {} } }
const SAMPLING = { headers: { 'Anthropic-Version': '2023-06-01' } }

describe('toMessagesWire', () => {
  it('asks with as little as there is', () => {
    expect(wire({})).toMatchObject({ warnings: [] })
    expect(wire({}).params).toEqual({
      model: 'test-1',
      max_tokens: 4096,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello?' }] }],
    })
  })

  it('asks for as many tokens as the request says, else the options', () => {
    expect(wire({}, { maxOutputTokens: 900 }).params['max_tokens']).toBe(900)
    expect(wire({ maxOutputTokens: 5 }, { maxOutputTokens: 900 }).params['max_tokens']).toBe(5)
  })

  it('describes tools under names and with schemas that the API accepts', () => {
    const params = wire({ tools: [TOOL, { ...TOOL, name: 'now', inputSchema: {} }] }).params
    expect(params['tools']).toEqual([
      { name: 'local_add', description: 'Adds.', input_schema: { type: 'object', properties: {} } },
      { name: 'now', description: 'Adds.', input_schema: { type: 'object', properties: {} } },
    ])
    expect(params).not.toHaveProperty('tool_choice')
  })

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [{ tool: 'local/add' }, { type: 'tool', name: 'local_add' }],
  ] as const)('says that the model has the choice %j', (toolChoice, wanted) => {
    expect(wire({ tools: [TOOL], toolChoice }).params['tool_choice']).toEqual(wanted)
  })

  it('sends no choice without tools, and rejects a tool that is not offered', () => {
    expect(wire({ tools: [], toolChoice: 'required' }).params).not.toHaveProperty('tool_choice')
    expect(() => wire({ tools: [TOOL], toolChoice: { tool: 'x' } })).toThrow(/one of local\/add/)
  })

  it('demands JSON by a schema, and says so where there is none', () => {
    const schema = { type: 'object', properties: {} }
    expect(wire({ responseFormat: { type: 'json', schema } }).params['output_config']).toEqual({
      format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } },
    })
    expect(warned({ responseFormat: { type: 'json' } })).toEqual(['responseFormat'])
    expect(wire({ responseFormat: { type: 'text' } }).params).not.toHaveProperty('output_config')
  })

  it('tells in words a schema that the API cannot enforce, and says so', () => {
    const schema = { type: 'object', additionalProperties: { type: 'number' } }
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Hello?' },
    ]
    const { params, warnings } = wire({ messages, responseFormat: { type: 'json', schema } })
    expect(params).not.toHaveProperty('output_config')
    expect(params['system']).toEqual([
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: expect.stringContaining(JSON.stringify(schema)) as string },
    ])
    expect(warnings.map(({ setting }) => setting)).toEqual(['responseFormat'])
  })

  it('passes stop sequences on', () => {
    expect(wire({ stop: ['END'] }).params['stop_sequences']).toEqual(['END'])
    expect(wire({ stop: [] }).params).not.toHaveProperty('stop_sequences')
  })

  it('leaves out, and tells, what this version of the API rejects', () => {
    expect(warned({ seed: 1, temperature: 0, topP: 0.5 })).toEqual(['seed', 'temperature', 'topP'])
    expect(wire({ temperature: 0, topP: 0.5 }).params).not.toHaveProperty('temperature')
    expect(wire({ temperature: 0, topP: 0.5 }).params).not.toHaveProperty('top_p')
  })

  it('sends it to the older version, up to the temperature that it takes', () => {
    expect(wire({ temperature: 0, topP: 0.5 }, SAMPLING)).toMatchObject({
      params: { temperature: 0, top_p: 0.5 },
      warnings: [],
    })
    expect(wire({ temperature: 1.5 }, SAMPLING).params).toMatchObject({ temperature: 1 })
    expect(warned({ temperature: 1.5 }, SAMPLING)).toEqual(['temperature'])
  })

  it('asks newer models to think with an effort, older ones within a budget', () => {
    expect(wire({ reasoning: 'high' }).params).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    })
    const old = wire({ reasoning: 'high' }, {}, 'claude-sonnet-4-5-20250929').params
    expect(old['thinking']).toEqual({ type: 'enabled', budget_tokens: 3072 })
    expect(old).not.toHaveProperty('output_config')
  })

  it('lets what the caller says of the provider win, and joins the configuration of the output', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false }
    const { params } = wire({
      reasoning: 'low',
      responseFormat: { type: 'json', schema },
      providerOptions: {
        anthropic: { max_tokens: 7, cache_control: { type: 'ephemeral' }, output_config: { effort: 'max' } },
        openai: { seed: 1 },
      },
    })
    expect(params).toMatchObject({
      max_tokens: 7,
      cache_control: { type: 'ephemeral' },
      output_config: { effort: 'max', format: { type: 'json_schema', schema } },
    })
    expect(params).not.toHaveProperty('seed')
    expect(() => wire({ providerOptions: { anthropic: 'x' } })).toThrow(/providerOptions\.anthropic/)
  })
})

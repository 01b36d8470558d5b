import type { CoreRequest } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { toGenerateWire } from '../../../packages/llm/src/gemini/generate-request.js'
import { HELLO } from '../core/asking.js'

const wire = (more: Partial<CoreRequest> = {}, model = 'gemini-2.5-flash') =>
  toGenerateWire({ ...HELLO, ...more }, { model, host: 'h' })
const schema = { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: ['string', 'null'] } } }
const tools = [
  { name: '3d/view', description: 'Views.', inputSchema: schema },
  { name: 'add', description: 'Adds.', inputSchema: {} },
]

describe('toGenerateWire', () => {
  it('sends nothing that was not asked for', () => {
    expect(wire({ stop: [], tools: [] }).params).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hello?' }] }] })
  })

  it('sends settings under their names, also where they are zero', () => {
    const { params, warnings } = wire({
      temperature: 0,
      topP: 0.5,
      maxOutputTokens: 9,
      stop: ['.'],
      seed: 0,
      reasoning: 'low',
    })
    expect(params.generationConfig).toEqual({
      temperature: 0,
      topP: 0.5,
      maxOutputTokens: 9,
      stopSequences: ['.'],
      seed: 0,
      thinkingConfig: { thinkingBudget: 1_024, includeThoughts: true },
    })
    expect(warnings).toEqual([])
  })

  it('demands JSON, with the schema as it is', () => {
    expect(wire({ responseFormat: { type: 'text' } }).params.generationConfig).toBeUndefined()
    const json = { responseMimeType: 'application/json' }
    expect(wire({ responseFormat: { type: 'json' } }).params.generationConfig).toEqual(json)
    expect(wire({ responseFormat: { type: 'json', schema } }).params.generationConfig).toEqual({
      ...json,
      responseJsonSchema: schema,
    })
  })

  it('offers tools under names that the API accepts, with their schemas as they are', () => {
    const { params, names } = wire({ tools })
    const declared = [
      { name: '_3d_view', description: 'Views.', parametersJsonSchema: schema },
      { name: 'add', description: 'Adds.', parametersJsonSchema: {} },
    ]
    expect(params.tools).toEqual([{ functionDeclarations: declared }])
    expect(params.toolConfig).toBeUndefined()
    expect(names.fromWire('_3d_view')).toBe('3d/view')
  })

  it('says whether and which tools must be called', () => {
    const modeOf = (toolChoice: CoreRequest['toolChoice']) =>
      wire({ tools, toolChoice }).params.toolConfig?.['functionCallingConfig']
    expect(modeOf('auto')).toEqual({ mode: 'AUTO' })
    expect(modeOf('none')).toEqual({ mode: 'NONE' })
    expect(modeOf('required')).toEqual({ mode: 'ANY' })
    expect(modeOf({ tool: '3d/view' })).toEqual({ mode: 'ANY', allowedFunctionNames: ['_3d_view'] })
    expect(() => modeOf({ tool: 'sub' })).toThrow('Expected toolChoice to name one of 3d/view, add')
    expect(wire({ toolChoice: 'required' }).params.toolConfig).toBeUndefined()
  })

  it('lets the words of the provider win, one setting at a time, and puts its tools beside the others', () => {
    const google = {
      tools: [{ googleSearch: {} }],
      toolConfig: { retrievalConfig: { languageCode: 'nb' } },
      generationConfig: { temperature: 1 },
      safetySettings: [],
    }
    const { params } = wire({
      tools,
      toolChoice: 'auto',
      temperature: 0,
      seed: 3,
      providerOptions: { google, openai: { a: 1 } },
    })
    expect(params.tools).toEqual([expect.anything(), { googleSearch: {} }])
    expect(params).toMatchObject({
      toolConfig: { functionCallingConfig: { mode: 'AUTO' }, retrievalConfig: { languageCode: 'nb' } },
      generationConfig: { temperature: 1, seed: 3 },
      safetySettings: [],
    })
    expect(params).not.toHaveProperty('a')
    expect(wire({ providerOptions: { google } }).params.tools).toEqual([{ googleSearch: {} }])
    expect(() => wire({ providerOptions: { google: [] } })).toThrow('Expected an object for providerOptions.google')
  })

  it('signs foreign calls for the models that check', () => {
    const call = { type: 'tool-call' as const, id: 'a', name: 'add', input: {}, inputText: '{}' }
    const messages = [...HELLO.messages, { role: 'assistant' as const, content: [call] }]
    expect(wire({ messages }, 'gemini-3-pro-preview').params.contents[1]!.parts[0]).toHaveProperty('thoughtSignature')
    expect(wire({ messages }).params.contents[1]!.parts[0]).not.toHaveProperty('thoughtSignature')
  })
})

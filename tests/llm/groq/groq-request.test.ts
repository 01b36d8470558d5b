import type { CoreRequest } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import type { GroqOptions } from '../../../packages/llm/src/groq/groq-options.js'
import { toGroqWire } from '../../../packages/llm/src/groq/groq-request.js'

const ASK: CoreRequest = { messages: [{ role: 'user', content: 'Hi' }] }
const LLAMA = 'llama-3.3-70b-versatile'
const QWEN = 'qwen/qwen3-32b'
const OSS = 'openai/gpt-oss-120b'
const TOOL = { name: 'a', description: 'A.', inputSchema: { type: 'object' } }

function wired(model: string, more: Partial<CoreRequest> = {}, options: GroqOptions = {}) {
  const { params, warnings } = toGroqWire({ ...ASK, ...more }, { model, host: 'api.groq.com' }, options)
  return { params: params as Record<string, unknown>, warnings: warnings.map(({ setting }) => setting) }
}

describe('a request to Groq', () => {
  it('is a chat completion', () => {
    const { params, warnings } = wired(LLAMA, { maxOutputTokens: 9, seed: 3, tools: [TOOL], toolChoice: { tool: 'a' } })
    expect(params).toEqual({
      model: LLAMA,
      messages: [{ role: 'user', content: 'Hi' }],
      max_completion_tokens: 9,
      seed: 3,
      tools: [
        {
          type: 'function',
          function: { name: 'a', description: 'A.', parameters: { type: 'object', properties: {} } },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'a' } },
    })
    expect(warnings).toEqual([])
  })

  it('asks each family of models to think in its own words', () => {
    const asked = ['none', 'minimal', 'low', 'medium', 'high'] as const
    const efforts = (model: string) => asked.map((reasoning) => wired(model, { reasoning }).params['reasoning_effort'])
    expect(efforts(QWEN)).toEqual(['none', 'default', 'default', 'default', 'default'])
    expect(efforts(OSS)).toEqual(['low', 'low', 'low', 'medium', 'high'])
    expect(efforts('some/new-model')).toEqual(['none', 'low', 'low', 'medium', 'high'])
    expect(wired(OSS, { reasoning: 'none' }).warnings).toEqual(['reasoning'])
    expect(wired(QWEN, { reasoning: 'none' }).warnings).toEqual([])
  })

  it('has thoughts put apart from the text where they would be in it', () => {
    expect(wired(QWEN).params).toMatchObject({ reasoning_format: 'parsed' })
    expect(wired('deepseek-r1-distill-llama-70b').params).toMatchObject({ reasoning_format: 'parsed' })
    for (const model of [LLAMA, OSS]) {
      expect(wired(model).params).not.toHaveProperty('reasoning_format')
      expect(wired(model).params).not.toHaveProperty('include_reasoning')
    }
  })

  it('has them put where the options say, as far as the model can', () => {
    for (const reasoningFormat of ['parsed', 'raw', 'hidden'] as const)
      expect(wired(QWEN, {}, { reasoningFormat }).params).toMatchObject({ reasoning_format: reasoningFormat })
    const oss = (reasoningFormat: GroqOptions['reasoningFormat']) => {
      const { params, warnings } = wired(OSS, {}, { reasoningFormat })
      expect(params).not.toHaveProperty('reasoning_format')
      return [params['include_reasoning'], warnings]
    }
    expect([oss('hidden'), oss('parsed'), oss('raw')]).toEqual([
      [false, []],
      [true, []],
      [true, ['reasoningFormat']],
    ])
  })

  it.each([{ tools: [TOOL] }, { responseFormat: { type: 'json' } }] as Partial<CoreRequest>[])(
    'asks for no raw thoughts with %j, which the API rejects',
    (more) => {
      const { params, warnings } = wired(QWEN, more, { reasoningFormat: 'raw' })
      expect([params['reasoning_format'], warnings]).toEqual(['parsed', ['reasoningFormat']])
    },
  )

  it('is overruled by providerOptions.groq', () => {
    const providerOptions = { groq: { reasoning_format: 'hidden', service_tier: 'flex' } }
    expect(wired(QWEN, { providerOptions }).params).toMatchObject({ reasoning_format: 'hidden', service_tier: 'flex' })
  })

  it('asks for JSON by a schema, or alone', () => {
    const responseFormat = { type: 'json', schema: { type: 'object' } } as const
    expect(wired(LLAMA, { responseFormat }).params).toMatchObject({ response_format: { type: 'json_schema' } })
    const without = wired(LLAMA, { responseFormat: { type: 'json' } })
    expect(without.params).toMatchObject({ response_format: { type: 'json_object' } })
  })

  it('carries images, and no other files', () => {
    const asked = (mediaType: string): CoreRequest['messages'] => [
      { role: 'user', content: [{ type: 'file', mediaType, data: 'aGk=' }] },
    ]
    expect(wired(LLAMA, { messages: asked('image/png') }).params).toMatchObject({
      messages: [{ content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }] }],
    })
    expect(() => wired(LLAMA, { messages: asked('audio/wav') })).toThrow(
      expect.objectContaining({ code: 'AIOS_UNSUPPORTED' }),
    )
  })
})

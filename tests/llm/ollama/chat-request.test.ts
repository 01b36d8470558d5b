import type { CoreRequest } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { toOllamaWire } from '../../../packages/llm/src/ollama/chat-request.js'
import type { OllamaOptions } from '../../../packages/llm/src/ollama/ollama-options.js'

const ASK: CoreRequest = { messages: [{ role: 'user', content: 'Hi' }] }
const wired = (more: Partial<CoreRequest> = {}, options: OllamaOptions = {}, model = 'qwen3') =>
  toOllamaWire({ ...ASK, ...more }, { model, host: 'here' }, options)
const tool = (name: string) => ({ name, description: `Does ${name}.`, inputSchema: { type: 'object' } })

describe('a request to Ollama', () => {
  it('is the least that is needed, and never one whose beginning may be dropped', () => {
    expect(wired()).toMatchObject({
      params: { model: 'qwen3', messages: [{ role: 'user', content: 'Hi' }], truncate: false },
      warnings: [],
    })
    expect(Object.keys(wired().params)).toEqual(['model', 'messages', 'truncate'])
  })

  it('carries every setting in its place', () => {
    const settings = { temperature: 0.1, topP: 0.9, seed: 7, stop: ['END'], maxOutputTokens: 50 }
    expect(wired(settings, { keepAlive: '10m', contextWindow: 8_192 }).params).toMatchObject({
      keep_alive: '10m',
      options: { num_ctx: 8_192, temperature: 0.1, top_p: 0.9, seed: 7, stop: ['END'], num_predict: 50 },
    })
    expect(wired({ stop: [] }).params).not.toHaveProperty('options')
  })

  it('asks for JSON with a schema, without one, or not', () => {
    const schema = { type: 'object' }
    expect(wired({ responseFormat: { type: 'json', schema } }).params['format']).toEqual(schema)
    expect(wired({ responseFormat: { type: 'json' } }).params['format']).toBe('json')
    expect(wired({ responseFormat: { type: 'text' } }).params).not.toHaveProperty('format')
  })

  it('shows tools under names that are legal', () => {
    expect(wired({ tools: [tool('files/read')] }).params['tools']).toEqual([
      {
        type: 'function',
        function: { name: 'files_read', description: 'Does files/read.', parameters: { type: 'object' } },
      },
    ])
  })

  it('does what can be done about a choice of tools, and tells what cannot', () => {
    const tools = [tool('a'), tool('b')]
    const shown = (toolChoice: CoreRequest['toolChoice']) => {
      const { params, warnings } = wired({ tools, toolChoice })
      const names = (params['tools'] as { function: { name: string } }[] | undefined)?.map((each) => each.function.name)
      return [names, warnings.map(({ setting }) => setting)]
    }
    expect(shown('auto')).toEqual([['a', 'b'], []])
    expect(shown('none')).toEqual([undefined, []])
    expect(shown('required')).toEqual([['a', 'b'], ['toolChoice']])
    expect(shown({ tool: 'b' })).toEqual([['b'], ['toolChoice']])
    expect(() => shown({ tool: 'c' })).toThrow('to name one of a, b')
  })

  it('tells a model to think in its own way', () => {
    const asked = ['none', 'minimal', 'low', 'medium', 'high'] as const
    const think = (model: string, options: OllamaOptions = {}) =>
      asked.map((reasoning) => wired({ reasoning }, options, model).params['think'])
    expect(think('qwen3:8b')).toEqual([false, true, true, true, true])
    for (const model of ['gpt-oss', 'gpt-oss:20b', 'hf.co/unsloth/gpt-oss-20b-GGUF'])
      expect(think(model)).toEqual([false, 'low', 'low', 'medium', 'high'])
    expect(think('mine', { thinking: 'levels' })[4]).toBe('high')
    expect(think('llama3.2', { thinking: 'none' })).toEqual(Array(5).fill(undefined))
    expect(wired({ reasoning: 'low' }, { thinking: 'none' }).warnings).toEqual([
      { setting: 'reasoning', message: 'The model does not think; reasoning was left out.' },
    ])
    expect(wired({ reasoning: 'none' }, { thinking: 'none' }).warnings).toEqual([])
  })

  it('is overruled by what it says for Ollama itself, options one by one', () => {
    const ollama = { truncate: true, options: { top_k: 5, temperature: 1 }, logprobs: true }
    expect(wired({ temperature: 0, seed: 3, providerOptions: { ollama, openai: { x: 1 } } }).params).toMatchObject({
      truncate: true,
      logprobs: true,
      options: { temperature: 1, seed: 3, top_k: 5 },
    })
    expect(() => wired({ providerOptions: { ollama: 'x' } })).toThrow('providerOptions.ollama')
  })
})

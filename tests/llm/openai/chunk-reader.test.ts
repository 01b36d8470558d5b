import { toolNameMap } from '@aios/llm'
import type { StreamPart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { ChunkReader } from '../../../packages/llm/src/openai/chunk-reader.js'
import { chunk } from './completions.js'

function read(...chunks: unknown[]): StreamPart[] {
  const reader = new ChunkReader({ names: toolNameMap([]), makeId: (n) => `made_${n}`, host: 'h' })
  return [...chunks.flatMap((one) => reader.read(one)), ...reader.end()]
}
const types = (parts: readonly StreamPart[]) => parts.map(({ type }) => type)

describe('ChunkReader', () => {
  it('opens and closes a block for reasoning, text and tool calls in turn', () => {
    const parts = read(
      chunk({ reasoning: 'Hm' }),
      chunk({ reasoning: '.' }),
      chunk({ content: 'Yes' }),
      chunk({ content: '!' }),
      chunk({ tool_calls: [{ index: 0, id: 'x', function: { name: 'c', arguments: '{}' } }] }),
      chunk({ content: 'Done.' }),
      chunk({}, 'tool_calls'),
    )
    expect(types(parts)).toEqual([
      'response-metadata',
      ...['reasoning-start', 'reasoning-delta', 'reasoning-delta', 'reasoning-end'],
      ...['text-start', 'text-delta', 'text-delta', 'text-end'],
      ...['tool-input-start', 'tool-input-delta'],
      ...['text-start', 'text-delta', 'text-end'],
      ...['tool-input-end', 'tool-call', 'finish'],
    ])
    const ids = parts.flatMap((part) =>
      part.type === 'text-start' || part.type === 'reasoning-start' ? [part.id] : [],
    )
    expect(new Set(ids).size).toBe(3)
  })

  it('goes back to reasoning after text', () => {
    expect(types(read(chunk({ content: 'a' }), chunk({ reasoning: 'b' }), chunk({}, 'stop')))).toEqual([
      'response-metadata',
      ...['text-start', 'text-delta', 'text-end'],
      ...['reasoning-start', 'reasoning-delta', 'reasoning-end'],
      'finish',
    ])
  })

  it('remembers where reasoning came from', () => {
    const end = read(chunk({ reasoning_content: 'Hm' }), chunk({}, 'stop')).find(({ type }) => type === 'reasoning-end')
    expect(end).toMatchObject({ opaque: { openai: { host: 'h', field: 'reasoning_content' } } })
  })

  it('puts the details of reasoning together, one part of them at the end', () => {
    const format = 'anthropic-claude-v1'
    const details = (...reasoning_details: Record<string, unknown>[]) => chunk({ reasoning_details })
    const parts = read(
      details({ type: 'reasoning.text', text: 'Let ', format, index: 0, signature: null }),
      details({ type: 'reasoning.text', text: 'me', format, index: 0 }),
      details({ type: 'reasoning.text', signature: 'Sig==', format, index: 0 }),
      chunk({ content: 'Yes' }),
      details(
        { type: 'reasoning.encrypted', data: 'A==', index: 1 },
        { type: 'reasoning.encrypted', data: 'B==', index: 1 },
      ),
      details(
        { type: 'reasoning.summary', summary: 'In ', index: 2 },
        { type: 'reasoning.summary', summary: 'short', index: 2 },
      ),
      chunk({}, 'stop'),
    )
    const value = [
      { type: 'reasoning.text', text: 'Let me', format, index: 0, signature: 'Sig==' },
      { type: 'reasoning.encrypted', data: 'A==', index: 1 },
      { type: 'reasoning.encrypted', data: 'B==', index: 1 },
      { type: 'reasoning.summary', summary: 'In short', index: 2 },
    ]
    expect(parts.filter(({ type }) => type === 'part')).toEqual([
      {
        type: 'part',
        part: { type: 'custom', kind: 'openai.reasoning_details', value, opaque: { openai: { host: 'h' } } },
      },
    ])
    expect(types(parts).slice(-2)).toEqual(['part', 'finish'])
  })

  it('puts a call of a tool that takes text together', () => {
    const called = (call: Record<string, unknown>) => chunk({ tool_calls: [{ index: 0, ...call }] })
    const parts = read(
      called({ id: 'x', type: 'custom', custom: { name: 'code_exec', input: '' } }),
      called({ custom: { input: 'print' } }),
      called({ custom: { input: '(1)' } }),
      chunk({}, 'tool_calls'),
    )
    const value = { id: 'x', type: 'custom', custom: { name: 'code_exec', input: 'print(1)' } }
    expect(parts.slice(1)).toEqual([
      {
        type: 'part',
        part: { type: 'custom', kind: 'openai.custom_tool_call', value, opaque: { openai: { host: 'h' } } },
      },
      { type: 'finish', finish: { unified: 'tool-calls', raw: 'tool_calls' }, usage: { input: {}, output: {} } },
    ])
  })

  it('puts a call in the field that came before tools together', () => {
    const parts = read(
      chunk({ function_call: { name: 'c', arguments: '' } }),
      chunk({ function_call: { arguments: '{"n"' } }),
      chunk({ function_call: { arguments: ':1}' } }),
      chunk({}, 'function_call'),
    )
    expect(parts.at(-2)).toEqual({ type: 'tool-call', id: 'made_0', name: 'c', input: { n: 1 }, inputText: '{"n":1}' })
  })

  it('describes the response once, as soon as it can', () => {
    const parts = read({ id: '', model: '', choices: [] }, { model: 'm' }, { id: 'r', model: 'm' }, chunk({}, 'stop'))
    expect(parts.filter(({ type }) => type === 'response-metadata')).toEqual([
      { type: 'response-metadata', model: 'm' },
    ])
    expect(read({ id: 'r' }, chunk({}, 'stop'))[0]).toEqual({ type: 'response-metadata', responseId: 'r' })
  })

  it('takes the last usage, wherever it comes', () => {
    const usage = (n: number) => ({ usage: { prompt_tokens: n } })
    const late = { choices: [], ...usage(7) }
    expect(read({ ...chunk({}), ...usage(3) }, chunk({}, 'stop'), late).at(-1)).toMatchObject({
      usage: { input: { total: 7 } },
    })
    expect(read({ ...chunk({}, 'stop'), ...usage(3) }, { choices: [], usage: null }).at(-1)).toMatchObject({
      usage: { input: { total: 3 } },
    })
  })

  it('keeps a refusal as text and calls it by its name', () => {
    const parts = read(chunk({ refusal: 'No' }), chunk({ refusal: '.' }), chunk({}, 'stop'))
    expect(parts.flatMap((part) => (part.type === 'text-delta' ? [part.text] : []))).toEqual(['No', '.'])
    expect(parts.at(-1)).toMatchObject({ finish: { unified: 'content-filter', raw: 'stop' } })
  })

  it('passes citations on', () => {
    const annotations = [{ url_citation: { url: 'https://a' } }]
    expect(read(chunk({ content: 'a', annotations }), chunk({}, 'stop'))).toContainEqual({
      type: 'part',
      part: { type: 'source', url: 'https://a' },
    })
  })

  it('does not end before the model does', () => {
    expect(() => read(chunk({ content: 'Once' }))).toThrow(
      expect.objectContaining({ code: 'AIOS_LLM_INCOMPLETE_STREAM', retryable: true }),
    )
  })
})

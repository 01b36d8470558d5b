import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCompletion } from '../../../packages/llm/src/openai/completion.js'

const choice = (fields: Record<string, unknown>) => readCompletion({ choices: [{ message: fields }] }).choice

describe('readCompletion', () => {
  it('takes empty strings for nothing', () => {
    expect(readCompletion({ id: '', model: '', choices: [] })).toEqual({})
  })

  it('reads the first alternative, whichever place it has', () => {
    const choices = [
      { index: 1, delta: { content: 'other' } },
      { index: 0, delta: { content: 'first' } },
    ]
    expect(readCompletion({ choices }).choice?.text).toBe('first')
    expect(readCompletion({ choices: choices.slice(0, 1) }).choice).toBeUndefined()
  })

  it('finds reasoning under both names', () => {
    expect(choice({ reasoning_content: 'a' })?.reasoning).toEqual({ field: 'reasoning_content', text: 'a' })
    expect(choice({ reasoning: 'b', reasoning_content: '' })?.reasoning).toEqual({ field: 'reasoning', text: 'b' })
    expect(choice({ reasoning: null })?.reasoning).toBeUndefined()
  })

  it('joins content that comes in parts', () => {
    const content = [{ type: 'text', text: 'a' }, { type: 'thinking' }, 'loose', { type: 'text', text: 'b' }]
    expect(choice({ content })?.text).toBe('ab')
  })

  it('finds reasoning among the parts of a content', () => {
    const content = [
      {
        type: 'thinking',
        thinking: [
          { type: 'text', text: 'Hm' },
          { type: 'reference', reference_ids: [1] },
        ],
      },
      { type: 'thinking', thinking: '.' },
      { type: 'text', text: 'Yes' },
    ]
    expect(choice({ content })).toMatchObject({ text: 'Yes', reasoning: { field: 'content', text: 'Hm.' } })
    expect(choice({ content, reasoning: 'b' })?.reasoning).toEqual({ field: 'reasoning', text: 'b' })
  })

  it('keeps citations that have an address', () => {
    const annotations = [
      { url_citation: { url: 'https://a', title: 'A' } },
      { url_citation: { url: 'https://b' } },
      { file_citation: {} },
    ]
    expect(choice({ annotations })?.sources).toEqual([
      { type: 'source', url: 'https://a', title: 'A' },
      { type: 'source', url: 'https://b' },
    ])
  })

  it('reads arguments that come as an object', () => {
    const tool_calls = [{ function: { name: 'add', arguments: { a: 1 } } }]
    expect(choice({ tool_calls })?.calls).toEqual([{ name: 'add', inputText: '{"a":1}' }])
  })

  it('finds usage in its usual place before that of Groq', () => {
    const x_groq = { usage: { prompt_tokens: 1 } }
    expect(readCompletion({ x_groq }).usage).toEqual({ prompt_tokens: 1 })
    expect(readCompletion({ x_groq, usage: { prompt_tokens: 2 } }).usage).toEqual({ prompt_tokens: 2 })
    expect(readCompletion({ usage: null }).usage).toBeUndefined()
    expect(readCompletion({ usage: 5 }).usage).toBeUndefined()
  })

  it('never throws, whatever comes', () => {
    const message = fc.dictionary(
      fc.constantFrom('content', 'reasoning', 'refusal', 'tool_calls', 'annotations'),
      fc.anything({ maxDepth: 3 }),
    )
    const body = fc.oneof(fc.anything(), fc.record({ choices: fc.array(fc.record({ message, index: fc.anything() })) }))
    fc.assert(
      fc.property(body, (value) => {
        expect(readCompletion(value)).toHaveProperty('choice')
      }),
    )
  })
})

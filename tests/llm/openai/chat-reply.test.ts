import { toolNameMap } from '@aios/llm'
import { describe, expect, it } from 'vitest'
import { fromCompletion } from '../../../packages/llm/src/openai/chat-reply.js'
import { completion } from './completions.js'

const read = (body: unknown) =>
  fromCompletion(body, { names: toolNameMap(['a/b']), makeId: (n) => `made_${n}`, host: 'h' })

describe('fromCompletion', () => {
  it('keeps reasoning, text, citations and calls, in this order', () => {
    const body = completion({
      reasoning_content: 'Hm.',
      content: 'Yes.',
      annotations: [{ url_citation: { url: 'https://a' } }],
      tool_calls: [{ id: 'x', function: { name: 'a_b', arguments: '{"n":1}' } }],
    })
    const opaque = { openai: { host: 'h', field: 'reasoning_content' } }
    expect(read(body)).toEqual({
      parts: [
        { type: 'reasoning', text: 'Hm.', opaque },
        { type: 'text', text: 'Yes.' },
        { type: 'source', url: 'https://a' },
        { type: 'tool-call', id: 'x', name: 'a/b', input: { n: 1 }, inputText: '{"n":1}' },
      ],
      finish: { unified: 'tool-calls', raw: 'stop' },
      usage: { input: {}, output: {} },
      model: 'test-1',
    })
  })

  it('keeps what has to go back with reasoning and with a call', () => {
    const details = [{ type: 'reasoning.encrypted', data: 'Enc==', format: 'google-gemini-v1', index: 0 }]
    const extra = { google: { thought_signature: 'Sig==' } }
    const body = completion({
      reasoning_details: details,
      tool_calls: [{ id: 'x', function: { name: 'a_b', arguments: '{}' }, extra_content: extra }],
    })
    expect(read(body).parts).toEqual([
      {
        type: 'tool-call',
        id: 'x',
        name: 'a/b',
        input: {},
        inputText: '{}',
        opaque: { openai: { host: 'h', extra_content: extra } },
      },
      { type: 'custom', kind: 'openai.reasoning_details', value: details, opaque: { openai: { host: 'h' } } },
    ])
  })

  it('keeps a refusal as text', () => {
    expect(read(completion({ content: null, refusal: 'No.' }))).toMatchObject({
      parts: [{ type: 'text', text: 'No.' }],
      finish: { unified: 'content-filter' },
    })
  })

  it('says other where the provider gives no reason, and no model where it names none', () => {
    const reply = read({ choices: [{ message: { content: 'Hi' } }] })
    expect(reply).toMatchObject({ finish: { unified: 'other' } })
    expect(reply).not.toHaveProperty('model')
  })

  it('marks a call without a name', () => {
    expect(read(completion({ tool_calls: [{ id: 'x' }] })).parts).toMatchObject([
      { name: '', invalid: expect.any(String) as unknown },
    ])
  })

  it('explains what came where it is no completion', () => {
    expect(() => read('<html>')).toThrow('got "<html>". Is baseURL the root of the API?')
  })
})

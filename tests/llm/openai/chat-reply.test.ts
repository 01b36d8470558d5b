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

  const custom = { id: 'x', type: 'custom', custom: { name: 'code_exec', input: 'print(1)' } }

  it('keeps a call of a tool that takes text as it came', () => {
    const reply = read(completion({ content: null, tool_calls: [custom] }, 'tool_calls'))
    expect(reply).toMatchObject({ finish: { unified: 'tool-calls' } })
    expect(reply.parts).toEqual([
      { type: 'custom', kind: 'openai.custom_tool_call', value: custom, opaque: { openai: { host: 'h' } } },
    ])
  })

  it('reads a call in the field that came before tools', () => {
    const body = completion({ content: null, function_call: { name: 'a_b', arguments: '{}' } }, 'function_call')
    expect(read(body)).toMatchObject({
      parts: [{ type: 'tool-call', id: 'made_0', name: 'a/b', input: {} }],
      finish: { unified: 'tool-calls' },
    })
    expect(read(completion({ content: 'Hi', function_call: null })).parts).toEqual([{ type: 'text', text: 'Hi' }])
    const empty = { name: null, arguments: null }
    expect(read(completion({ content: 'Hi', function_call: empty })).parts).toEqual([{ type: 'text', text: 'Hi' }])
    const tool_calls = [{ id: 'c1', type: 'function', function: { name: 'a_b', arguments: '{"n":1}' } }]
    const both = read(completion({ content: null, function_call: empty, tool_calls }, 'tool_calls')).parts
    expect(both).toMatchObject([{ type: 'tool-call', id: 'c1', input: { n: 1 } }])
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

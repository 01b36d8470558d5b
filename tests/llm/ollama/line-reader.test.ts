import { describe, expect, it } from 'vitest'
import { fromChat } from '../../../packages/llm/src/ollama/chat-reply.js'
import { LineReader } from '../../../packages/llm/src/ollama/line-reader.js'
import { toolNameMap } from '../../../packages/llm/src/tool-call/tool-name-map.js'
import { called, done, line } from './lines.js'

const reading = { names: toolNameMap(['files/read']), host: 'here', makeId: (n: number) => `made_${n}` }
const opaque = { ollama: { host: 'here' } }

function read(lines: readonly unknown[]) {
  const reader = new LineReader(reading)
  return [...lines.flatMap((each) => reader.read(each)), ...reader.end()]
}

describe('the lines of an answer', () => {
  it('become thoughts, text and calls in the order in which they came', () => {
    const parts = read([
      line({ thinking: 'H' }),
      line({ thinking: 'm' }),
      line({ content: 'Reading' }),
      line({ content: '.' }),
      line({ tool_calls: [called('files_read', { path: 'a' }, { id: 'call_7' })] }),
      line({ tool_calls: [called('files_read', {})] }),
      done(),
    ])
    expect(parts).toEqual([
      { type: 'response-metadata', model: 'test-1' },
      { type: 'reasoning-start', id: '1' },
      { type: 'reasoning-delta', id: '1', text: 'H' },
      { type: 'reasoning-delta', id: '1', text: 'm' },
      { type: 'reasoning-end', id: '1', opaque },
      { type: 'text-start', id: '2' },
      { type: 'text-delta', id: '2', text: 'Reading' },
      { type: 'text-delta', id: '2', text: '.' },
      { type: 'text-end', id: '2' },
      { type: 'tool-input-start', id: 'call_7', name: 'files/read' },
      { type: 'tool-input-delta', id: 'call_7', text: '{"path":"a"}' },
      { type: 'tool-input-end', id: 'call_7' },
      { type: 'tool-call', id: 'call_7', name: 'files/read', input: { path: 'a' }, inputText: '{"path":"a"}' },
      { type: 'tool-input-start', id: 'made_1', name: 'files/read' },
      { type: 'tool-input-delta', id: 'made_1', text: '{}' },
      { type: 'tool-input-end', id: 'made_1' },
      { type: 'tool-call', id: 'made_1', name: 'files/read', input: {}, inputText: '{}' },
      {
        type: 'finish',
        finish: { unified: 'tool-calls', raw: 'stop' },
        usage: {
          input: { total: 26 },
          output: { total: 298 },
          raw: { prompt_eval_count: 26, eval_count: 298 },
        },
      },
    ])
  })

  it('say the same as the answer in one piece', () => {
    const message = { thinking: 'Hm', content: 'Yes.', tool_calls: [called('files_read', { a: 1 })] }
    const reply = fromChat(done(message), reading)
    expect(reply).toEqual({
      parts: [
        { type: 'reasoning', text: 'Hm', opaque },
        { type: 'text', text: 'Yes.' },
        { type: 'tool-call', id: 'made_0', name: 'files/read', input: { a: 1 }, inputText: '{"a":1}' },
      ],
      finish: { unified: 'tool-calls', raw: 'stop' },
      usage: { input: { total: 26 }, output: { total: 298 }, raw: { prompt_eval_count: 26, eval_count: 298 } },
      model: 'test-1',
    })
    expect(read([done(message)]).at(-1)).toEqual({ type: 'finish', finish: reply.finish, usage: reply.usage })
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['load', 'other'],
    ['constructor', 'other'],
  ])('that end with %s finish as %s', (raw, unified) => {
    expect(read([done({ content: 'A' }, { done_reason: raw })]).at(-1)).toMatchObject({ finish: { unified, raw } })
  })

  it('that name no reason finish as what they are', () => {
    const noReason = { done_reason: undefined }
    expect(read([done({}, noReason)]).at(-1)).toMatchObject({ finish: { unified: 'other' } })
    const calls = { tool_calls: [called('x', {})] }
    expect(read([done(calls, noReason)]).at(-1)).toMatchObject({ finish: { unified: 'tool-calls' } })
  })

  it('count nothing that was not said', () => {
    const uncounted = { prompt_eval_count: undefined, eval_count: 'many' }
    const { prompt_eval_count: _, ...counted } = done({}, uncounted)
    expect(read([counted]).at(-1)).toMatchObject({ usage: { input: {}, output: {}, raw: { eval_count: 'many' } } })
  })

  it('lose nothing that is not known yet', () => {
    const parts = read([
      line({ images: ['aGk='] }, { logprobs: [{ token: 'A', logprob: -0.1 }] }),
      line({ images: [], tool_plan: null }),
      done(),
    ])
    expect(parts.flatMap((part) => (part.type === 'part' ? [part.part] : []))).toEqual([
      { type: 'custom', kind: 'ollama.message', value: { images: ['aGk='] } },
      { type: 'custom', kind: 'ollama.answer', value: { logprobs: [{ token: 'A', logprob: -0.1 }] } },
    ])
  })

  it('gather the log probabilities of all tokens in one part, as a whole answer has them', () => {
    const [one, two] = [
      { token: 'A', logprob: -0.1 },
      { token: 'B', logprob: -0.2 },
    ]
    const parts = read([
      line({ content: 'A' }, { logprobs: [one] }),
      line({ content: 'B' }, { logprobs: [two] }),
      line({ tool_calls: [called('x', {})] }),
      done({}, { logprobs: [] }),
    ])
    const kept = { type: 'custom', kind: 'ollama.answer', value: { logprobs: [one, two] } }
    expect(parts.slice(-2)).toMatchObject([{ type: 'part', part: kept }, { type: 'finish' }])
    expect(parts.filter(({ type }) => type === 'part')).toHaveLength(1)

    const message = { content: 'AB', tool_calls: [called('x', {})] }
    const whole = fromChat({ message, logprobs: [one, two], done: true }, reading)
    expect(whole.parts.map(({ type }) => type)).toEqual(['text', 'tool-call', 'custom'])
    expect(whole.parts.at(-1)).toEqual(kept)
  })

  it('may hold a call without a name, or with arguments that do not parse', () => {
    const parts = read([line({ tool_calls: [{}, called('x', '{"a":')] }), done()])
    expect(parts.filter(({ type }) => type === 'tool-call')).toEqual([
      {
        type: 'tool-call',
        id: 'made_0',
        name: '',
        input: undefined,
        inputText: '',
        invalid: 'The model named no tool.',
      },
      {
        type: 'tool-call',
        id: 'made_1',
        name: 'x',
        input: undefined,
        inputText: '{"a":',
        invalid: expect.stringContaining('no JSON') as unknown,
      },
    ])
  })

  it('are incomplete without the one that says done, and no answer at all without a message', () => {
    expect(() => read([line({ content: 'A' })])).toThrow(
      expect.objectContaining({ code: 'AIOS_LLM_INCOMPLETE_STREAM' }),
    )
    for (const body of [null, [], {}, { message: 'A' }])
      expect(() => fromChat(body, reading)).toThrow(expect.objectContaining({ code: 'AIOS_LLM_SERVER' }))
  })

  it.each([[null], ['x'], [7], [[]], [{ message: [] }], [{ message: { tool_calls: {}, content: 7 } }]])(
    'like %j are read past',
    (odd) => {
      expect(read([odd, done({ content: 'A' })]).filter(({ type }) => type === 'text-delta')).toHaveLength(1)
    },
  )
})

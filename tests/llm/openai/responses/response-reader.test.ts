import type { StreamPart } from '@aios/kernel'
import { checkStreamShape } from '../../../../packages/llm/src/testing/stream-shape.js'
import { describe, expect, it } from 'vitest'
import { ResponseReader } from '../../../../packages/llm/src/openai/responses/response-reader.js'
import { toolNameMap } from '../../../../packages/llm/src/tool-call/tool-name-map.js'
import type { Body } from '../../core/provider.js'
import { events, functionCall, itemEvents, message, reasoning, response } from './events.js'

function reader(): ResponseReader {
  return new ResponseReader({ names: toolNameMap(['math/add']), host: 'h', makeId: (n) => `made_${n}` })
}

function read(sent: readonly unknown[]): StreamPart[] {
  const one = reader()
  const parts = [...sent.flatMap((event) => one.read(event)), ...one.end()]
  checkStreamShape([{ type: 'start' }, ...parts])
  return parts
}
const of = <T extends StreamPart['type']>(parts: readonly StreamPart[], type: T) =>
  parts.filter((part): part is Extract<StreamPart, { type: T }> => part.type === type)
const said = (parts: readonly StreamPart[], type: 'text-delta' | 'reasoning-delta') =>
  of(parts, type).map(({ text }) => text)
const end = (output: readonly Body[], rest?: Body) => ({ type: 'response.completed', response: response(output, rest) })

describe('ResponseReader', () => {
  it('names the response once', () => {
    expect(of(read(events([message('Hi')])), 'response-metadata')).toEqual([
      { type: 'response-metadata', responseId: 'resp_1', model: 'test-1' },
    ])
  })

  it('tells items apart by their place, whatever ids they are given', () => {
    let n = 0
    const sent = events([reasoning(['Hm.']), message('Hi')]).map((event) => ({ ...event, item_id: `id_${(n += 1)}` }))
    const parts = read(sent)
    expect(said(parts, 'reasoning-delta')).toEqual(['Hm.'])
    expect(said(parts, 'text-delta')).toEqual(['Hi'])
  })

  it('keeps encrypted thoughts byte for byte, also where nothing of them is shown', () => {
    const encrypted = 'gAAA+/=é"\\'
    const [shown] = of(read(events([reasoning(['A.', 'B.'], encrypted)])), 'reasoning-end')
    const [hidden] = of(read(events([reasoning([], encrypted)])), 'reasoning-end')
    for (const part of [shown, hidden]) {
      expect(part?.opaque).toMatchObject({
        openai: { host: 'h', type: 'reasoning', item: { encrypted_content: encrypted } },
      })
    }
  })

  it('separates the pieces of what the model thought', () => {
    const parts = read(events([reasoning(['A.', 'B.'])]))
    expect(said(parts, 'reasoning-delta').join('')).toBe('A.\n\nB.')
  })

  it('shows the own words of models that have no summaries', () => {
    const place = { output_index: 0, content_index: 0 }
    const item = { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Well.' }] }
    const parts = read([
      { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning' } },
      { type: 'response.reasoning_text.delta', ...place, delta: 'We' },
      { type: 'response.reasoning_text.delta', ...place, delta: 'll.' },
      { type: 'response.output_item.done', output_index: 0, item },
      end([item]),
    ])
    expect(said(parts, 'reasoning-delta')).toEqual(['We', 'll.'])
  })

  it('passes arguments on as they grow, and keeps them as they came', () => {
    const parts = read(events([functionCall('math_add', '{"a": 1,"b":2}')]))
    expect(of(parts, 'tool-input-start')).toEqual([{ type: 'tool-input-start', id: 'call_0', name: 'math/add' }])
    expect(of(parts, 'tool-input-delta').length).toBe(2)
    expect(of(parts, 'tool-call')).toMatchObject([
      { id: 'call_0', name: 'math/add', input: { a: 1, b: 2 }, inputText: '{"a": 1,"b":2}' },
    ])
    expect(of(parts, 'tool-call')[0]?.opaque).toMatchObject({ openai: { item: { id: 'fc_0', status: 'completed' } } })
    expect(of(parts, 'finish')[0]?.finish).toEqual({ unified: 'tool-calls', raw: 'completed' })
  })

  it('completes arguments of which a piece was lost', () => {
    const call = functionCall('math_add', '{"a":1}')
    const sent = itemEvents(call, 0).filter(({ delta }) => delta !== ':1}' && delta !== '":1}')
    const [part] = of(read([...sent, end([call])]), 'tool-call')
    expect(part?.inputText).toBe('{"a":1}')
  })

  it('makes ids for calls that have none, and marks what names no tool', () => {
    const parts = read(
      events([
        { ...functionCall('', '{}'), call_id: '' },
        { ...functionCall('math_add', '{'), call_id: undefined },
      ]),
    )
    expect(of(parts, 'tool-call')).toMatchObject([
      { id: 'made_0', name: '', invalid: 'The model named no tool.' },
      { id: 'made_1', name: 'math/add', invalid: expect.stringContaining('no JSON') as string },
    ])
  })

  it("keeps what the provider's own tools did as it came, and shows pictures as files", () => {
    const search = { type: 'web_search_call', id: 'ws_1', action: { query: 'x' } }
    const picture = { type: 'image_generation_call', id: 'ig_1', result: 'AQI=', output_format: 'webp' }
    const parts = of(read(events([search, picture])), 'part').map(({ part }) => part)
    expect(parts).toMatchObject([
      { type: 'custom', kind: 'openai.web_search_call', value: search },
      { type: 'file', mediaType: 'image/webp', data: 'AQI=' },
    ])
  })

  it('lists each page that is cited once, and how likely the tokens were', () => {
    const annotations = ['https://a', 'https://b', 'https://a'].map((url) => ({
      type: 'url_citation',
      url,
      title: 'T',
    }))
    const logprobs = [{ token: 'Hi', logprob: -0.1, top_logprobs: [] }]
    const item = message('Hi', { content: [{ type: 'output_text', text: 'Hi', annotations, logprobs }] })
    expect(of(read(events([item])), 'part').map(({ part }) => part)).toEqual([
      { type: 'source', url: 'https://a', title: 'T' },
      { type: 'source', url: 'https://b', title: 'T' },
      { type: 'custom', kind: 'openai.logprobs', value: logprobs },
    ])
  })

  it('takes a refusal for text that was filtered', () => {
    const parts = read(events([message('', { content: [{ type: 'refusal', refusal: 'No.' }] })]))
    expect(said(parts, 'text-delta')).toEqual(['No.'])
    expect(of(parts, 'text-end')[0]?.opaque).toMatchObject({ openai: { content: { type: 'refusal' } } })
    expect(of(parts, 'finish')[0]?.finish.unified).toBe('content-filter')
  })

  it('reads events that come twice once', () => {
    const item = message('Hi')
    const once = events([item])
    const twice = once.flatMap((event) => (String(event['type']).includes('delta') ? [event] : [event, event]))
    expect(read(twice)).toEqual(read(once))
  })

  it('reads items that only the end of the response holds', () => {
    const parts = read([end([reasoning(['Hm.'], 'gA'), message('Hi'), functionCall('math_add', '{}')])])
    expect(said(parts, 'reasoning-delta')).toEqual(['Hm.'])
    expect(said(parts, 'text-delta')).toEqual(['Hi'])
    expect(of(parts, 'tool-call').length).toBe(1)
  })

  it('ends items that are still open at the end, with what was streamed of them', () => {
    const sent = itemEvents(functionCall('math_add', '{"a":1}'), 0).slice(0, 3)
    expect(of(read([...sent, end([])]), 'tool-call')).toMatchObject([{ inputText: '{"a":1}' }])
    const text = itemEvents(message('Hi'), 0).slice(0, 3)
    expect(said(read([...text, end([message('Hi')])]), 'text-delta')).toEqual(['Hi'])
    expect(of(read([...text, end([])]), 'text-end').length).toBe(1)
  })

  it('has one block open at a time, whatever the server mixes', () => {
    const [one, two] = [itemEvents(message('One', { id: 'a' }), 0), itemEvents(message('Two', { id: 'b' }), 1)]
    const mixed = one.flatMap((event, n) => [event, two[n]!])
    const thought = itemEvents(reasoning(['Hm.'], 'gA'), 2)
    const parts = read([
      ...mixed,
      thought[0]!,
      thought[1]!,
      ...itemEvents(message('Three', { id: 'c' }), 3),
      thought[2]!,
      end([]),
    ])
    expect(said(parts, 'text-delta').join(' ')).toBe('One Two Three')
    expect(of(parts, 'reasoning-end').filter(({ opaque }) => opaque !== undefined).length).toBe(1)
  })

  it('says why an answer is incomplete', () => {
    const finish = (reason: string | undefined) =>
      of(read(events([message('Hi')], { status: 'incomplete', incomplete_details: reason && { reason } })), 'finish')[0]
        ?.finish
    expect(finish('max_output_tokens')).toEqual({ unified: 'length', raw: 'max_output_tokens' })
    expect(finish('content_filter')).toEqual({ unified: 'content-filter', raw: 'content_filter' })
    expect(finish('toString')).toEqual({ unified: 'other', raw: 'toString' })
    expect(finish(undefined)).toEqual({ unified: 'other', raw: 'incomplete' })
  })

  it('reports usage under one set of names, and none that did not come', () => {
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
      output_tokens: 8,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 18,
    }
    expect(of(read(events([message('Hi')], { usage })), 'finish')[0]?.usage).toEqual({
      input: { total: 10, noCache: 5, cacheRead: 4, cacheWrite: 1 },
      output: { total: 8, text: 5, reasoning: 3 },
      raw: usage,
    })
    expect(of(read(events([message('Hi')])), 'finish')[0]?.usage).toStrictEqual({ input: {}, output: {} })
  })

  it('is not complete without an end, and reads nothing after it', () => {
    const one = reader()
    for (const event of events([message('Hi')]).slice(0, -1)) one.read(event)
    expect(() => one.end()).toThrow('Expected response.completed before the end of the stream')
    one.read(end([]))
    expect(one.read(itemEvents(message('Late'), 5)[2])).toEqual([])
  })

  it('survives whatever a server makes up', () => {
    const odd = [
      null,
      5,
      'x',
      {},
      { type: 7 },
      { type: 'response.output_item.added' },
      { type: 'response.output_item.done', item: {} },
    ]
    const deltas = ['output_text', 'refusal', 'reasoning_summary_text', 'function_call_arguments'].map((name) => ({
      type: `response.${name}.delta`,
      output_index: 0,
      delta: 5,
    }))
    const added = { type: 'response.output_item.added', output_index: 0, item: { type: 'message' } }
    expect(read([...odd, ...deltas, added, ...deltas, { type: 'response.completed' }])).toEqual([
      { type: 'finish', finish: { unified: 'stop' }, usage: { input: {}, output: {} } },
    ])
  })
})

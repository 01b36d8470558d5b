import type { StreamPart } from '@aios/kernel'
import { AiosError } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { EventReader } from '../../../packages/llm/src/anthropic/event-reader.js'
import { toolNameMap } from '../../../packages/llm/src/tool-call/tool-name-map.js'
import { checkStreamShape } from '../../../packages/llm/src/testing/stream-shape.js'
import type { Body } from '../core/provider.js'
import { closes, concludes, opens, piece, said, start, text } from './messages.js'

const reader = () => new EventReader({ names: toolNameMap(['local/add']), host: 'here', makeId: (n) => `made_${n}` })

function read(...events: readonly Body[]): StreamPart[] {
  const one = reader()
  const parts = [...events.flatMap((event) => one.read(event)), ...one.end()]
  checkStreamShape([{ type: 'start' }, ...parts])
  return parts
}

const callOf = (index: number, id: string | undefined, ...json: readonly string[]): Body[] => [
  opens(index, { type: 'tool_use', ...(id === undefined ? {} : { id }), name: 'local_add', input: {} }),
  ...json.map((partial) => piece(index, { type: 'input_json_delta', partial_json: partial })),
  closes(index),
]
const code = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return AiosError.is(error) ? error.code : String(error)
  }
  return 'none'
}

describe('EventReader', () => {
  it('reads text, and leaves out pings and events it does not know', () => {
    expect(read(start(), { type: 'ping' }, ...said(0, 'He', 'llo'), { type: 'sigh' }, ...concludes())).toEqual([
      { type: 'response-metadata', responseId: 'msg_1', model: 'test-1' },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', text: 'He' },
      { type: 'text-delta', id: '1', text: 'llo' },
      { type: 'text-end', id: '1' },
      {
        type: 'finish',
        finish: { unified: 'stop', raw: 'end_turn' },
        usage: { input: { total: 3, noCache: 3 }, output: { total: 2 }, raw: { input_tokens: 3, output_tokens: 2 } },
      },
    ])
  })

  it('keeps the signature of a thought, and thoughts that are not shown', () => {
    const parts = read(
      start(),
      opens(0, { type: 'thinking', thinking: '', signature: '' }),
      piece(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      piece(0, { type: 'signature_delta', signature: 'c2ln' }),
      piece(0, { type: 'signature_delta', signature: 'bmVk' }),
      closes(0),
      opens(1, { type: 'redacted_thinking', data: 'ZGF0YQ==' }),
      closes(1),
      ...concludes(),
    )
    const ends = parts.filter(({ type }) => type === 'reasoning-end')
    expect(ends).toEqual([
      {
        type: 'reasoning-end',
        id: '1',
        opaque: { anthropic: { host: 'here', type: 'thinking', fields: { signature: 'c2lnbmVk' } } },
      },
      {
        type: 'reasoning-end',
        id: '2',
        opaque: { anthropic: { host: 'here', type: 'redacted_thinking', fields: { data: 'ZGF0YQ==' } } },
      },
    ])
  })

  it('puts parallel calls together under the names of the request', () => {
    const parts = read(start(), ...callOf(0, 'a', '{"x"', ':1}'), ...callOf(1, 'b'), ...concludes('tool_use'))
    expect(parts.filter(({ type }) => type === 'tool-call')).toEqual([
      { type: 'tool-call', id: 'a', name: 'local/add', input: { x: 1 }, inputText: '{"x":1}' },
      { type: 'tool-call', id: 'b', name: 'local/add', input: {}, inputText: '' },
    ])
    expect(parts.at(-1)).toMatchObject({ finish: { unified: 'tool-calls' } })
  })

  it('makes an id for a call that has none, or one that is taken', () => {
    const parts = read(start(), ...callOf(0, 'a'), ...callOf(1, 'a'), ...callOf(2, undefined), ...concludes('tool_use'))
    const ids = parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []))
    expect(ids).toEqual(['a', 'made_1', 'made_2'])
  })

  it('takes the input of a call that comes whole at its beginning', () => {
    const block = { type: 'tool_use', id: 'a', name: 'local_add', input: { x: 1 }, caller: { type: 'direct' } }
    expect(read(start(), opens(0, block), closes(0), ...concludes('tool_use'))).toContainEqual({
      type: 'tool-call',
      id: 'a',
      name: 'local/add',
      input: { x: 1 },
      inputText: '{"x":1}',
      opaque: { anthropic: { host: 'here', type: 'tool_use', fields: { caller: { type: 'direct' } } } },
    })
  })

  it('keeps arguments that are cut off, and marks them', () => {
    const parts = read(start(), ...callOf(0, 'a', '{"x').slice(0, -1), ...concludes('max_tokens'))
    expect(parts).toContainEqual(
      expect.objectContaining({ type: 'tool-call', inputText: '{"x', invalid: expect.any(String) as string }),
    )
    expect(parts.at(-1)).toMatchObject({ finish: { unified: 'length' } })
  })

  it('keeps what the tools of the provider did, and blocks that are new, as they came', () => {
    const parts = read(
      start(),
      opens(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      piece(0, { type: 'input_json_delta', partial_json: '{"query":' }),
      piece(0, { type: 'input_json_delta', partial_json: '"x"}' }),
      closes(0),
      opens(1, { type: 'novelty', content: null, rank: 1 }),
      piece(1, { type: 'novelty_delta', content: 'so ' }),
      piece(1, { type: 'novelty_delta', content: 'new', rank: 2 }),
      closes(1),
      ...concludes(),
    )
    expect(parts.flatMap((part) => (part.type === 'part' ? [part.part] : []))).toEqual([
      {
        type: 'custom',
        kind: 'anthropic.server_tool_use',
        value: { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } },
        opaque: { anthropic: { host: 'here' } },
      },
      {
        type: 'custom',
        kind: 'anthropic.novelty',
        value: { type: 'novelty', content: 'so new', rank: 2 },
        opaque: { anthropic: { host: 'here' } },
      },
    ])
  })

  it('keeps citations with their text, and names each page once', () => {
    const cite = (url: string) => piece(0, { type: 'citations_delta', citation: { url, title: 'T', cited_text: '…' } })
    const parts = read(
      start(),
      opens(0, { ...text(''), citations: [] }),
      piece(0, { type: 'text_delta', text: 'So.' }),
      cite('https://a'),
      cite('https://a'),
      closes(0),
      ...concludes(),
    )
    expect(parts.filter(({ type }) => type === 'part')).toEqual([
      { type: 'part', part: { type: 'source', url: 'https://a', title: 'T' } },
    ])
    expect(parts.find(({ type }) => type === 'text-end')).toMatchObject({
      opaque: { anthropic: { fields: { citations: [{ url: 'https://a' }, { url: 'https://a' }] } } },
    })
  })

  it('tells the container and the reason of a refusal beside the content', () => {
    const conclusion = {
      type: 'message_delta',
      delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'bio' }, container: { id: 'c' } },
      context_management: { applied_edits: [] },
    }
    expect(read(start(), conclusion, { type: 'message_stop' }).at(-2)).toEqual({
      type: 'part',
      part: {
        type: 'custom',
        kind: 'anthropic.message',
        value: { container: { id: 'c' }, stop_details: { type: 'refusal', category: 'bio' } },
      },
    })
  })

  it('names the model that took over', () => {
    const fallback = { type: 'fallback', from: { model: 'test-1' }, to: { model: 'test-2' } }
    const parts = read(start(), opens(0, fallback), closes(0), ...said(1, 'Hi.'), ...concludes())
    expect(parts.filter(({ type }) => type === 'response-metadata').at(-1)).toMatchObject({ model: 'test-2' })
  })

  it('reads a message that comes whole', () => {
    const call = { type: 'tool_use', id: 'a', name: 'local_add', input: { x: 1 } }
    const whole = start({ content: [call], stop_reason: 'tool_use', usage: { input_tokens: 1, output_tokens: 7 } })
    const parts = read(whole, { type: 'message_stop' })
    expect(parts).toContainEqual(expect.objectContaining({ type: 'tool-call', input: { x: 1 } }))
    expect(parts.at(-1)).toMatchObject({ finish: { unified: 'tool-calls' }, usage: { output: { total: 7 } } })
  })

  it('takes what came twice once, where that can be known', () => {
    const events = [start(), ...said(0, 'Hi.'), ...concludes()]
    const [begin, ...rest] = events as [Body, ...Body[]]
    const stops = rest.flatMap((event) => (event['type'] === 'content_block_delta' ? [event] : [event, event]))
    expect(read(begin, begin, ...stops)).toEqual(read(...events))
  })

  it('closes a text that was left open when another begins, and all at the end', () => {
    const left = said(0, 'One.').slice(0, -1)
    expect(read(start(), ...left, ...said(1, 'Two.').slice(0, -1), ...concludes()).map(({ type }) => type)).toEqual([
      'response-metadata',
      ...['text-start', 'text-delta', 'text-end', 'text-start', 'text-delta', 'text-end'],
      'finish',
    ])
  })

  it('takes no number of the answer from its beginning', () => {
    const silent = { type: 'message_delta', delta: { stop_reason: 'end_turn' } }
    const usageOf = (...events: readonly Body[]) => {
      const finish = read(...events).at(-1)
      return finish?.type === 'finish' ? finish.usage : undefined
    }
    const { input, output } = usageOf(start(), silent) ?? {}
    expect([input, output]).toEqual([{ total: 3, noCache: 3 }, {}])
    expect(usageOf(start({ usage: undefined }), silent)).toEqual({ input: {}, output: {} })
  })

  it('reads the last counts of a stream', () => {
    const usage = { input_tokens: 5, cache_read_input_tokens: 4, cache_creation_input_tokens: null, output_tokens: 9 }
    expect(read(start(), ...concludes('end_turn', usage)).at(-1)).toMatchObject({
      usage: { input: { total: 9, noCache: 5, cacheRead: 4 }, output: { total: 9 } },
    })
  })

  it('is finished by a stop reason or the end of the message, and by nothing else', () => {
    const one = reader()
    for (const event of [start(), ...said(0, 'Hi.')]) one.read(event)
    expect(one.isFinished).toBe(false)
    expect(code(() => one.end())).toBe('AIOS_LLM_INCOMPLETE_STREAM')
    one.read(concludes()[0])
    expect(one.isFinished).toBe(true)
    const other = reader()
    other.read({ type: 'message_stop' })
    expect(other.isFinished).toBe(true)
    expect(other.end()).toEqual([{ type: 'finish', finish: { unified: 'other' }, usage: { input: {}, output: {} } }])
  })

  it('refuses another message, and a piece of a block that never began', () => {
    const one = reader()
    one.read(start())
    expect(code(() => one.read(start({ id: 'msg_2' })))).toBe('AIOS_LLM_INCOMPLETE_STREAM')
    expect(code(() => reader().read(piece(4, { type: 'text_delta', text: '' })))).toBe('AIOS_LLM_SERVER')
  })

  it('survives events of any shape', () => {
    for (const odd of [null, 'x', 7, [], {}, { type: 'message_start' }, { type: 'content_block_start', index: 0 }]) {
      const one = reader()
      expect(code(() => one.read(odd))).toBe('none')
    }
  })
})

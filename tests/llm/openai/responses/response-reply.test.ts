import { createKernel, type CoreReply } from '@aios/kernel'
import { openai } from '@aios/llm/openai'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromResponse } from '../../../../packages/llm/src/openai/responses/response-reply.js'
import { toolNameMap } from '../../../../packages/llm/src/tool-call/tool-name-map.js'
import { fakeFetch, HELLO } from '../../core/asking.js'
import { EVENT_STREAM, type Body } from '../../core/provider.js'
import { events, frame, functionCall, message, reasoning, response } from './events.js'

const HOST = 'recorded.example'
const read = (output: readonly Body[], rest?: Body): CoreReply =>
  fromResponse(response(output, rest), { names: toolNameMap(['math/add']), host: HOST, makeId: (n) => `made_${n}` })

const ITEMS: readonly Body[] = [
  message('Hello.'),
  message('', { content: [{ type: 'refusal', refusal: 'No.' }] }),
  message('Cited.', {
    content: [
      { type: 'output_text', text: 'Cited.', annotations: [{ type: 'url_citation', url: 'https://a.example' }] },
    ],
  }),
  message('Likely.', {
    content: [{ type: 'output_text', text: 'Likely.', logprobs: [{ token: 'Likely.', logprob: -1 }] }],
  }),
  reasoning(['One.', 'Two.'], 'gAAA'),
  reasoning([], 'gBBB'),
  functionCall('math_add', '{"a":1}'),
  functionCall('math_add', '{"a":'),
  { type: 'web_search_call', id: 'ws', action: { query: 'x' } },
  { type: 'image_generation_call', id: 'ig', result: 'AQI=', output_format: 'png' },
  { type: 'image_generation_call', id: 'ig', result: null, status: 'failed' },
  { type: 'something_new', value: [1, null] },
]

describe('fromResponse', () => {
  it('keeps the order in which the model wrote', () => {
    const { parts } = read([reasoning(['Hm.']), message('One.'), functionCall('math_add', '{}'), message('Two.')])
    expect(parts.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call', 'text'])
  })

  it('keeps what has no part of its own as it came, with its host', () => {
    const [search, picture, failed] = read(ITEMS.slice(8, 11)).parts
    const opaque = { openai: { host: HOST, type: 'web_search_call', item: {} } }
    expect(search).toEqual({ type: 'custom', kind: 'openai.web_search_call', value: ITEMS[8], opaque })
    expect(picture).toMatchObject({ type: 'file', mediaType: 'image/png', data: 'AQI=' })
    expect(failed).toMatchObject({ type: 'custom', kind: 'openai.image_generation_call', value: ITEMS[10] })
  })

  it('says the same as a stream, whatever the items and their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...ITEMS), { maxLength: 6 }), async (picked) => {
        // A call has an id of its own.
        const output = picked.map((item, n) => ('call_id' in item ? { ...item, call_id: `call_${n}` } : item))
        const body = events(output)
          .map((event) => frame(event))
          .join('')
        const { fetch } = fakeFetch(() => new Response(body, { headers: EVENT_STREAM }))
        const kernel = await createKernel({
          llm: openai('test-1', { api: 'responses', baseURL: `https://${HOST}/v1`, fetch }),
        })
        const tools = [{ name: 'math/add', description: '', inputSchema: {} }]
        const streamed = await kernel.sys().llm.stream({ ...HELLO, tools }).result
        await kernel.close()
        const whole = read(output)
        expect(streamed.message.content).toEqual(whole.parts)
        expect(streamed.finish).toEqual(whole.finish)
      }),
      { numRuns: 40 },
    )
  })

  it('ends as the status says', () => {
    expect(read([message('Hi')]).finish).toEqual({ unified: 'stop', raw: 'completed' })
    expect(read([message('Hi'), functionCall('x', '{}')]).finish).toEqual({ unified: 'tool-calls', raw: 'completed' })
    expect(read([ITEMS[1]!]).finish).toEqual({ unified: 'content-filter', raw: 'completed' })
    expect(read([], { status: 'cancelled' }).finish).toEqual({ unified: 'aborted', raw: 'cancelled' })
    expect(read([], { status: undefined }).finish).toEqual({ unified: 'stop' })
  })

  it('names the model that answered, where the server does', () => {
    expect(read([message('Hi')]).model).toBe('test-1')
    expect(read([message('Hi')], { model: '' })).not.toHaveProperty('model')
  })
})

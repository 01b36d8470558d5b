import { createKernel } from '@aios/kernel'
import { openai } from '@aios/llm/openai'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, failure, streamed, textOf } from '../../core/asking.js'
import { json, providerPool, type Play } from '../../core/provider.js'
import { events, functionCall, itemEvents, message, reasoning, response, stream } from './events.js'
import { opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const core = (play: Play) => provided(play).then(({ baseURL }) => opened({ baseURL }))
const begun = itemEvents(message('Once'), 0).slice(0, 3)

describe('what goes wrong with responses', () => {
  it('is told by the machine-readable name of an error event, after the parts before it', async () => {
    const names = {
      rate_limit_exceeded: 'AIOS_LLM_RATE_LIMIT',
      server_error: 'AIOS_LLM_SERVER',
      server_is_overloaded: 'AIOS_LLM_OVERLOADED',
      context_length_exceeded: 'AIOS_LLM_CONTEXT_OVERFLOW',
      image_content_policy_violation: 'AIOS_LLM_CONTENT_FILTER',
      invalid_image_url: 'AIOS_LLM_BAD_REQUEST',
      whatever_is_new: 'AIOS_LLM_SERVER',
    }
    for (const [name, code] of Object.entries(names)) {
      const error = { code: name, message: 'Sorry.' }
      const frames = [
        { type: 'error', ...error },
        { type: 'response.failed', response: response([], { status: 'failed', error }) },
        { type: 'error', error: { ...error, type: 'x' } },
      ]
      for (const last of frames) {
        const driver = await core((answer) => stream(answer, [...begun, last]))
        expect(await failure(streamed(driver)), name).toMatchObject({
          code,
          message: expect.stringContaining('Sorry.') as string,
        })
      }
    }
  })

  it('has a text also where the server gives no reason', async () => {
    const driver = await core((answer) => stream(answer, [{ type: 'response.failed', response: {} }]))
    expect(await failure(streamed(driver))).toMatchObject({
      code: 'AIOS_LLM_SERVER',
      message: expect.stringContaining('did not say why') as string,
    })
  })

  it('is found in a whole answer of status 200', async () => {
    const error = { code: 'rate_limit_exceeded', message: 'Slow down.' }
    const driver = await core((answer) => json(answer, response([], { status: 'failed', error })))
    expect((await failure(chat(driver))).code).toBe('AIOS_LLM_RATE_LIMIT')
  })

  it('is an answer that is no response', async () => {
    const answers = ['<html>', 'null', '[]', '{"choices":[]}', '"text"']
    const driver = await core((answer) => {
      answer
        .writeHead(200, { 'content-type': answers.length === 5 ? 'text/html' : 'application/json' })
        .end(answers.shift())
    })
    for (const _ of [1, 2, 3, 4, 5]) expect((await failure(chat(driver))).code).toBe('AIOS_LLM_SERVER')
  })

  it('is an answer that was asked for in the background', async () => {
    const driver = await core((answer) => json(answer, response([], { status: 'queued' })))
    expect((await failure(chat(driver))).code).toBe('AIOS_UNSUPPORTED')
  })

  it('is a wrong key, an unknown model, a full provider, and a gateway that answers in HTML', async () => {
    const error = (code: string) => ({ error: { message: 'Sorry.', type: 'x', code } })
    const plays: readonly [Play, object][] = [
      [(answer) => json(answer, error('invalid_api_key'), { status: 401 }), { code: 'AIOS_LLM_AUTH' }],
      [(answer) => json(answer, error('model_not_found'), { status: 404 }), { code: 'AIOS_LLM_NOT_FOUND' }],
      [
        (answer) => json(answer, error(''), { status: 429, headers: { 'retry-after': '7' } }),
        { code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 7_000 },
      ],
      [(answer) => answer.writeHead(502, { 'content-type': 'text/html' }).end('<html>'), { code: 'AIOS_LLM_SERVER' }],
      [(answer) => answer.destroy(), { code: 'AIOS_LLM_NETWORK' }],
    ]
    for (const [play, expected] of plays) {
      const driver = await core(play)
      expect(await failure(chat(driver))).toMatchObject(expected)
      expect(await failure(streamed(driver))).toMatchObject(expected)
    }
  })

  it('never shows the key', async () => {
    const driver = await core((answer, { headers }) => {
      stream(answer, [{ type: 'error', code: 'server_error', message: `Wrong key ${headers.authorization}` }])
    })
    const failed = await failure(streamed(driver))
    expect(inspect(failed, { depth: null, showHidden: true }) + JSON.stringify(failed)).not.toContain('sk-secret')
    expect(failed.message).toContain('[redacted]')
  })

  it('is passed over where it is only odd: comments, pings, events that are new', async () => {
    const driver = await core((answer) => {
      const odd = ': hello\n\nevent: ping\ndata: {}\n\ndata: {"type":"response.something.new","output_index":0}\n\n'
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(odd)
      for (const event of events([message('Hi')])) answer.write(`data: ${JSON.stringify(event)}\n\n`)
      answer.end('data: [DONE]\n\n')
    })
    expect(textOf(await streamed(driver))).toBe('Hi')
  })
})

describe('a conversation by responses, in a kernel', () => {
  it('gives what the model thought back between a call and its result, byte for byte', async () => {
    const thought = reasoning(['I should add.'], 'gAAAAAB/+=')
    const call = functionCall('math_add', '{"a": 1}')
    const provider = await provided((answer, { body }) => {
      const isFirst = (body['input'] as unknown[]).length === 1
      stream(answer, events(isFirst ? [thought, call] : [message('Two.')]))
    })
    const llm = openai('gpt-5-mini', { api: 'responses', apiKey: 'sk-test', baseURL: provider.baseURL })
    const kernel = await createKernel({ llm })
    const tools = [{ name: 'math/add', description: 'Adds.', inputSchema: { type: 'object' } }]
    const question = { role: 'user', content: '1 and 1?' } as const
    const { message: said, toolCalls } = await kernel.sys().llm.stream({ messages: [question], tools }).result
    const result = { type: 'tool-result', id: toolCalls[0]!.id, name: 'math/add', output: 2 } as const
    const messages = [question, said, { role: 'tool', content: [result] } as const]
    const { text } = await kernel.sys().llm.stream({ messages, tools }).result
    await kernel.close()
    expect(text).toBe('Two.')
    expect(provider.requests[1]?.body['input']).toEqual([
      { type: 'message', role: 'user', content: '1 and 1?' },
      thought,
      call,
      { type: 'function_call_output', call_id: 'call_0', output: '2' },
    ])
    expect(provider.requests.map(({ url, body }) => [url, body['store']])).toEqual([
      ['/v1/responses', false],
      ['/v1/responses', false],
    ])
  })
})

import { AiosError, type LlmDriver } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import {
  calls,
  fromFunction,
  hangs,
  says,
  scriptedCore,
  serveOpenAi,
  throws,
  type OpenAiServer,
  type ScriptedCore,
  type ScriptedStep,
  type ServeOptions,
} from '@aios/llm/testing'
import { connect } from 'node:net'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import OpenAI, { APIError } from 'openai'
import { afterEach, describe, expect, it } from 'vitest'

const servers: OpenAiServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function served(core: LlmDriver, options: ServeOptions = {}, apiKey = 'sk-any') {
  const server = await serveOpenAi(core, options)
  servers.push(server)
  return { server, client: new OpenAI({ baseURL: server.baseURL, apiKey, maxRetries: 0, logLevel: 'off' }) }
}

const scripted = async (...steps: ScriptedStep[]) => {
  const core = scriptedCore(steps)
  return { core, ...(await served(core)) }
}

const until = async (isSo: () => boolean) => {
  while (!isSo()) await setImmediate()
}

const messages = [{ role: 'user' as const, content: 'Hello.' }]
const ASK = { model: 'any', messages }
const TOOLS = [
  {
    type: 'function' as const,
    function: {
      name: 'add',
      description: 'Adds.',
      parameters: { type: 'object', properties: { a: { type: 'number' } } },
    },
  },
]

describe('serveOpenAi(), asked by the real openai SDK', () => {
  it('answers in one piece, with usage', async () => {
    const { client } = await scripted({
      text: 'Hello, Ada.',
      usage: { input: { total: 9, cacheRead: 4 }, output: 3 },
      finish: 'length',
    })
    const answer = await client.chat.completions.create(ASK)
    expect(answer).toMatchObject({ object: 'chat.completion', id: 'chatcmpl-1', model: 'scripted' })
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { role: 'assistant', content: 'Hello, Ada.' },
    })
    expect(answer.usage).toEqual({
      prompt_tokens: 9,
      completion_tokens: 3,
      total_tokens: 12,
      prompt_tokens_details: { cached_tokens: 4 },
    })
  })

  it('streams, and the helpers of the SDK accumulate the same', async () => {
    const { client } = await scripted(
      { text: 'one two three', usage: { input: 1, output: 3 } },
      {
        text: 'so',
        usage: { input: 1, output: 1 },
        toolCalls: [
          { name: 'add', input: { a: 1 } },
          { name: 'add', input: { a: 2 } },
        ],
      },
    )
    const pieces: (string | null | undefined)[] = []
    let usage: unknown
    const stream = await client.chat.completions.create({
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
    })
    for await (const chunk of stream) {
      pieces.push(chunk.choices[0]?.delta.content)
      usage = chunk.usage ?? usage
    }
    expect(pieces.filter(Boolean)).toEqual(['one ', 'two ', 'three'])
    expect(usage).toMatchObject({ total_tokens: 4 })
    const final = await client.chat.completions.stream({ ...ASK, tools: TOOLS }).finalChatCompletion()
    expect(final.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'so' } })
    expect(
      final.choices[0]?.message.tool_calls?.map((call) => call.type === 'function' && call.function.arguments),
    ).toEqual(['{"a":1}', '{"a":2}'])
    expect(final.usage).toBeUndefined()
  })

  it('takes tools, settings and a whole conversation to the core, and brings tool calls back', async () => {
    const { core, client } = await scripted(calls('add', { a: 2 }), says('4'))
    const first = await client.chat.completions.create({
      ...ASK,
      tools: TOOLS,
      tool_choice: { type: 'function', function: { name: 'add' } },
      temperature: 0.5,
      top_p: 0.9,
      max_completion_tokens: 50,
      stop: 'END',
      seed: 7,
      reasoning_effort: 'low',
    })
    const { message, finish_reason: finish } = first.choices[0]!
    expect([message.content, finish]).toEqual([null, 'tool_calls'])
    const [call] = message.tool_calls!
    await client.chat.completions.create({
      ...ASK,
      messages: [
        { role: 'developer', content: 'Be brief.' },
        ...messages,
        message,
        { role: 'tool', tool_call_id: call!.id, content: '{"sum":4}' },
      ],
    })
    expect(core.requests[0]).toEqual({
      messages,
      tools: [{ name: 'add', description: 'Adds.', inputSchema: TOOLS[0]!.function.parameters }],
      toolChoice: { tool: 'add' },
      temperature: 0.5,
      topP: 0.9,
      maxOutputTokens: 50,
      stop: ['END'],
      seed: 7,
      reasoning: 'low',
    })
    expect(core.requests[1]?.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      ...messages,
      {
        role: 'assistant',
        content: [{ type: 'tool-call', id: call!.id, name: 'add', input: { a: 2 }, inputText: '{"a":2}' }],
      },
      { role: 'tool', content: [{ type: 'tool-result', id: call!.id, name: 'add', output: '{"sum":4}' }] },
    ])
  })

  it('takes a JSON Schema to the core', async () => {
    const { core, client } = await scripted({ json: { city: 'Paris' } }, says('{}'), says('x'))
    const schema = { type: 'object', properties: { city: { type: 'string' } } }
    const answer = await client.chat.completions.parse({
      ...ASK,
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema } },
    })
    expect(answer.choices[0]?.message.content).toBe('{"city":"Paris"}')
    await client.chat.completions.create({ ...ASK, response_format: { type: 'json_object' } })
    await client.chat.completions.create({ ...ASK, response_format: { type: 'text' } })
    expect(core.requests.map(({ responseFormat }) => responseFormat)).toEqual([
      { type: 'json', schema, name: 'place' },
      { type: 'json' },
      { type: 'text' },
    ])
  })

  it('takes images, sound and files to the core', async () => {
    const { core, client } = await scripted(says('Seen.'))
    await client.chat.completions.create({
      model: 'any',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGk=' } },
          ],
        },
      ],
    })
    expect(core.requests[0]?.messages[0]?.content).toEqual([
      { type: 'text', text: 'Look.' },
      { type: 'file', mediaType: 'image/png', data: 'aGk=' },
      { type: 'file', mediaType: 'image/*', data: 'https://example.com/a.png' },
      { type: 'file', mediaType: 'audio/mpeg', data: 'aGk=' },
      { type: 'file', mediaType: 'application/pdf', data: 'aGk=', filename: 'a.pdf' },
    ])
  })

  it.each([
    ['auth', 401, 'invalid_api_key'],
    ['permission', 403, null],
    ['not-found', 404, 'model_not_found'],
    ['context-overflow', 400, 'context_length_exceeded'],
    ['content-filter', 400, 'content_filter'],
    ['rate-limit', 429, 'rate_limit_exceeded'],
    ['overloaded', 503, null],
    ['timeout', 408, null],
    ['server', 500, null],
  ] as const)('answers the failure %s with status %i', async (kind, status, code) => {
    const { client } = await scripted(throws(kind, { retryAfterMs: 1_500 }), throws(kind))
    for (const stream of [false, true]) {
      const error: unknown = await client.chat.completions.create({ ...ASK, stream }).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(APIError)
      expect(error).toMatchObject({ status, code })
    }
  })

  it('says when to come back', async () => {
    const { client } = await scripted(throws('rate-limit', { retryAfterMs: 1_500 }))
    const error = (await client.chat.completions.create(ASK).catch((caught: unknown) => caught)) as InstanceType<
      typeof APIError
    >
    expect([error.headers?.get('retry-after-ms'), error.headers?.get('retry-after')]).toEqual(['1500', '2'])
  })

  it('tells of an error in the middle of a stream in an event', async () => {
    const { client } = await scripted(throws('rate-limit', { text: 'one two' }))
    const stream = await client.chat.completions.create({ ...ASK, stream: true })
    const read = (async () => {
      for await (const _ of stream);
    })()
    await expect(read).rejects.toMatchObject({ code: 'rate_limit_exceeded', type: 'rate_limit_error' })
  })

  it('aborts the call of a client that leaves, and closes the stream', async () => {
    const { core, client } = await scripted(hangs({ text: 'one two' }), hangs())
    const stream = await client.chat.completions.create({ ...ASK, stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content === 'two') break
    await until(() => core.running === 0)
    const controller = new AbortController()
    const whole = client.chat.completions.create(ASK, { signal: controller.signal })
    await until(() => core.running === 1)
    controller.abort()
    await expect(whole).rejects.toThrow()
    await until(() => core.running === 0)
  })

  it('answers by a core that has only one of chat and stream', async () => {
    const whole = scriptedCore([{ reasoning: 'Hm.', text: 'A', toolCalls: [{ name: 'f' }] }], { repeat: true })
    const { stream: _, ...chatting } = whole
    const { chat: __, ...streaming } = whole
    for (const core of [chatting, streaming] as LlmDriver[]) {
      const { client } = await served(core)
      const answer = await client.chat.completions.create(ASK)
      const streamed = await client.chat.completions.stream(ASK).finalChatCompletion()
      for (const { choices } of [answer, streamed])
        expect(choices[0]).toMatchObject({
          finish_reason: 'tool_calls',
          message: { content: 'A', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] },
        })
      expect(answer.choices[0]?.message).toMatchObject({ reasoning_content: 'Hm.' })
    }
  })

  it('makes vectors where the core does, as numbers and as base64', async () => {
    const core: LlmDriver = {
      kind: 'llm',
      id: 'e',
      model: 'e-1',
      embed: ({ input, dimensions = 2 }) => ({
        vectors: input.map((text) => Float32Array.from({ length: dimensions }, () => text.length)),
        usage: { input: { total: 5 }, output: {} },
      }),
    }
    const { client } = await served(core)
    const numbers = await client.embeddings.create({ model: 'any', input: ['a', 'bb'], encoding_format: 'float' })
    expect(numbers.data.map(({ embedding }) => embedding)).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(numbers.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 })
    const packed = await client.embeddings.create({ model: 'any', input: 'abc', dimensions: 3 })
    expect([...packed.data[0]!.embedding]).toEqual([3, 3, 3])
    await expect(client.chat.completions.create(ASK)).rejects.toMatchObject({ status: 400 })
    const { client: chatting } = await served(scriptedCore([]))
    await expect(chatting.embeddings.create({ model: 'any', input: 'a' })).rejects.toMatchObject({ status: 400 })
  })

  it('lists its model, and demands the key it was given', async () => {
    const { client, server } = await served(scriptedCore(['a'], { model: 'tiny' }), { apiKey: 'sk-right' }, 'sk-right')
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['tiny'])
    const stranger = new OpenAI({ baseURL: server.baseURL, apiKey: 'sk-wrong', maxRetries: 0, logLevel: 'off' })
    const error = (await stranger.models.list().catch((caught: unknown) => caught)) as Error
    expect(error).toMatchObject({ status: 401 })
    expect(error.message).not.toContain('sk-')
  })

  it.each([
    [{ n: 2 }, 'n'],
    [{ frequency_penalty: 2 }, 'frequency_penalty'],
    [{ presence_penalty: -1 }, 'presence_penalty'],
    [{ logit_bias: { 1: 100 } }, 'logit_bias'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ parallel_tool_calls: false }, 'parallel_tool_calls'],
    [{ logprobs: true }, 'logprobs'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'tool', tool_call_id: 'x', content: '' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'wizard', content: '' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'video' }] }] }, 'messages[0].content[0].type'],
    [
      { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a' } }] }] },
      'messages[0].content',
    ],
    [
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'x', function: { name: 'f' } }] }] },
      'messages[0].tool_calls[0].function.arguments',
    ],
    [{ tools: [{ type: 'custom' }] }, 'tools[0].type'],
    [{ tools: {} }, 'tools'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ stop: [1] }, 'stop'],
    [{ reasoning_effort: 'huge' }, 'reasoning_effort'],
    [{ response_format: { type: 'xml' } }, 'response_format.type'],
    [{ model: undefined }, 'model'],
  ])('refuses %j and names the parameter', async (wrong, param) => {
    const { client, core } = await scripted('a')
    const error: unknown = await client.chat.completions
      .create({ ...ASK, ...wrong } as never)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ status: 400, param, type: 'invalid_request_error' })
    expect(core.requests).toHaveLength(0)
  })
})

describe('serveOpenAi()', () => {
  it.each([
    {
      n: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: {},
      modalities: ['text'],
      parallel_tool_calls: true,
    },
    { n: null, frequency_penalty: null, presence_penalty: null, logit_bias: null, modalities: null },
  ])('answers where nothing but the default is asked for: %j', async (defaults) => {
    const { client } = await scripted('Hi.')
    const { choices } = await client.chat.completions.create({ ...ASK, ...defaults } as typeof ASK)
    expect(choices[0]?.message.content).toBe('Hi.')
  })

  it('refuses what is no JSON, and paths it does not have', async () => {
    const { server } = await scripted('a')
    const post = (path: string, body: string) => fetch(`${server.baseURL}${path}`, { method: 'POST', body })
    expect((await post('/chat/completions', '{')).status).toBe(400)
    expect((await post('/completions', '{}')).status).toBe(404)
  })

  it('opens the core with its clock, and closes both, with connections that are open', async () => {
    const events: string[] = []
    const clock = virtualClock(5_000_000)
    const core: ScriptedCore = Object.assign(
      fromFunction(() => ({ text: 'late', latencyMs: 60_000 })),
      { close: () => void events.push('closed') },
    )
    const { client, server } = await served(core, { clock })
    const answer = client.chat.completions.create(ASK)
    await until(() => core.running === 1)
    await clock.advance(60_000)
    expect((await answer).created).toBe(5_060)
    const idle = connect(Number(new URL(server.baseURL).port), '127.0.0.1')
    await once(idle, 'connect')
    const gone = once(idle, 'close')
    await Promise.all([server.close(), server.close()])
    await gone
    expect(events).toEqual(['closed'])
  })

  it('closes the core where its port is taken', async () => {
    const { server } = await scripted('a')
    const port = Number(new URL(server.baseURL).port)
    let isClosed = false
    const core: LlmDriver = Object.assign(scriptedCore([]), { close: () => void (isClosed = true) })
    await expect(serveOpenAi(core, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(isClosed).toBe(true)
  })

  it('hides nothing but keys: what is no error of the library is a server error', async () => {
    const { client } = await served(fromFunction(() => Promise.reject(new TypeError('odd'))))
    await expect(client.chat.completions.create(ASK)).rejects.toMatchObject({ status: 500, type: 'server_error' })
    await expect(serveOpenAi(scriptedCore([]), { host: 'x' } as never)).rejects.toSatisfy((error) =>
      AiosError.is(error, 'AIOS_INVALID_OPTION'),
    )
  })
})

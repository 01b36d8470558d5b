import { startAimock } from '@aios/ground-aimock'
import type { CoreRequest } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { openaiBatch, type BatchRequest, type BatchResult, type OpenAiBatchOptions } from '@aios/llm/openai'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { failure } from '../../core/asking.js'
import { completion } from '../completions.js'
import { message, response } from '../responses/events.js'

type Answer = (path: string, init: RequestInit) => unknown

const KEY = 'sk-secret-1234567890'
const ask = (content: string): CoreRequest => ({ messages: [{ role: 'user', content }] })
const batch = (status: string, rest: object = {}) => ({
  id: 'batch_1',
  object: 'batch',
  status,
  input_file_id: 'file-in',
  ...rest,
})
const line = (id: string, status: number, body: unknown) => ({
  id: `r_${id}`,
  custom_id: id,
  response: { status_code: status, body },
  error: null,
})
const jsonl = (...lines: readonly unknown[]): Response =>
  new Response(lines.map((one) => `${JSON.stringify(one)}\n`).join(''))

/** A Batch API that answers whatever a test wants. */
function made(answer: Answer, options: OpenAiBatchOptions = {}) {
  const asked: { readonly method: string; readonly path: string; readonly body: unknown }[] = []
  const fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const path = new URL(String(input instanceof Request ? input.url : input)).pathname
    const { body } = init
    const sent: unknown =
      body instanceof FormData ? await (body.get('file') as File).text() : body && JSON.parse(body as string)
    asked.push({ method: init.method!.toUpperCase(), path, body: sent })
    const answered = await answer(path, init)
    return answered instanceof Response
      ? answered
      : new Response(JSON.stringify(answered), { headers: { 'content-type': 'application/json' } })
  }
  const baseURL = 'https://batch.example/v1'
  return { asked, way: openaiBatch('gpt-5-mini', { apiKey: KEY, baseURL, fetch, clock: virtualClock(), ...options }) }
}

async function all(results: AsyncIterable<BatchResult>): Promise<BatchResult[]> {
  const read: BatchResult[] = []
  for await (const one of results) read.push(one)
  return read
}

const FILES: Readonly<Record<string, () => unknown>> = {
  '/v1/files': () => ({ id: 'file-in' }),
  '/v1/batches': () => batch('validating'),
}

describe('submitting a batch', () => {
  it('sends a file of requests, as the core of each API writes them, and names it', async () => {
    const paths = { chat: '/v1/chat/completions', responses: '/v1/responses' }
    for (const api of ['chat', 'responses'] as const) {
      const { way, asked } = made((path) => FILES[path]!(), { api })
      const submitted = await way.submit([
        { id: 'a', request: { ...ask('One?'), seed: 1 } },
        { id: 'b', request: ask('Two?') },
      ])
      expect(submitted).toMatchObject({ id: 'batch_1', status: 'validating', isOver: false })
      expect(submitted.warnings.map(({ id, setting }) => [id, setting])).toEqual(api === 'chat' ? [] : [['a', 'seed']])
      const lines = (asked[0]!.body as string).trimEnd().split('\n')
      expect(lines.map((one) => JSON.parse(one) as unknown)).toMatchObject([
        { custom_id: 'a', method: 'POST', url: paths[api], body: { model: 'gpt-5-mini' } },
        { custom_id: 'b', method: 'POST', url: paths[api], body: { model: 'gpt-5-mini' } },
      ])
      expect(asked[0]!.body).toContain(api === 'chat' ? '"messages":[' : '"store":false')
      expect(asked[1]).toEqual({
        method: 'POST',
        path: '/v1/batches',
        body: { input_file_id: 'file-in', endpoint: paths[api], completion_window: '24h' },
      })
    }
  })

  it('refuses, before anything is sent, what no batch can hold', async () => {
    const { way, asked } = made(() => ({}))
    const tool = (name: string): CoreRequest => ({ ...ask('x'), tools: [{ name, description: '', inputSchema: {} }] })
    const wrong: readonly [readonly BatchRequest[], string, string][] = [
      [[], 'AIOS_LLM_BAD_REQUEST', 'Expected 1 to 50000 requests'],
      [['a', 'a'].map((id) => ({ id, request: ask('x') })), 'AIOS_LLM_BAD_REQUEST', 'got "a" twice'],
      [[{ id: '', request: ask('x') }], 'AIOS_LLM_BAD_REQUEST', 'an id of 1 to 64 characters'],
      [[{ id: 'a'.repeat(65), request: ask('x') }], 'AIOS_LLM_BAD_REQUEST', 'an id of 1 to 64 characters'],
      [[{ id: 'a', request: tool('math/add') }], 'AIOS_UNSUPPORTED', 'A batch cannot map names back'],
    ]
    for (const [requests, code, text] of wrong) {
      const failed = await failure(way.submit(requests))
      expect(failed.code).toBe(code)
      expect(failed.message).toContain(text)
    }
    expect(asked).toEqual([])
  })
})

describe('a request that is none', () => {
  it.each([
    [undefined, 'an array of requests'],
    [[null], 'an object with id and request'],
    [[{ id: 'a' }], 'one message or more'],
    [[{ id: 'a', request: {} }], 'one message or more'],
    [[{ id: 'a', request: { messages: [] } }], 'one message or more'],
    [[{ id: 'a', request: { messages: 'Hello' } }], 'one message or more'],
  ])('%j is refused before anything is sent', async (requests, expected) => {
    const { way, asked } = made((path) => FILES[path]?.())
    expect(await failure(way.submit(requests as never))).toMatchObject({
      code: 'AIOS_LLM_BAD_REQUEST',
      message: expect.stringContaining(expected) as string,
    })
    expect(asked).toEqual([])
  })
})

describe('a batch that was submitted', () => {
  it('is asked for by its id alone, also by another process', async () => {
    const counts = { total: 3, completed: 1, failed: 1 }
    const { way, asked } = made(() => batch('in_progress', { request_counts: counts }))
    expect(await way.poll('batch_1')).toMatchObject({ id: 'batch_1', status: 'in_progress', isOver: false, counts })
    expect(asked).toEqual([{ method: 'GET', path: '/v1/batches/batch_1', body: undefined }])
  })

  it('is over in four ways', async () => {
    for (const status of [
      'validating',
      'in_progress',
      'finalizing',
      'cancelling',
      'failed',
      'completed',
      'expired',
      'cancelled',
    ]) {
      const { way } = made(() => batch(status))
      expect((await way.poll('batch_1')).isOver, status).toBe(/failed|completed|expired|cancelled/.test(status))
    }
  })

  it('can be cancelled', async () => {
    const { way, asked } = made(() => batch('cancelling'))
    expect((await way.cancel('batch_1')).status).toBe('cancelling')
    expect(asked).toMatchObject([{ method: 'POST', path: '/v1/batches/batch_1/cancel' }])
  })

  it('is rejected where the server knows no batches', async () => {
    const { way } = made(() => ({ hello: 1 }))
    expect((await failure(way.poll('batch_1'))).code).toBe('AIOS_LLM_SERVER')
  })
})

describe('the results of a batch', () => {
  const done = batch('completed', { output_file_id: 'file-out', error_file_id: 'file-err' })
  const over =
    (output: Response, errors = jsonl(), state: object = done): Answer =>
    (path) =>
      ({ '/v1/files/file-out/content': output, '/v1/files/file-err/content': errors })[path] ?? state

  it('are replies, or errors by the codes of every other request, line by line', async () => {
    const error = { message: 'Sorry.', type: 'x' }
    const output = jsonl(
      line('b', 200, completion({ content: 'Two.' }, 'stop', { usage: { prompt_tokens: 3, completion_tokens: 2 } })),
      line('a', 200, completion({ tool_calls: [{ function: { name: 'add', arguments: '{' } }] }, 'tool_calls')),
    )
    const errors = jsonl(
      line('c', 429, { error: { ...error, code: 'rate_limit_exceeded' } }),
      line('d', 400, { error: { ...error, code: 'context_length_exceeded' } }),
      line('e', 502, '<html>'),
      line('f', 200, { error: { ...error, code: 'server_error' } }),
      { custom_id: 'g', response: null, error: { code: 'batch_expired', message: 'Too late.' } },
      { custom_id: 'h', response: null, error: { code: 'batch_cancelled', message: 'Stopped.' } },
      line('i', 200, { hello: 1 }),
    )
    const read = await all(made(over(output, errors)).way.results('batch_1'))
    expect(read.slice(0, 2)).toMatchObject([
      {
        id: 'b',
        reply: { parts: [{ type: 'text', text: 'Two.' }], finish: { unified: 'stop' }, usage: { input: { total: 3 } } },
      },
      { id: 'a', reply: { parts: [{ type: 'tool-call', id: 'call_a_0', name: 'add', inputText: '{' }] } },
    ])
    expect(read.slice(2).map((one) => ('error' in one ? [one.id, one.error.code] : one))).toEqual([
      ['c', 'AIOS_LLM_RATE_LIMIT'],
      ['d', 'AIOS_LLM_CONTEXT_OVERFLOW'],
      ['e', 'AIOS_LLM_SERVER'],
      ['f', 'AIOS_LLM_SERVER'],
      ['g', 'AIOS_LLM_TIMEOUT'],
      ['h', 'AIOS_CLOSED'],
      ['i', 'AIOS_LLM_SERVER'],
    ])
  })

  it('are read by the API that was asked', async () => {
    const output = jsonl(
      line('a', 200, response([message('Hi')])),
      line('b', 200, response([], { status: 'failed', error: { code: 'invalid_prompt', message: 'No.' } })),
    )
    const read = await all(made(over(output), { api: 'responses' }).way.results('batch_1'))
    expect(read).toMatchObject([
      { id: 'a', reply: { parts: [{ type: 'text', text: 'Hi' }] } },
      { id: 'b', error: { code: 'AIOS_LLM_BAD_REQUEST' } },
    ])
  })

  it('come whole however their bytes are cut', async () => {
    const bytes = Buffer.from(
      `${JSON.stringify(line('ä', 200, completion({ content: 'Grüße 🌍' })))}\r\n\n`.repeat(2).trimEnd(),
    )
    for (const size of [1, 7, 1_000]) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
          controller.close()
        },
      })
      const read = await all(made(over(new Response(body))).way.results('batch_1'))
      expect(read.map((one) => 'reply' in one && [one.id, one.reply.parts])).toEqual([
        ['ä', [{ type: 'text', text: 'Grüße 🌍' }]],
        ['ä', [{ type: 'text', text: 'Grüße 🌍' }]],
      ])
    }
  })

  it('are those that there are, of a batch that expired', async () => {
    const expired = batch('expired', { output_file_id: 'file-out' })
    const read = await all(
      made(over(jsonl(line('a', 200, completion({ content: 'Hi' }))), jsonl(), expired)).way.results('batch_1'),
    )
    expect(read.map(({ id }) => id)).toEqual(['a'])
  })

  it('are none before it is over, and of one that failed', async () => {
    const early = made(() => batch('in_progress'))
    expect(await failure(all(early.way.results('batch_1')))).toMatchObject({
      code: 'AIOS_LLM_BAD_REQUEST',
      message: 'Expected batch "batch_1" to be over, got status "in_progress". Poll it again later.',
    })
    const errors = { data: [{ code: 'invalid_json_line', message: 'No JSON.', line: 2 }] }
    const failed = made(() => batch('failed', { errors }))
    expect((await failure(all(failed.way.results('batch_1')))).message).toContain('but it failed: line 2: No JSON..')
    expect((await failed.way.poll('batch_1')).problems).toEqual([
      { code: 'invalid_json_line', message: 'No JSON.', line: 2 },
    ])
  })

  it('are not read as those of the other API', async () => {
    const { way } = made(() => batch('completed', { endpoint: '/v1/responses', output_file_id: 'file-out' }))
    expect(await failure(all(way.results('batch_1')))).toMatchObject({
      code: 'AIOS_LLM_BAD_REQUEST',
      message: expect.stringContaining('to be of /v1/chat/completions, got "/v1/responses"') as string,
    })
  })

  it('are rejected where a line is none', async () => {
    for (const text of ['{"custom', '{"id":"x"}', '5']) {
      expect((await failure(all(made(over(new Response(text))).way.results('batch_1')))).code).toBe('AIOS_LLM_SERVER')
    }
  })
})

describe('a call of the Batch API', () => {
  it('fails by the codes of every other request, without a key in sight', async () => {
    const { way } = made(
      () => new Response(JSON.stringify({ error: { message: `Wrong key ${KEY}` } }), { status: 401 }),
    )
    const failed = await failure(way.poll('batch_1'))
    expect(failed.code).toBe('AIOS_LLM_AUTH')
    expect(inspect(failed, { depth: null }) + inspect(way, { depth: null })).not.toContain('sk-secret')
  })

  it("ends with the caller's signal, and with the provider's silence", async () => {
    const clock = virtualClock()
    const { way } = made(() => new Promise(() => undefined), { clock, timeoutMs: 1_000 })
    const reason = new Error('Enough.')
    expect(await failure(way.poll('batch_1', { signal: AbortSignal.abort(reason) }))).toBe(reason)
    const controller = new AbortController()
    const polled = failure(way.poll('batch_1', { signal: controller.signal }))
    controller.abort(reason)
    expect(await polled).toBe(reason)
    const silent = failure(way.poll('batch_1'))
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
    await clock.advance(1_000)
    expect((await silent).code).toBe('AIOS_LLM_TIMEOUT')
  })

  it('lets go of a file whose results nobody reads any more', async () => {
    let isLeft = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(Buffer.from(`${JSON.stringify(line('a', 200, completion({ content: 'Hi' })))}\n`))
      },
      cancel() {
        isLeft = true
      },
    })
    const { way } = made((path) =>
      path.endsWith('content') ? new Response(body) : batch('completed', { output_file_id: 'f' }),
    )
    for await (const { id } of way.results('batch_1')) {
      expect(id).toBe('a')
      break
    }
    expect(isLeft).toBe(true)
  })

  it('needs options that it knows, and a key where OpenAI is asked', async () => {
    expect(() => openaiBatch('m', { apiKeys: ['x'] } as never)).toThrow('got "apiKeys" in openaiBatch()')
    expect(() => openaiBatch('m', { api: 'embeddings' } as never)).toThrow('openaiBatch()')
    expect(() => openaiBatch('')).toThrow('openaiBatch()')
    expect(await failure(openaiBatch('m').poll('x'))).toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining('Expected an API key for openaiBatch()') as string,
    })
  })

  it('is understood by an independent server', async () => {
    const { baseURL, close } = await startAimock()
    const way = openaiBatch('gpt-5-mini', { apiKey: KEY, baseURL })
    const { id } = await way.submit([{ id: 'a', request: ask('Hello') }])
    let state = await way.poll(id)
    for (let tries = 0; !state.isOver && tries < 20; tries += 1) state = await way.poll(id)
    const read = state.isOver ? await all(way.results(id)) : []
    await close()
    expect(state.status).toBe('completed')
    expect(read).toMatchObject([{ id: 'a', reply: { parts: [{ type: 'text', text: 'Mock batch completion' }] } }])
  })
})

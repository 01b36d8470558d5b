import type { StreamPart } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import { openai } from '@aios/llm/openai'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, failure, fakeFetch, HELLO, jsonResponse, parts, streamed, textOf } from '../core/asking.js'
import { KEY, opened } from './opened.js'
import { EVENT_STREAM, json, providerPool, sse } from '../core/provider.js'
import { chunk, completion } from './completions.js'

const DONE = [chunk({ content: 'Hello.' }), chunk({}, 'stop')]
const { provided, closeAll } = providerPool()
afterEach(closeAll)

describe('what the core is', () => {
  it('carries the model as its id and only what was given', () => {
    const { kind, id, model, limits, price, contextWindow } = openai('gpt-5-mini')
    expect({ kind, id, model, limits, price, contextWindow }).toEqual({
      kind: 'llm',
      id: 'gpt-5-mini',
      model: 'gpt-5-mini',
    })
  })

  it('shows the kernel limits, price and sizes', () => {
    const shown = {
      id: 'main',
      limits: { concurrency: 2 },
      price: { inputUsdPerMTok: 1, outputUsdPerMTok: 2 },
      contextWindow: 8_000,
      maxOutputTokens: 500,
    }
    expect(openai('gpt-5-mini', shown)).toMatchObject(shown)
  })

  it('rejects calls before it is open and after it is closed', async () => {
    const driver = openai('test-1', { apiKey: KEY })
    expect((await failure(chat(driver))).code).toBe('AIOS_CLOSED')
    await driver.open?.(fakeDriverServices())
    await driver.close?.()
    expect((await failure(chat(driver))).code).toBe('AIOS_CLOSED')
    expect(() => parts(driver)).toThrow('Hand it to createKernel')
  })

  it('serves one kernel at a time, and another after it was closed', async () => {
    const driver = await opened({})
    expect((await failure(Promise.resolve(driver.open?.(fakeDriverServices())))).code).toBe('AIOS_INVALID_OPTION')
    await driver.close?.()
    await expect(driver.open?.(fakeDriverServices())).resolves.toBeUndefined()
  })
})

describe('what is sent', () => {
  it('authorises with the key, sends the headers and asks once even if the provider fails', async () => {
    const { baseURL, requests } = await provided((response) => json(response, {}, { status: 500 }))
    const driver = await opened({ baseURL, headers: { 'x-team': 'blue' } })
    await failure(chat(driver))
    await failure(streamed(driver))
    expect(requests.map(({ url, headers }) => [url, headers.authorization, headers['x-team']])).toEqual([
      ['/v1/chat/completions', `Bearer ${KEY}`, 'blue'],
      ['/v1/chat/completions', `Bearer ${KEY}`, 'blue'],
    ])
  })

  it('sends no authorization to a server that needs no key', async () => {
    const { baseURL, requests } = await provided((response) => json(response, completion({ content: 'Hi' })))
    const driver = openai('test-1', { baseURL })
    await driver.open?.(fakeDriverServices())
    await chat(driver)
    expect(requests[0]?.headers.authorization).toBeUndefined()
  })

  it('asks a stream for its usage', async () => {
    const { baseURL, requests } = await provided((response) => sse(response, DONE))
    await streamed(await opened({ baseURL }))
    expect(requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  })

  it.each([
    ['https://api.openai.com/v1', 'max_completion_tokens'],
    ['https://eu.api.openai.com/v1', 'max_completion_tokens'],
    ['https://team.openai.azure.com/openai/v1', 'max_completion_tokens'],
    ['https://api.deepseek.com', 'max_tokens'],
    ['https://api.notopenai.com/v1', 'max_tokens'],
  ])('names the length limit the way %s wants it', async (baseURL, field) => {
    const { fetch, asked } = fakeFetch(() => jsonResponse(completion({ content: 'Hi' })))
    await chat(await opened({ baseURL, fetch }), { ...HELLO, maxOutputTokens: 7 })
    const { max_tokens, max_completion_tokens } = asked[0]!.body
    expect({ max_tokens, max_completion_tokens }).toEqual({ [field]: 7 })
  })

  it('uses one connection for calls that follow each other, whole and streamed', async () => {
    const { baseURL, requests } = await provided((response, { body }) =>
      body['stream'] === true ? sse(response, DONE) : json(response, completion({ content: 'Hi' })),
    )
    const driver = await opened({ baseURL })
    for (const ask of [chat, streamed, chat]) {
      await ask(driver)
      // The pool takes a connection back one turn after its answer.
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(new Set(requests.map(({ socket }) => socket)).size).toBe(1)
  })
})

describe('what comes back', () => {
  it('passes every piece on when it comes, not when the next one does', async () => {
    let send = (_: unknown): void => undefined
    const { baseURL } = await provided((response) => {
      response.writeHead(200, EVENT_STREAM)
      send = (data) => void response.write(`data: ${JSON.stringify(data)}\n\n`)
      send(chunk({ content: 'One' }))
    })
    const iterator = parts(await opened({ baseURL }))
    const read: StreamPart[] = []
    for (const word of ['One', ' two', ' three']) {
      if (word !== 'One') send(chunk({ content: word }))
      while (!textOf(read).endsWith(word)) read.push((await iterator.next()).value as StreamPart)
    }
    expect(textOf(read)).toBe('One two three')
    await iterator.return?.()
  })

  it('reads CRLF, comments, other events and characters split over packets', async () => {
    const bytes = Buffer.from(
      [
        ': keep-alive',
        '',
        'event: ping',
        'data: {}',
        '',
        `data: ${JSON.stringify(chunk({ content: 'Grüße 🌍' }))}`,
        '',
        'data: null',
        '',
        'data: {"choices":"none"}',
        '',
        `data: ${JSON.stringify(chunk({}, 'stop'))}`,
        '',
        'data: [DONE]',
        '',
        '',
      ].join('\r\n'),
    )
    const { fetch } = fakeFetch(() => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
          controller.close()
        },
      })
      return new Response(body, { headers: EVENT_STREAM })
    })
    const read = await streamed(await opened({ fetch }))
    expect(textOf(read)).toBe('Grüße 🌍')
    expect(read.at(-1)).toMatchObject({ type: 'finish', finish: { unified: 'stop', raw: 'stop' } })
  })

  it('warns in reply and stream about what it had to leave out', async () => {
    const { baseURL } = await provided((response, { body }) =>
      body['stream'] === true ? sse(response, DONE) : json(response, completion({ content: 'Hi' })),
    )
    const driver = await opened({ baseURL })
    const request = {
      messages: [{ role: 'assistant' as const, content: [{ type: 'custom' as const, kind: 'x.y', value: 1 }] }],
    }
    const warning = { setting: 'messages', message: expect.stringContaining('"custom"') as unknown }
    expect((await chat(driver, request)).warnings).toEqual([warning])
    expect((await streamed(driver, request))[0]).toEqual({ type: 'start', warnings: [warning] })
  })

  it('makes ids for tool calls that come without', async () => {
    const call = { function: { name: 'add', arguments: '{}' } }
    const { baseURL } = await provided((response, { body }) =>
      body['stream'] === true
        ? sse(response, [chunk({ tool_calls: [call] }), chunk({}, 'stop')])
        : json(response, completion({ content: null, tool_calls: [call, call] })),
    )
    const driver = await opened({ baseURL })
    const reply = await chat(driver)
    expect(reply.parts).toMatchObject([{ id: 'call_1_0' }, { id: 'call_1_1' }])
    expect(reply.finish).toEqual({ unified: 'tool-calls', raw: 'stop' })
    expect((await streamed(driver)).filter(({ type }) => type === 'tool-call')).toMatchObject([{ id: 'call_1_0' }])
  })
})

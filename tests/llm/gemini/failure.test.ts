/** What goes wrong between the cores and Gemini's API, through both real SDKs. */
import type { RateSignal } from '@aios/kernel/driver'
import { fakeDriverCall, virtualClock } from '@aios/kernel/testing'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chat, failure, HELLO, parts, streamed, textOf } from '../core/asking.js'
import { opened } from '../core/opened.js'
import { EVENT_STREAM, json, providerPool, type Play } from '../core/provider.js'
import { CORES, KEY, rootOf } from './cores.js'
import { events, generated, isStreamed, playing, refusal } from './generated.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await closeAll()
})

const HI = generated({ parts: [{ text: 'Hi' }] })
const END = generated({ parts: [{ text: '.' }], finish: 'STOP' })

describe.each(CORES)('%s', (core, make) => {
  async function facing(play: Play, clock = virtualClock()) {
    const provider = await provided(play)
    const driver = await opened(make('gemini-2.5-flash', { baseURL: rootOf(provider), apiKey: KEY }), clock)
    return { driver, provider }
  }

  it('asks each model at its own address, with the key in a header and no other request', async () => {
    const { driver, provider } = await facing(playing(generated({ parts: [{ text: 'Hi.' }], finish: 'STOP' })))
    await chat(driver)
    expect(textOf(await streamed(driver))).toBe('Hi.')
    expect(provider.requests.map(({ url, headers }) => [url, headers['x-goog-api-key']])).toEqual([
      ['/v1beta/models/gemini-2.5-flash:generateContent', KEY],
      ['/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', KEY],
    ])
    expect(provider.requests[0]!.body['contents']).toEqual([{ role: 'user', parts: [{ text: 'Hello?' }] }])
  })

  it('sends what the caller says in the words of the API, also what the package does not know', async () => {
    const { driver, provider } = await facing(playing(generated({ finish: 'STOP' })))
    const google = {
      cachedContent: 'cachedContents/1',
      brandNew: { a: [1] },
      generationConfig: { topK: 3, newer: true },
    }
    await chat(driver, { ...HELLO, seed: 7, providerOptions: { google } })
    expect(provider.requests[0]!.body).toMatchObject({ ...google, generationConfig: { seed: 7, topK: 3, newer: true } })
  })

  it('reads from the body how long to wait, and which quota is used up', async () => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'PerMinutePerModel' }] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' },
    ]
    const { driver } = await facing((response) =>
      json(response, refusal(429, { status: 'RESOURCE_EXHAUSTED', details }), { status: 429 }),
    )
    const observed: RateSignal[] = []
    const failed = await failure(
      chat(driver, HELLO, fakeDriverCall({ observe: (signal) => void observed.push(signal) })),
    )
    expect(failed).toMatchObject({
      code: 'AIOS_LLM_RATE_LIMIT',
      retryAfterMs: 34_400,
      retryable: true,
      details: { provider: 'google', status: 429, quotaId: 'PerMinutePerModel' },
    })
    expect(observed.at(-1)).toEqual({ kind: 'overload', retryAfterMs: 34_400 })
  })

  it('says nothing of a wait where the provider did not', async () => {
    const { driver } = await facing((response) => json(response, refusal(429, {}), { status: 429 }))
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: undefined })
  })

  it.each([
    [400, { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] }, 'AIOS_LLM_AUTH'],
    [401, { status: 'UNAUTHENTICATED' }, 'AIOS_LLM_AUTH'],
    [403, { status: 'PERMISSION_DENIED' }, 'AIOS_LLM_PERMISSION'],
    [404, { status: 'NOT_FOUND' }, 'AIOS_LLM_NOT_FOUND'],
    [400, { status: 'FAILED_PRECONDITION' }, 'AIOS_LLM_BAD_REQUEST'],
    [500, { status: 'INTERNAL' }, 'AIOS_LLM_SERVER'],
    [503, { status: 'UNAVAILABLE' }, 'AIOS_LLM_OVERLOADED'],
    [529, {}, 'AIOS_LLM_OVERLOADED'],
  ])('takes a %i that says %j for %s', async (status, error, code) => {
    const { driver, provider } = await facing((response) => json(response, refusal(status, error), { status }))
    expect(await failure(chat(driver))).toMatchObject({ code, details: { status } })
    expect((await failure(streamed(driver))).code).toBe(code)
    expect(provider.requests.length).toBe(2)
  })

  it('takes an HTML page for a fault of the server, with its status or without', async () => {
    const statuses = [502, 200]
    const { driver } = await facing((response) =>
      response.writeHead(statuses.shift()!, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>'),
    )
    expect((await failure(chat(driver))).code).toBe('AIOS_LLM_SERVER')
    expect((await failure(chat(driver))).code).toBe('AIOS_LLM_SERVER')
  })

  it('rejects a prompt that was refused before any part, however it is asked', async () => {
    const { driver } = await facing(playing({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }))
    const wanted = { code: 'AIOS_LLM_CONTENT_FILTER', details: { blockReason: 'PROHIBITED_CONTENT' } }
    expect(await failure(chat(driver))).toMatchObject(wanted)
    expect(await failure(parts(driver).next())).toMatchObject(wanted)
  })

  it('takes a frame with an error for that error, before or after a part', async () => {
    const frame = refusal(503, { status: 'UNAVAILABLE' })
    const plays = [[frame], [HI, frame]]
    const { driver } = await facing((response) => void events(response, plays.shift()!))
    expect(await failure(parts(driver).next())).toMatchObject({ code: 'AIOS_LLM_OVERLOADED' })
    const late = parts(driver)
    const seen: string[] = []
    const read = async () => {
      for (let next = await late.next(); next.done !== true; next = await late.next()) seen.push(next.value.type)
    }
    expect(await failure(read())).toMatchObject({ code: 'AIOS_LLM_OVERLOADED' })
    expect(seen).toEqual(['start', 'response-metadata', 'text-start', 'text-delta'])
  })

  it('takes an early end for an incomplete answer, and a frame that is no JSON for a fault', async () => {
    const plays: unknown[][] = [[HI], [], [HI, '{"candidates": [']]
    const { driver } = await facing((response) => void events(response, plays.shift()!))
    expect((await failure(streamed(driver))).code).toBe('AIOS_LLM_INCOMPLETE_STREAM')
    expect((await failure(streamed(driver))).code).toBe('AIOS_LLM_INCOMPLETE_STREAM')
    expect((await failure(streamed(driver))).code).toBe(core === 'google()' ? 'AIOS_LLM_SERVER' : 'AIOS_LLM_NETWORK')
  })

  it('takes an end within a frame, and a server that is not there, for the connection', async () => {
    const { driver, provider } = await facing((response) => {
      response.writeHead(200, EVENT_STREAM)
      response.end(`data: ${JSON.stringify(HI)}\n\ndata: {"candidates"`)
    })
    expect((await failure(streamed(driver))).code).toBe('AIOS_LLM_NETWORK')
    await provider.close()
    expect((await failure(chat(driver))).code).toBe('AIOS_LLM_NETWORK')
    expect((await failure(streamed(driver))).code).toBe('AIOS_LLM_NETWORK')
  })

  it('waits a moment for an end that never comes, and no longer than allowed for a part', async () => {
    const clock = virtualClock()
    const plays = [[HI, END], [HI]]
    const { driver } = await facing((response) => {
      response.writeHead(200, EVENT_STREAM)
      for (const chunk of plays.shift()!) response.write(`data: ${JSON.stringify(chunk)}\n\n`)
    }, clock)
    const whole = streamed(driver)
    await vi.waitFor(() => {
      expect(clock.pending).toBe(1)
    })
    while ((await Promise.race([whole, clock.advance(500)])) === undefined) await new Promise(setImmediate)
    expect(textOf(await whole)).toBe('Hi.')
    const silent = failure(streamed(driver))
    while ((await Promise.race([silent, clock.advance(60_000)])) === undefined) await new Promise(setImmediate)
    expect((await silent).code).toBe('AIOS_LLM_TIMEOUT')
  })

  it('leaves no promise behind that could end the process when a stream is aborted', async () => {
    const lost: unknown[] = []
    const note = (error: unknown) => void lost.push(error)
    process.on('unhandledRejection', note)
    const { driver, provider } = await facing((response) => {
      response.writeHead(200, EVENT_STREAM)
      response.write(`data: ${JSON.stringify(HI)}\n\n`)
    })
    const controller = new AbortController()
    const reading = parts(driver, HELLO, fakeDriverCall({ signal: controller.signal }))
    while ((await reading.next()).value?.type !== 'text-delta');
    controller.abort('enough')
    expect(await failure<string>(reading.next())).toBe('enough')
    await provider.released()
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
    process.off('unhandledRejection', note)
    expect(lost).toEqual([])
  })

  it('prints nothing, whatever the environment holds, and shows its key nowhere', async () => {
    const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => undefined),
    )
    vi.stubEnv('GOOGLE_API_KEY', 'AIza-google-environment')
    vi.stubEnv('GEMINI_API_KEY', 'AIza-gemini-environment')
    const provider = await provided((response, { headers }) =>
      json(response, refusal(400, { message: `Bad key ${String(headers['x-goog-api-key'])}` }), { status: 400 }),
    )
    const driver = await opened(make('gemini-2.5-flash', { baseURL: rootOf(provider), apiKey: KEY }))
    for (const asked of [chat(driver), streamed(driver)]) {
      const failed = await failure(asked)
      expect(failed.message).toContain('Bad key [redacted]')
      expect(inspect(failed, { depth: null, showHidden: true })).not.toContain(KEY)
    }
    expect(inspect(driver, { depth: null, showHidden: true })).not.toContain(KEY)
    const fromEnvironment = await opened(make('gemini-2.5-flash', { baseURL: rootOf(provider) }))
    await failure(chat(fromEnvironment))
    expect(provider.requests.at(-1)!.headers['x-goog-api-key']).toBe('AIza-gemini-environment')
    expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([])
  })

  it('counts tokens as the provider does, tools and system included, and by the kernel’s bound where that fails', async () => {
    const answers: Play[] = [
      (response) => json(response, { totalTokens: 31 }),
      (response) => json(response, {}),
      (response) => json(response, refusal(500, {}), { status: 500 }),
      (response) => response.destroy(),
    ]
    const clock = virtualClock()
    const { driver, provider } = await facing((response, request) => answers.shift()!(response, request), clock)
    const request = {
      messages: [{ role: 'system' as const, content: 'Be brief.' }, ...HELLO.messages],
      tools: [{ name: 'add', description: 'Adds.', inputSchema: { type: 'object' } }],
    }
    expect(await driver.countTokens!(request)).toBe(31)
    const [{ url, body }] = provider.requests as unknown as readonly [{ url: string; body: object }]
    expect(url).toBe('/v1beta/models/gemini-2.5-flash:countTokens')
    expect(body).not.toHaveProperty('contents')
    expect(body).toMatchObject({
      generateContentRequest: {
        model: 'models/gemini-2.5-flash',
        contents: [{ role: 'user', parts: [{ text: 'Hello?' }] }],
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        tools: [{ functionDeclarations: [{ name: 'add' }] }],
      },
    })
    const bounds = new Set<number>()
    for (let failures = 0; failures < 3; failures += 1) {
      bounds.add(await driver.countTokens!(request))
      bounds.add(await driver.countTokens!(request))
      expect(provider.requests).toHaveLength(2 + failures)
      // A provider that cannot count is left alone for a time.
      await clock.advance(60_000)
    }
    expect([...bounds]).toEqual([expect.any(Number)])
    expect([...bounds][0]).toBeGreaterThan(31)
    expect(await failure(Promise.resolve().then(() => driver.countTokens!({ messages: [] })))).toMatchObject({
      code: 'AIOS_LLM_BAD_REQUEST',
    })
  })

  it('counts by the bound where the provider says nothing', async () => {
    const clock = virtualClock()
    const { driver, provider } = await facing(() => undefined, clock)
    const counting = Promise.resolve(driver.countTokens!(HELLO))
    await provider.received(1)
    await clock.advance(10_000)
    expect(await counting).toBeGreaterThan(0)
    await provider.released()
  })

  it('keeps what was sent twice apart, and makes ids where none came', async () => {
    const call = (args: object, id?: string) => ({ functionCall: { ...(id ? { id } : {}), name: 'add', args } })
    const said = [call({ a: 1 }, 'x'), call({ a: 1 }, 'x'), call({ a: 2 }, 'x'), call({ a: 1 }), call({ a: 1 })]
    const { driver } = await facing((response, { url }) => {
      const last = generated({ finish: 'STOP' })
      if (isStreamed(url)) events(response, [...said.map((part) => generated({ parts: [part] })), last])
      else json(response, generated({ parts: said, finish: 'STOP' }))
    })
    const reply = await chat(driver)
    const calls = reply.parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
    expect(calls.map(({ input }) => input)).toEqual([{ a: 1 }, { a: 2 }, { a: 1 }, { a: 1 }])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(4)
    expect((await streamed(driver)).filter(({ type }) => type === 'tool-call')).toEqual(calls)
  })
})

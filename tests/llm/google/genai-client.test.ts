import type { LlmDriver } from '@aios/kernel'
import type { RateSignal } from '@aios/kernel/driver'
import { fakeDriverCall } from '@aios/kernel/testing'
import { google, type GoogleOptions } from '@aios/llm/google'
import { describe, expect, it } from 'vitest'
import { chat, failure, fakeFetch, HELLO, jsonResponse, streamed } from '../core/asking.js'
import { opened } from '../core/opened.js'
import { KEY } from '../gemini/cores.js'
import { generated, refusal } from '../gemini/generated.js'

const core = (options: GoogleOptions): Promise<LlmDriver> => opened(google('gemini-2.5-flash', options))
const answer = () => jsonResponse(generated({ parts: [{ text: 'Hi.' }], finish: 'STOP' }))

describe('the client of google()', () => {
  it('asks through the fetch it is given, at the address and version it is given, with the headers it is given', async () => {
    const { fetch, asked } = fakeFetch(answer)
    await chat(
      await core({ apiKey: KEY, fetch, baseURL: 'http://h/gateway/', apiVersion: 'v1', headers: { 'x-team': 'a' } }),
    )
    expect(asked[0]!.url).toBe('http://h/gateway/v1/models/gemini-2.5-flash:generateContent')
    expect([asked[0]!.headers.get('x-team'), asked[0]!.headers.get('x-goog-api-key')]).toEqual(['a', KEY])
  })

  it('sends no key where there is none, and looks for no other credentials', async () => {
    const { fetch, asked } = fakeFetch(answer)
    await chat(await core({ fetch, baseURL: 'http://h' }))
    expect(asked[0]!.headers.has('x-goog-api-key')).toBe(false)
    await chat(await core({ fetch, headers: { 'x-goog-api-key': 'AIza-header' } }))
    expect(asked[1]!.headers.get('x-goog-api-key')).toBe('AIza-header')
  })

  it('hears the headers of an answer, and of a refusal how long to wait', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '3', 'retry-after': '2', 'content-type': 'application/json' }
    const plays = [
      () => new Response(JSON.stringify(generated({ finish: 'STOP' })), { headers }),
      () => new Response(JSON.stringify(refusal(429, {})), { headers, status: 429 }),
    ]
    const { fetch } = fakeFetch(() => plays.shift()!())
    const observed: RateSignal[] = []
    const call = fakeDriverCall({ observe: (signal) => void observed.push(signal) })
    const driver = await core({ apiKey: KEY, fetch })
    await chat(driver, HELLO, call)
    expect(observed).toEqual([{ kind: 'headers', remainingRequests: 3, retryAfterMs: 2_000 }])
    expect(await failure(chat(driver, HELLO, call))).toMatchObject({ retryAfterMs: 2_000 })
  })

  it('does not ask again by itself where the provider offers to go on', async () => {
    const candidate = { finishReason: 'CONTINUATION', content: { role: 'model', parts: [{ text: 'a' }] } }
    const body = { candidates: [{ ...candidate, continuationToken: 'next' }] }
    const { fetch, asked } = fakeFetch(({ contents }) =>
      asked.length > 5 ? jsonResponse({}, 500) : contents ? jsonResponse(body) : jsonResponse({}, 500),
    )
    const reply = await chat(await core({ apiKey: KEY, fetch }))
    expect([reply.finish, asked.length]).toEqual([{ unified: 'other', raw: 'CONTINUATION' }, 1])
  })

  it('takes an error in the body of a good answer, and words that are no JSON, for faults of the server', async () => {
    const plays = [
      jsonResponse(refusal(500, {})),
      new Response('No.', { status: 418 }),
      new Response('', { status: 503 }),
    ]
    const { fetch } = fakeFetch(() => plays.shift()!)
    const driver = await core({ apiKey: KEY, fetch })
    expect((await failure(chat(driver))).code).toBe('AIOS_LLM_SERVER')
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST', details: { status: 418 } })
    expect((await failure(streamed(driver))).code).toBe('AIOS_LLM_OVERLOADED')
  })
})

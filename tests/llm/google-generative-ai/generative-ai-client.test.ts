import { googleGenerativeAi } from '@aios/llm/google-generative-ai'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, failure, HELLO, streamed } from '../core/asking.js'
import { opened } from '../core/opened.js'
import { json, providerPool } from '../core/provider.js'
import { rootOf } from '../gemini/cores.js'
import { events, generated, playing, refusal } from '../gemini/generated.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  await closeAll()
})

const hi = generated({ parts: [{ text: 'Hi.' }], finish: 'STOP' })

describe('the client of googleGenerativeAi()', () => {
  it('says that it cannot take a fetch, and which core can', () => {
    const options: object = { fetch: globalThis.fetch }
    expect(() => googleGenerativeAi('gemini-2.5-flash', options)).toThrow('google() has')
  })

  it('asks at the address and version it is given, with the headers it is given', async () => {
    const provider = await provided(playing(hi))
    const baseURL = `${rootOf(provider)}/gateway/`
    const driver = await opened(
      googleGenerativeAi('tunedModels/a', { baseURL, apiVersion: 'v1', headers: { 'x-team': 'a' } }),
    )
    await chat(driver)
    expect(provider.requests[0]).toMatchObject({
      url: '/gateway/v1/tunedModels/a:generateContent',
      headers: { 'x-team': 'a', 'x-goog-api-key': 'none' },
    })
  })

  it('sends the schemas and the results of tools as they are, in the role that the API wants', async () => {
    const provider = await provided(playing(hi))
    const driver = await opened(googleGenerativeAi('gemini-2.5-flash', { baseURL: rootOf(provider) }))
    const inputSchema = { type: 'object', properties: { a: { type: ['number', 'null'] } }, additionalProperties: false }
    await chat(driver, {
      messages: [
        ...HELLO.messages,
        { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'add', input: {}, inputText: '{}' }] },
        { role: 'tool', content: [{ type: 'tool-result', id: 'a', name: 'add', output: 1 }] },
      ],
      tools: [{ name: 'add', description: 'Adds.', inputSchema }],
    })
    const { tools, contents } = provider.requests[0]!.body as { tools: unknown; contents: readonly unknown[] }
    expect(tools).toEqual([
      { functionDeclarations: [{ name: 'add', description: 'Adds.', parametersJsonSchema: inputSchema }] },
    ])
    expect(contents[2]).toEqual({
      role: 'user',
      parts: [{ functionResponse: { name: 'add', response: { output: 1 } } }],
    })
  })

  it('takes an error in the body of a good answer, and a frame without a status, by its name', async () => {
    const error = { code: undefined, status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '3s' }] }
    const provider = await provided((response, { url }) =>
      url?.includes('stream') === true ? events(response, [refusal(0, error)]) : json(response, refusal(0, error)),
    )
    const driver = await opened(googleGenerativeAi('gemini-2.5-flash', { baseURL: rootOf(provider) }))
    const wanted = { code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 3_000 }
    expect(await failure(chat(driver))).toMatchObject(wanted)
    expect(await failure(streamed(driver))).toMatchObject(wanted)
  })
})

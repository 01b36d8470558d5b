import { openai, type OpenAiOptions } from '@aios/llm/openai'
import { describe, expect, it } from 'vitest'
import { isOpenAiHost } from '../../../packages/llm/src/openai/openai-options.js'

const invalid = (message: string) => expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message }) as Error

describe('the options of openai()', () => {
  it.each([
    [
      { apikey: 'x' },
      'Expected only the keys id, apiKey, apiKeys, baseURL, endpoints, limits, price, capabilities, contextWindow, maxOutputTokens, timeoutMs, headers, fetch, api, use, resume, got "apikey" in openai().',
    ],
    [{ id: '' }, 'Expected a string that is not empty for "id", got "" in openai().'],
    [
      { apiKey: 'sk two' },
      'Expected a key of printable characters without spaces for "apiKey", got a string of 6 characters in openai().',
    ],
    [
      { apiKey: 'sk\n' },
      'Expected a key of printable characters without spaces for "apiKey", got a string of 3 characters in openai().',
    ],
    [
      { apiKey: 5 },
      'Expected a key of printable characters without spaces for "apiKey", got a value of type number in openai().',
    ],
    [
      { baseURL: 'localhost:11434' },
      'Expected an http or https URL without user, password, query or fragment for "baseURL", got a string of 15 characters in openai().',
    ],
    [
      { baseURL: 'https://me@host' },
      'Expected an http or https URL without user, password, query or fragment for "baseURL", got a string of 15 characters in openai().',
    ],
    [
      { baseURL: 'https://:pw@host' },
      'Expected an http or https URL without user, password, query or fragment for "baseURL", got a string of 16 characters in openai().',
    ],
    [
      { baseURL: 'https://me:pw@host' },
      'Expected an http or https URL without user, password, query or fragment for "baseURL", got a string of 18 characters in openai().',
    ],
    [
      { baseURL: 'https://host/v1?api-version=1' },
      'Expected an http or https URL without user, password, query or fragment for "baseURL", got a string of 29 characters in openai().',
    ],
    [
      { baseURL: 'https://host/v1#top' },
      'Expected an http or https URL without user, password, query or fragment for "baseURL", got a string of 19 characters in openai().',
    ],
    [
      { baseURL: 5 },
      'Expected an http or https URL without user, password, query or fragment for "baseURL", got a value of type number in openai().',
    ],
    [{ limits: 4 }, 'Expected an object for "limits", got 4 in openai().'],
    [
      { price: { inputUsdPerMTok: 1 } },
      'Expected a number from 0 for "price.outputUsdPerMTok", got undefined in openai().',
    ],
    [
      { price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1, cacheUsd: 1 } },
      'Expected only the keys inputUsdPerMTok, outputUsdPerMTok in "price", got "cacheUsd" in openai().',
    ],
    [{ timeoutMs: 0 }, 'Expected a number of milliseconds above 0 for "timeoutMs", got 0 in openai().'],
    [{ contextWindow: -1 }, 'Expected a whole number from 1 for "contextWindow", got -1 in openai().'],
    [
      { headers: { a: 'secret\nb' } },
      'Expected an object of strings without line breaks for "headers", got a value of type object in openai().',
    ],
    [
      { headers: { a: 1 } },
      'Expected an object of strings without line breaks for "headers", got a value of type object in openai().',
    ],
    [{ apiKeys: [] }, 'Expected a list of keys, at least one for "apiKeys", got a value of type object in openai().'],
    [
      { apiKeys: ['sk-good', 'sk bad'] },
      'Expected a key of printable characters without spaces for "apiKeys[1]", got a string of 6 characters in openai().',
    ],
    [
      { endpoints: ['sk-mistaken'] },
      'Expected a list of objects, at least one for "endpoints", got a value of type object in openai().',
    ],
    [
      { endpoints: [{ baseUrl: 'http://a' }] },
      'Expected only the keys baseURL, apiKey, weight, limits in "endpoints[0]", got "baseUrl" in openai().',
    ],
    [{ endpoints: [{ weight: 0 }] }, 'Expected a number above 0 for "endpoints[0].weight", got 0 in openai().'],
    [
      { endpoints: [{ limits: { usdPerDay: 1 } }] },
      'Expected only the keys rpm, tpm, tokensPerDay, burst, concurrency in "endpoints[0].limits", got "usdPerDay" in openai().',
    ],
    [
      { apiKeys: ['sk-a'], apiKey: 'sk-b' },
      'Expected "apiKeys" of openai() to stand alone, got "apiKey" or "endpoints" beside it. Give each endpoint its own apiKey.',
    ],
    [{ api: 'completions' }, 'Expected one of "chat", "responses" for "api", got "completions" in openai().'],
    [
      { api: 'responses', resume: 'prefix' },
      'Expected "resume" of openai() to be "none" with api "responses", got "prefix": that API continues no message.',
    ],
    [{ fetch: 'node-fetch' }, 'Expected a function for "fetch", got "node-fetch" in openai().'],
  ])('are checked: %j', (options, message) => {
    expect(() => openai('m', options as OpenAiOptions)).toThrow(invalid(message))
  })

  it('need the name of a model', () => {
    expect(() => openai('')).toThrow(invalid('Expected the name of a model, got "" in openai().'))
  })
})

describe('isOpenAiHost', () => {
  it('means OpenAI and Azure, not what only sounds like them', () => {
    const hosts = ['api.openai.com', 'openai.com', 'me.openai.azure.com', 'openai.com.evil.org', 'notopenai.com']
    expect(hosts.map(isOpenAiHost)).toEqual([true, true, true, false, false])
  })
})

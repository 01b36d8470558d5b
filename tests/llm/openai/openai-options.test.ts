import { openai, type OpenAiOptions } from '@aios/llm/openai'
import { describe, expect, it } from 'vitest'
import { isOpenAiHost, resolveEndpoint } from '../../../packages/llm/src/openai/openai-options.js'

const invalid = (message: string) => expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message }) as Error

describe('the options of openai()', () => {
  it.each([
    [
      { apikey: 'x' },
      'Expected only the keys id, apiKey, baseURL, limits, price, contextWindow, maxOutputTokens, resume, timeoutMs, headers, fetch, got "apikey" in openai().',
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
      'Expected an http or https URL without user and password for "baseURL", got a string of 15 characters in openai().',
    ],
    [
      { baseURL: 'https://me@host' },
      'Expected an http or https URL without user and password for "baseURL", got a string of 15 characters in openai().',
    ],
    [
      { baseURL: 'https://:pw@host' },
      'Expected an http or https URL without user and password for "baseURL", got a string of 16 characters in openai().',
    ],
    [
      { baseURL: 'https://me:pw@host' },
      'Expected an http or https URL without user and password for "baseURL", got a string of 18 characters in openai().',
    ],
    [
      { baseURL: 5 },
      'Expected an http or https URL without user and password for "baseURL", got a value of type number in openai().',
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
    [{ fetch: 'node-fetch' }, 'Expected a function for "fetch", got "node-fetch" in openai().'],
  ])('are checked: %j', (options, message) => {
    expect(() => openai('m', options as OpenAiOptions)).toThrow(invalid(message))
  })

  it('need the name of a model', () => {
    expect(() => openai('')).toThrow(invalid('Expected the name of a model, got "" in openai().'))
  })
})

describe('resolveEndpoint', () => {
  it('prefers options to the environment, and that to the default', () => {
    const env = { OPENAI_BASE_URL: 'http://localhost:1/v1', OPENAI_API_KEY: ' sk-env ' }
    expect(resolveEndpoint({}, env)).toEqual({
      baseURL: 'http://localhost:1/v1',
      host: 'localhost:1',
      apiKey: 'sk-env',
    })
    expect(resolveEndpoint({ baseURL: 'http://h/v1', apiKey: 'sk-o' }, env)).toMatchObject({
      host: 'h',
      apiKey: 'sk-o',
    })
    expect(resolveEndpoint({ apiKey: 'sk-o' }, { OPENAI_BASE_URL: '' }).host).toBe('api.openai.com')
  })

  it("insists on a key for OpenAI's own host, unless headers bring one", () => {
    expect(() => resolveEndpoint({}, { OPENAI_API_KEY: '' })).toThrow('set OPENAI_API_KEY')
    expect(resolveEndpoint({ headers: { 'api-key': 'x' } }, {}).apiKey).toBeUndefined()
    expect(resolveEndpoint({ baseURL: 'http://localhost/v1' }, {}).apiKey).toBeUndefined()
  })

  it('checks the environment like the options, without printing it', () => {
    expect(() => resolveEndpoint({}, { OPENAI_API_KEY: 'sk-a\nb' })).toThrow(
      'for "apiKey", got a string of 6 characters in openai() from the environment.',
    )
    expect(() => resolveEndpoint({}, { OPENAI_BASE_URL: 'nowhere' })).toThrow('"baseURL"')
  })
})

describe('isOpenAiHost', () => {
  it('means OpenAI and Azure, not what only sounds like them', () => {
    const hosts = ['api.openai.com', 'openai.com', 'me.openai.azure.com', 'openai.com.evil.org', 'notopenai.com']
    expect(hosts.map(isOpenAiHost)).toEqual([true, true, true, false, false])
  })
})

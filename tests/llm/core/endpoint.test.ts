import { describe, expect, it } from 'vitest'
import type { CoreOptions } from '../../../packages/llm/src/core/core-options.js'
import { resolveEndpoints } from '../../../packages/llm/src/core/endpoint.js'
import { OPENAI_DEFAULTS } from '../../../packages/llm/src/openai/openai-options.js'

const resolveAll = (options: CoreOptions, env: NodeJS.ProcessEnv) => resolveEndpoints(options, OPENAI_DEFAULTS, env)
const resolveEndpoint = (options: CoreOptions, env: NodeJS.ProcessEnv) => resolveAll(options, env)[0]!

describe('resolveEndpoints', () => {
  it('prefers options to the environment, and that to the default', () => {
    const env = { OPENAI_BASE_URL: 'http://localhost:1/v1', OPENAI_API_KEY: ' sk-env ' }
    expect(resolveAll({}, env)).toEqual([
      {
        baseURL: 'http://localhost:1/v1',
        host: 'localhost:1',
        apiKey: 'sk-env',
        weight: 1,
        concurrency: Infinity,
        limits: {},
      },
    ])
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

  it('makes an endpoint of each key, and completes each endpoint from the options beside it', () => {
    const keys = resolveAll({ apiKeys: ['sk-1', 'sk-2'], baseURL: 'http://h/v1' }, {})
    expect(keys.map(({ host, apiKey }) => [host, apiKey])).toEqual([
      ['h', 'sk-1'],
      ['h', 'sk-2'],
    ])
    const places = [
      { baseURL: 'http://a/v1', weight: 3 },
      { apiKey: 'sk-own', limits: { rpm: 60, concurrency: 2 } },
    ]
    expect(resolveAll({ endpoints: places, apiKey: 'sk-all', baseURL: 'http://h/v1' }, {})).toEqual([
      { baseURL: 'http://a/v1', host: 'a', apiKey: 'sk-all', weight: 3, concurrency: Infinity, limits: {} },
      { baseURL: 'http://h/v1', host: 'h', apiKey: 'sk-own', weight: 1, concurrency: 2, limits: { rpm: 60 } },
    ])
  })

  it('makes a URL of what the environment says where a vendor has a way of its own', () => {
    const defaults = { ...OPENAI_DEFAULTS, urlOf: (said: string) => `http://${said}:1/v1` }
    expect(resolveEndpoints({}, defaults, { OPENAI_BASE_URL: 'gpu' })[0]?.host).toBe('gpu:1')
    expect(resolveEndpoints({ baseURL: 'http://h/v1' }, defaults, { OPENAI_BASE_URL: 'gpu' })[0]?.host).toBe('h')
    expect(() => resolveEndpoints({}, defaults, { OPENAI_BASE_URL: 'a b' })).toThrow('"baseURL"')
  })

  it('keeps the key of the environment from hosts that it is not meant for', () => {
    const defaults = { ...OPENAI_DEFAULTS, isKeyFor: (host: string) => host === 'mine' }
    const keyFor = (baseURL: string, apiKey?: string) =>
      resolveEndpoints({ baseURL, apiKey }, defaults, { OPENAI_API_KEY: 'sk-env' })[0]?.apiKey
    expect([keyFor('http://mine'), keyFor('http://yours'), keyFor('http://yours', 'sk-o')]).toEqual([
      'sk-env',
      undefined,
      'sk-o',
    ])
  })
})

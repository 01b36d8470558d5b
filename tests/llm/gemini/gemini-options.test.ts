import { describe, expect, it } from 'vitest'
import { resolveEndpoints } from '../../../packages/llm/src/core/endpoint.js'
import { geminiDefaults, isGoogleHost } from '../../../packages/llm/src/gemini/gemini-options.js'
import { CORES } from './cores.js'

describe.each(CORES)('%s', (name, make) => {
  it.each([
    [{ apiVersion: '' }, 'apiVersion'],
    [{ apiVersion: 'v1/../x' }, 'apiVersion'],
    [{ baseURL: 'nowhere' }, 'baseURL'],
    [{ vertexai: true }, 'vertexai'],
  ])('rejects %j', (options: object, field) => {
    expect(() => make('gemini-2.5-flash', options)).toThrow(field)
    expect(() => make('gemini-2.5-flash', options)).toThrow(name)
  })
})

describe('geminiDefaults', () => {
  const resolve = (env: NodeJS.ProcessEnv) => resolveEndpoints({}, geminiDefaults('google()'), env)[0]!

  it('finds the key and the address in the environment', () => {
    expect(resolve({ GOOGLE_API_KEY: 'k2' })).toMatchObject({ apiKey: 'k2', host: 'generativelanguage.googleapis.com' })
    expect(resolve({ GEMINI_API_KEY: 'k1', GOOGLE_API_KEY: 'k2' }).apiKey).toBe('k1')
    expect(resolve({ GOOGLE_GEMINI_BASE_URL: 'http://localhost:1' })).toMatchObject({
      host: 'localhost:1',
      apiKey: undefined,
    })
  })

  it("insists on a key for Google's own hosts only", () => {
    expect(() => resolve({})).toThrow('set GEMINI_API_KEY or GOOGLE_API_KEY')
    expect(isGoogleHost('googleapis.com.evil.example')).toBe(false)
  })
})

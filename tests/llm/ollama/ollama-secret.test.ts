import { fakeDriverServices } from '@aios/kernel/testing'
import { ollama, ollamaHost } from '@aios/llm/ollama'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chat, failure, fakeFetch, jsonResponse, streamed } from '../core/asking.js'
import { json, providerPool } from '../core/provider.js'
import { done } from './lines.js'
import { KEY, opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  vi.unstubAllEnvs()
  await closeAll()
})

const shownOf = (value: unknown) => inspect(value, { depth: null, showHidden: true }) + JSON.stringify(value)

describe('secrets', () => {
  it('are in no inspection of core or host, open or not', async () => {
    const options = { apiKey: KEY, headers: { 'x-gate-token': 'gate-secret-1' } }
    for (const driver of [ollama('test-1', options), ollamaHost(options)]) {
      expect(shownOf(driver)).not.toMatch(/-secret/)
      await driver.open?.(fakeDriverServices())
      expect(shownOf(driver)).not.toMatch(/-secret/)
    }
  })

  it('are in no error, although the server repeats them', async () => {
    const { baseURL } = await provided((response, { headers }) =>
      json(response, { error: `Wrong key ${headers.authorization}` }, { status: 401, headers: { 'x-key': KEY } }),
    )
    const options = { baseURL: new URL(baseURL).origin, apiKey: KEY }
    const driver = await opened(options)
    const host = ollamaHost(options)
    await host.open?.(fakeDriverServices())
    for (const failed of [await failure(chat(driver)), await failure(streamed(driver)), await failure(host.list())]) {
      expect(failed.code).toBe('AIOS_LLM_AUTH')
      expect(failed.message).toContain('[redacted]')
      expect(shownOf(failed)).not.toContain(KEY)
    }
  })

  it('of the environment go to ollama.com, and to nobody else', async () => {
    vi.stubEnv('OLLAMA_API_KEY', KEY)
    const sent = async (baseURL: string, options: { apiKey?: string; headers?: Record<string, string> } = {}) => {
      const { fetch, asked } = fakeFetch(() => jsonResponse(done({ content: 'Hi.' })))
      await chat(await opened({ baseURL, fetch, ...options }))
      return asked[0]?.headers.get('authorization')
    }
    expect(await sent('https://ollama.com')).toBe(`Bearer ${KEY}`)
    expect(await sent('http://192.168.1.7:11434')).toBeNull()
    expect(await sent('https://ollama.com.example.org')).toBeNull()
    expect(await sent('http://192.168.1.7:11434', { apiKey: 'given-1' })).toBe('Bearer given-1')
    expect(await sent('https://ollama.com', { headers: { authorization: 'Basic x' } })).toBe('Basic x')
    vi.stubEnv('OLLAMA_API_KEY', '')
    const without = ollama('test-1', { baseURL: 'https://ollama.com' })
    await expect(Promise.resolve(without.open?.(fakeDriverServices()))).rejects.toThrow('OLLAMA_API_KEY')
  })
})

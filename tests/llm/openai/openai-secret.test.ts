import { fakeDriverServices } from '@aios/kernel/testing'
import { openai } from '@aios/llm/openai'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chat, failure, streamed } from '../core/asking.js'
import { KEY, opened } from './opened.js'
import { json, providerPool, sse } from '../core/provider.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

describe('secrets', () => {
  it('are in no inspection of the core, open or not', async () => {
    const options = { apiKey: KEY, headers: { 'api-key': 'azure-secret-1' }, baseURL: 'http://127.0.0.1:9/v1' }
    const driver = openai('test-1', options)
    const shown = () => inspect(driver, { depth: null, showHidden: true }) + JSON.stringify(driver)
    expect(shown()).not.toMatch(/sk-secret|azure-secret/)
    await driver.open?.(fakeDriverServices())
    expect(shown()).not.toMatch(/sk-secret|azure-secret/)
  })

  it('are in no error, although the provider repeats them everywhere', async () => {
    const { baseURL } = await provided((response, { headers }) => {
      const message = `Wrong key ${headers.authorization}, ${String(headers['api-key'])}`
      const rest = { status: 401, headers: { 'x-request-id': String(headers['api-key']) } }
      json(response, { error: { message, code: headers['api-key'], param: KEY } }, rest)
    })
    const driver = await opened({ baseURL, headers: { 'api-key': 'azure-secret-1' } })
    for (const failed of [await failure(chat(driver)), await failure(streamed(driver))]) {
      expect(failed.code).toBe('AIOS_LLM_AUTH')
      expect(failed.message).toContain('[redacted]')
      expect(inspect(failed, { depth: null, showHidden: true }) + JSON.stringify(failed)).not.toMatch(
        /sk-secret|azure-secret/,
      )
      expect(failed.cause).toMatchObject({ name: 'AuthenticationError' })
    }
  })

  it('are not logged, whatever OPENAI_LOG says', async () => {
    vi.stubEnv('OPENAI_LOG', 'debug')
    const logged = (['debug', 'info', 'warn', 'error', 'log'] as const).map((level) => vi.spyOn(console, level))
    const { baseURL } = await provided((response) => sse(response, ['{"no json']))
    await failure(streamed(await opened({ baseURL })))
    for (const spy of logged) expect(spy).not.toHaveBeenCalled()
  })
})

import { fakeDriverServices } from '@aios/kernel/testing'
import { anthropic } from '@aios/llm/anthropic'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chat, failure, HELLO, streamed } from '../core/asking.js'
import { EVENT_STREAM, json, providerPool } from '../core/provider.js'
import { message, text } from './messages.js'
import { KEY, opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await closeAll()
})

const spied = () => (['debug', 'info', 'warn', 'error', 'log'] as const).map((level) => vi.spyOn(console, level))

describe('secrets', () => {
  it('are in no inspection of the core, open or not', async () => {
    const driver = anthropic('test-1', { apiKey: KEY, headers: { 'x-api-key': 'gate-secret-1' } })
    const shown = () => inspect(driver, { depth: null, showHidden: true }) + JSON.stringify(driver)
    expect(shown()).not.toMatch(/ant-secret|gate-secret/)
    await driver.open?.(fakeDriverServices())
    expect(shown()).not.toMatch(/ant-secret|gate-secret/)
  })

  it('are in no error, although the provider repeats them everywhere', async () => {
    const { baseURL } = await provided((response, { headers }) => {
      const key = String(headers['x-api-key'])
      const error = { type: key, message: `Wrong key ${headers.authorization}, ${key}`, details: { error_code: KEY } }
      json(response, { type: 'error', error }, { status: 401, headers: { 'request-id': key } })
    })
    const driver = await opened({ baseURL, headers: { 'x-api-key': 'gate-secret-1' } })
    for (const failed of [await failure(chat(driver)), await failure(streamed(driver))]) {
      expect(failed.code).toBe('AIOS_LLM_AUTH')
      expect(failed.message).toContain('[redacted]')
      const shown = inspect(failed, { depth: null, showHidden: true }) + JSON.stringify(failed)
      expect(shown).not.toMatch(/ant-secret|gate-secret/)
      expect(failed.cause).toMatchObject({ name: 'AuthenticationError' })
    }
  })

  it('are not logged, whatever ANTHROPIC_LOG says', async () => {
    vi.stubEnv('ANTHROPIC_LOG', 'debug')
    const spies = spied()
    const { baseURL } = await provided((response) => {
      response.writeHead(200, EVENT_STREAM).end('event: message_start\ndata: {"no json\n\n')
    })
    await failure(streamed(await opened({ baseURL })))
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  })
})

describe('the console', () => {
  it('hears nothing of models that are about to retire, nor of how they are told to think', async () => {
    const spies = spied()
    const { baseURL } = await provided((response) => json(response, message([text('Hi.')])))
    for (const model of ['claude-sonnet-4-5', 'claude-opus-4-6']) {
      const driver = anthropic(model, { baseURL, apiKey: KEY, thinking: 'budget' })
      await driver.open?.(fakeDriverServices())
      await chat(driver, { ...HELLO, reasoning: 'low' })
    }
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  })
})

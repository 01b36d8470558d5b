import { anthropic } from '@aios/llm/anthropic'
import { fakeDriverServices } from '@aios/kernel/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { takesSampling, thinkingStyle } from '../../../packages/llm/src/anthropic/anthropic-options.js'
import { chat, failure, fakeFetch, jsonResponse } from '../core/asking.js'
import { message, text } from './messages.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const answered = () => fakeFetch(() => jsonResponse(message([text('Hi.')])))

async function asks(options: Parameters<typeof anthropic>[1], answer = answered()) {
  const driver = anthropic('test-1', { ...options, fetch: answer.fetch })
  await driver.open?.(fakeDriverServices())
  await chat(driver)
  return answer.asked[0]!
}

describe('the options of anthropic()', () => {
  it.each([
    [{ thinking: 'much' }, /thinking/],
    [{ resume: 'state' }, /resume/],
    [{ baseUrl: 'http://x' }, /baseUrl/],
    [{ apiKey: '' }, /apiKey/],
  ])('rejects %j', (options, said) => {
    expect(() => anthropic('test-1', options as never)).toThrow(said)
  })

  it('say what is known of all its models, and more', () => {
    const { backend, capabilities } = anthropic('test-1', { capabilities: { schema: true, images: false } })
    expect({ backend, capabilities }).toEqual({
      backend: 'anthropic',
      capabilities: { tools: true, images: false, files: true, schema: true },
    })
  })

  it('has the model continue nothing unless told to', () => {
    expect(anthropic('test-1').resume).toBe('none')
    expect(anthropic('test-1', { resume: 'prefix' }).resume).toBe('prefix')
  })

  it('sends the key as the SDK does, to the Messages API below the root', async () => {
    const { url, headers } = await asks({ apiKey: 'sk-1', baseURL: 'https://gate.example/claude' })
    expect(url).toBe('https://gate.example/claude/v1/messages')
    expect(headers.get('authorization')).toBe('Bearer sk-1')
  })

  it.each(['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'])(
    'takes the key from %s, and the root from its variable',
    async (name) => {
      vi.stubEnv('ANTHROPIC_API_KEY', '')
      vi.stubEnv('ANTHROPIC_AUTH_TOKEN', '')
      vi.stubEnv(name, 'sk-env')
      vi.stubEnv('ANTHROPIC_BASE_URL', 'https://env.example')
      const { url, headers } = await asks({})
      expect(url).toBe('https://env.example/v1/messages')
      expect(headers.get('authorization')).toBe('Bearer sk-env')
    },
  )

  it('insists on a key for Anthropic itself, and sends none where there is none', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', '')
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', '')
    const opening = Promise.resolve(anthropic('test-1').open?.(fakeDriverServices()))
    expect(await failure(opening)).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    const { headers } = await asks({ baseURL: 'http://localhost:11434' })
    expect(headers.has('authorization')).toBe(false)
    expect(headers.has('x-api-key')).toBe(false)
  })

  it('passes headers on, also in place of those of the SDK', async () => {
    const own = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'b', 'x-api-key': 'k' }
    const { headers } = await asks({ baseURL: 'https://gate.example', headers: own })
    for (const [name, value] of Object.entries(own)) expect(headers.get(name)).toBe(value)
  })
})

describe('thinkingStyle', () => {
  it.each([
    ['claude-3-7-sonnet-20250219', 'budget'],
    ['claude-sonnet-4-20250514', 'budget'],
    ['claude-opus-4-1-20250805', 'budget'],
    ['claude-opus-4-0', 'budget'],
    ['claude-haiku-4-5', 'budget'],
    ['claude-opus-4-5-20251101', 'budget'],
    ['claude-opus-4-6', 'adaptive'],
    ['claude-opus-4-8', 'adaptive'],
    ['claude-sonnet-5-5', 'adaptive'],
    ['my-gateway-model', 'adaptive'],
  ])('knows that %s thinks by %s', (model, style) => {
    expect(thinkingStyle(model, {})).toBe(style)
  })

  it('goes by the options first', () => {
    expect(thinkingStyle('claude-haiku-4-5', { thinking: 'adaptive' })).toBe('adaptive')
    expect(thinkingStyle('my-gateway-model', { thinking: 'budget' })).toBe('budget')
  })
})

describe('takesSampling', () => {
  it('is so for the older version of the API only', () => {
    expect(takesSampling({})).toBe(false)
    expect(takesSampling({ headers: { 'ANTHROPIC-version': '2023-06-01' } })).toBe(true)
    expect(takesSampling({ headers: { 'anthropic-version': '2026-10-21' } })).toBe(false)
    expect(takesSampling({ headers: { 'x-version': '2023-06-01' } })).toBe(false)
  })
})

import type { CoreRequest } from '@aios/kernel'
import { inputBound } from '@aios/kernel/driver'
import { virtualClock } from '@aios/kernel/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { failure, HELLO } from '../core/asking.js'
import { json, providerPool, type Play } from '../core/provider.js'
import { refusal } from './messages.js'
import { opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const TOOL = { name: 'add', description: 'Adds.', inputSchema: { type: 'object' } }
const REQUEST: CoreRequest = { ...HELLO, tools: [TOOL], stop: ['x'], reasoning: 'low', maxOutputTokens: 5_000 }

async function counting(play: Play, clock = virtualClock()) {
  const provider = await provided(play)
  const driver = await opened({ baseURL: provider.baseURL }, clock)
  return { driver, provider, clock, count: async () => driver.countTokens!(REQUEST) }
}

describe('countTokens of anthropic()', () => {
  it('asks the API, with nothing that it does not count', async () => {
    const { provider, count } = await counting((response) => json(response, { input_tokens: 42 }))
    expect(await count()).toBe(42)
    const [{ url, body }] = provider.requests as [(typeof provider.requests)[0]]
    expect(url).toMatch(/\/v1\/messages\/count_tokens$/)
    expect(Object.keys(body).sort()).toEqual(['messages', 'model', 'output_config', 'thinking', 'tools'])
  })

  it('bounds what the API does not count, and asks again after a while', async () => {
    let isDown = true
    const { provider, clock, count } = await counting((response) => {
      if (isDown) json(response, refusal('overloaded_error'), { status: 529 })
      else json(response, { input_tokens: 42 })
    })
    expect(await count()).toBe(inputBound(REQUEST))
    isDown = false
    expect(await count()).toBe(inputBound(REQUEST))
    expect(provider.requests.length).toBe(1)
    await clock.advance(60_000)
    expect(await count()).toBe(42)
  })

  it.each([
    ['an answer of another kind', (response) => json(response, { tokens: 1 })],
    ['an error that calls itself 200', (response) => json(response, refusal('api_error'))],
    ['a connection that breaks', (response) => response.destroy()],
  ] as const satisfies readonly (readonly [string, Play])[])('bounds after %s', async (_, play) => {
    const { count } = await counting(play)
    expect(await count()).toBe(inputBound(REQUEST))
  })

  it('waits no longer than ten seconds, and lets the provider go', async () => {
    const { provider, clock, count } = await counting(() => undefined)
    const counted = count()
    await provider.received(1)
    await clock.advance(10_000)
    expect(await counted).toBe(inputBound(REQUEST))
    await provider.released()
  })

  it('bounds what it is asked while it closes', async () => {
    const { driver, provider } = await counting(() => undefined)
    const counted = Promise.resolve(driver.countTokens!(REQUEST))
    await provider.received(1)
    await driver.close?.()
    expect(await counted).toBe(inputBound(REQUEST))
  })

  it('rejects what the API cannot express, as a call would', async () => {
    const { driver, provider } = await counting(() => undefined)
    const sound = { type: 'file', mediaType: 'audio/wav', data: 'aWNv' } as const
    const counted = Promise.resolve(driver.countTokens!({ messages: [{ role: 'user', content: [sound] }] }))
    expect(await failure(counted)).toMatchObject({ code: 'AIOS_UNSUPPORTED' })
    expect(provider.requests.length).toBe(0)
  })
})

import { fakeDriverCall, fakeDriverServices } from '@aios/kernel/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { openConnection } from '../../../packages/llm/src/openai/connection.js'
import { failure } from './asking.js'
import { completion, json, providerPool } from './provider.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const PARAMS = { model: 'm', messages: [] }

describe('openConnection', () => {
  it('sends nothing before the first call', async () => {
    const { baseURL, requests } = await provided((response) => json(response, completion({ content: 'Hi' })))
    const connection = await openConnection('main', { baseURL }, fakeDriverServices())
    expect([connection.host, requests.length]).toEqual([new URL(baseURL).host, 0])
    const scope = connection.begin(fakeDriverCall())
    expect(await connection.chat(PARAMS, scope)).toMatchObject({ model: 'test-1' })
    scope.close()
  })

  it('stops every call that still runs when it is closed, and none that is over', async () => {
    const provider = await provided(() => undefined)
    const connection = await openConnection('main', { baseURL: provider.baseURL }, fakeDriverServices())
    const over = connection.begin(fakeDriverCall())
    over.close()
    const scopes = [connection.begin(fakeDriverCall()), connection.begin(fakeDriverCall())]
    const calls = scopes.map((scope) => failure(connection.chat(PARAMS, scope)))
    await provider.received(2)
    connection.close()
    connection.close()
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['AIOS_CLOSED', 'AIOS_CLOSED'])
    await provider.released()
  })

  it('rejects an endpoint without a key before it loads anything', async () => {
    expect((await failure(openConnection('main', {}, fakeDriverServices()))).code).toBe('AIOS_INVALID_OPTION')
  })
})

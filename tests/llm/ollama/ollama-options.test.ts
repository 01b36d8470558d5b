import { fakeDriverServices } from '@aios/kernel/testing'
import { ollama, ollamaHost, type OllamaHostOptions, type OllamaOptions } from '@aios/llm/ollama'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chat, failure, fakeFetch, jsonResponse } from '../core/asking.js'
import { done } from './lines.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

async function urlFor(said: string, options: OllamaOptions = {}): Promise<string | undefined> {
  vi.stubEnv('OLLAMA_HOST', said)
  const { fetch, asked } = fakeFetch(() => jsonResponse(done({ content: 'Hi.' })))
  const driver = ollama('test-1', { fetch, ...options })
  await driver.open?.(fakeDriverServices())
  await chat(driver)
  return asked[0]?.url
}

describe('the host', () => {
  it.each([
    ['', 'http://127.0.0.1:11434'],
    ['gpu.lan', 'http://gpu.lan:11434'],
    ['gpu.lan:8080', 'http://gpu.lan:8080'],
    [':8080', 'http://127.0.0.1:8080'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:8080', 'http://127.0.0.1:8080'],
    ['http://0.0.0.0:8080', 'http://127.0.0.1:8080'],
    ['https://gpu.lan/ollama/', 'https://gpu.lan:443/ollama'],
  ])('is read from OLLAMA_HOST as Ollama reads it: %j', async (said, root) => {
    expect(await urlFor(said)).toBe(`${root}/api/chat`)
  })

  it('is the one of the options where there is one', async () => {
    expect(await urlFor('gpu.lan', { baseURL: 'http://other.lan:1' })).toBe('http://other.lan:1/api/chat')
  })

  it('cannot be what is none', async () => {
    expect(await failure(urlFor('http://user:pw@x'))).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})

describe('the options', () => {
  it.each([
    [{ keepAlive: 'soon' }, 'seconds, or a duration such as "10m"'],
    [{ keepAlive: Number.NaN }, 'seconds, or a duration'],
    [{ use: 'talk' }, 'use'],
    [{ thinking: 'hard' }, 'thinking'],
    [{ discover: 1 }, 'discover'],
    [{ keep_alive: 1 }, 'keep_alive'],
  ])('%j are refused', (options, named) => {
    expect(() => ollama('test-1', options as OllamaOptions)).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(named) as unknown }),
    )
  })

  it('of a host are those of its cores, but for what is about one model', () => {
    expect(() => ollamaHost({ use: 'chat' } as OllamaHostOptions)).toThrow('ollamaHost()')
    for (const keepAlive of [0, -1, '10m', '1h30m', '-1']) expect(ollamaHost({ keepAlive }).id).toBe('ollama')
    expect(ollamaHost({ id: 'gpu' })).toMatchObject({ id: 'gpu', backend: 'ollama' })
  })

  it('say what a core serves', () => {
    const served = (use: OllamaOptions['use']) => {
      const { chat: chats, embed } = ollama('test-1', { use })
      return [chats !== undefined, embed !== undefined]
    }
    expect([served(undefined), served('chat'), served('embed'), served('both')]).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [true, true],
    ])
    expect(ollama('test-1', { discover: false }).discover).toBeUndefined()
    expect(ollama('test-1')).toMatchObject({ model: 'test-1', backend: 'ollama', resume: 'none' })
  })
})

import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createKernel } from '@aios/kernel'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { environmentCore } from '../../../packages/sdk/src/preset/environment-core.js'

interface Seen {
  readonly url: string | undefined
  readonly authorization: string | undefined
  readonly model: string
}

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
  vi.doUnmock('openai')
  vi.resetModules()
})

async function bodyOf(request: IncomingMessage): Promise<{ model: string }> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return JSON.parse(text) as { model: string }
}

/** Serves one answer in the shape of chat completions and remembers what was asked. */
async function serve(): Promise<{ readonly port: number; readonly seen: Seen[] }> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then(({ model }) => {
      seen.push({ url: request.url, authorization: request.headers.authorization, model })
      const message = { role: 'assistant', content: 'pong' }
      response.setHeader('content-type', 'application/json').setHeader('connection', 'close')
      response.end(
        JSON.stringify({
          id: '1',
          object: 'chat.completion',
          created: 1,
          model,
          choices: [{ index: 0, message, finish_reason: 'stop' }],
        }),
      )
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, seen }
}

async function ping(environment: Readonly<Record<string, string>>): Promise<string> {
  const llm = environmentCore(environment)
  const kernel = await createKernel(llm === undefined ? {} : { llm })
  try {
    return (await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'ping' }] })).text
  } finally {
    await kernel.close()
  }
}

describe('the core that the environment names', () => {
  it('is none without a key and a host, also where they are empty', () => {
    expect(environmentCore({})).toBeUndefined()
    expect(environmentCore({ OPENAI_API_KEY: '', OLLAMA_HOST: '' })).toBeUndefined()
  })

  it('is OpenAI where there is a key, with gpt-5-mini unless OPENAI_MODEL says otherwise, also beside an Ollama host', () => {
    expect(environmentCore({ OPENAI_API_KEY: 'k' })?.model).toBe('gpt-5-mini')
    expect(environmentCore({ OPENAI_API_KEY: 'k', OPENAI_MODEL: '' })?.model).toBe('gpt-5-mini')
    expect(environmentCore({ OPENAI_API_KEY: 'k', OPENAI_MODEL: 'o9', OLLAMA_HOST: 'h' })?.model).toBe('o9')
    expect(environmentCore({ OLLAMA_HOST: 'h', OLLAMA_MODEL: 'qwen3' })?.model).toBe('qwen3')
  })

  it.each(['127.0.0.1:PORT', 'http://127.0.0.1:PORT', 'http://127.0.0.1:PORT/'])(
    'asks an Ollama server at %s',
    async (host) => {
      const { port, seen } = await serve()
      await expect(ping({ OLLAMA_HOST: host.replace('PORT', String(port)) })).resolves.toBe('pong')
      expect(seen).toEqual([{ url: '/v1/chat/completions', authorization: 'Bearer ollama', model: 'llama3.2' }])
    },
  )

  it('streams as well as it chats', async () => {
    const llm = environmentCore({ OLLAMA_HOST: '127.0.0.1:1' })!
    const kernel = await createKernel({ llm })
    const { result } = kernel.sys().llm.stream({ messages: [{ role: 'user', content: 'ping' }] })
    await expect(result).rejects.toMatchObject({ code: 'AIOS_LLM_NETWORK' })
    await kernel.close()
  })

  it('asks the default port where the host names none', async () => {
    const urls: string[] = []
    vi.stubGlobal('fetch', (url: string | URL) => {
      urls.push(String(url))
      // Whoever is not let in is not tried again.
      return Promise.resolve(new Response('{}', { status: 401 }))
    })
    await expect(ping({ OLLAMA_HOST: 'localhost' })).rejects.toMatchObject({ code: 'AIOS_LLM_AUTH' })
    vi.unstubAllGlobals()
    expect(urls).toEqual(['http://localhost:11434/v1/chat/completions'])
  })

  it('rejects a key that cannot be one', () => {
    expect(() => environmentCore({ OPENAI_API_KEY: 'two words' })).toThrow('apiKey')
  })

  it('lets a kernel open although the package openai does not load, and fails only who asks the model', async () => {
    vi.doMock('openai', () => {
      throw new Error('It is broken.')
    })
    const llm = environmentCore({ OPENAI_API_KEY: 'k' })!
    const kernel = await createKernel({ llm })
    const request = { messages: [{ role: 'user', content: 'ping' }] } as const
    await expect(kernel.run(() => 'no model needed', undefined)).resolves.toBe('no model needed')
    await expect(kernel.sys().llm.chat(request)).rejects.toMatchObject({ code: 'AIOS_DRIVER_FAILED' })
    await expect(kernel.sys().llm.stream(request).result).rejects.toMatchObject({ code: 'AIOS_DRIVER_FAILED' })
    await kernel.close()
  })

  it('does not hide that it cannot open for another reason', async () => {
    const llm = environmentCore({ OPENAI_API_KEY: 'k' })!
    const kernel = await createKernel({ llm })
    // One core serves one kernel.
    await expect(createKernel({ llm })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await kernel.close()
  })
})

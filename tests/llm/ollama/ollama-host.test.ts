import { createKernel, type Kernel, type LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { ollama, ollamaHost, type OllamaHost, type OllamaHostOptions } from '@aios/llm/ollama'
import { afterEach, describe, expect, it } from 'vitest'
import { failure } from '../core/asking.js'
import { json, providerPool, type Body, type Provider } from '../core/provider.js'
import { done } from './lines.js'

const { provided, closeAll } = providerPool()
const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
  await closeAll()
})

/** Models of a host by name, with what it shows of each. */
type Shelf = Readonly<Record<string, Body>>

const SHELF: Shelf = {
  'llama3.2:latest': { capabilities: ['completion', 'tools'] },
  'qwen3:8b': { capabilities: ['completion', 'tools', 'thinking'] },
  'nomic-embed-text:latest': { capabilities: ['embedding'] },
  'old:latest': {},
}

const listed = (shelf: Shelf): Body => ({
  models: Object.keys(shelf).map((name) => ({
    name,
    model: name,
    modified_at: '2026-02-11T00:47:19Z',
    size: 2_019_393_189,
    digest: 'a80c4f17acd5',
    details: { family: 'llama', parameter_size: '3.2B', quantization_level: 'Q4_K_M' },
  })),
})

/** An Ollama server that has these models. */
function server(shelf: Shelf = SHELF): Promise<Provider> {
  return provided((response, { url, body }) => {
    if (url === '/api/tags') return json(response, listed(shelf))
    if (url === '/api/show') {
      const name = String(body['model'])
      return json(response, shelf[name] ?? shelf[`${name}:latest`] ?? { error: 'not found' })
    }
    if (url === '/api/embed') return json(response, { embeddings: [[1]], prompt_eval_count: 1 })
    return json(response, done({ content: `I am ${String(body['model'])}.` }, { model: body['model'] }))
  })
}

const rootOf = ({ baseURL }: Provider): string => new URL(baseURL).origin
const paths = ({ requests }: Provider) => requests.map(({ url }) => url)

async function booted(llm: LlmDriver | LlmDriver[]): Promise<Kernel> {
  const kernel = await createKernel({ llm })
  kernels.push(kernel)
  return kernel
}

async function openHost(options: OllamaHostOptions, clock = virtualClock()): Promise<OllamaHost> {
  const host = ollamaHost(options)
  await host.open?.(fakeDriverServices(clock))
  return host
}

const messages = [{ role: 'user', content: 'Hi' }] as const

describe('ollamaHost()', () => {
  it('lists the models of the server', async () => {
    const host = await openHost({ baseURL: rootOf(await server()) })
    const models = await host.list()
    expect(models.map(({ name }) => name)).toEqual(Object.keys(SHELF))
    expect(models[0]).toEqual({
      name: 'llama3.2:latest',
      sizeBytes: 2_019_393_189,
      modifiedAt: '2026-02-11T00:47:19Z',
      digest: 'a80c4f17acd5',
      family: 'llama',
      parameterSize: '3.2B',
      quantization: 'Q4_K_M',
    })
  })

  it('lists what little an odd server tells, and nothing that is no list', async () => {
    const bodies: unknown[] = [{ models: [{ model: 'a' }, { size: 1 }, null] }, { models: 7 }, { data: [] }]
    const provider = await provided((response) => json(response, bodies.shift()))
    const host = await openHost({ baseURL: rootOf(provider) })
    expect(await host.list()).toEqual([{ name: 'a' }])
    for (const _ of [1, 2]) expect((await failure(host.list())).code).toBe('AIOS_LLM_SERVER')
  })

  it('cannot be asked before it is open, nor once it is closed, also in the middle', async () => {
    const provider = await provided(() => undefined)
    const closed = ollamaHost({ baseURL: rootOf(provider) })
    expect(await failure(closed.list())).toMatchObject({ code: 'AIOS_CLOSED' })
    const host = await openHost({ baseURL: rootOf(provider) })
    const asked = failure(host.list())
    await provider.received(1)
    await host.close?.()
    expect(await asked).toMatchObject({ code: 'AIOS_CLOSED' })
    await provider.released()
    expect(await failure(host.list())).toMatchObject({ code: 'AIOS_CLOSED' })
  })

  it('waits five seconds for a server that says nothing', async () => {
    const clock = virtualClock()
    const provider = await provided(() => undefined)
    const host = await openHost({ baseURL: rootOf(provider) }, clock)
    const asked = failure(host.list())
    await provider.received(1)
    await clock.advance(5_000)
    expect(await asked).toMatchObject({ code: 'AIOS_LLM_TIMEOUT' })
  })

  it('registers a model when it is first asked for, by name or with its backend', async () => {
    const provider = await server()
    const kernel = await booted(ollamaHost({ baseURL: rootOf(provider) }))
    const { llm } = kernel.sys()
    const reply = await llm.chat({ messages, llms: [{ name: 'qwen3:8b', backend: 'ollama' }] })
    expect([reply.text, reply.model]).toEqual(['I am qwen3:8b.', 'qwen3:8b'])
    expect((await llm.chat({ messages, model: 'llama3.2' })).text).toBe('I am llama3.2.')
    expect((await llm.chat({ messages, model: 'llama3.2' })).text).toBe('I am llama3.2.')
    expect(paths(provider)).toEqual([
      ...['/api/tags', '/api/show', '/api/chat'],
      ...['/api/tags', '/api/show', '/api/chat'],
      '/api/chat',
    ])
  })

  it('registers what makes vectors as that alone, and what the server tells nothing of as both', async () => {
    const kernel = await booted(ollamaHost({ baseURL: rootOf(await server()) }))
    const { llm } = kernel.sys()
    expect((await llm.embed({ input: ['a'], model: 'nomic-embed-text' })).vectors).toHaveLength(1)
    await expect(llm.chat({ messages, model: 'nomic-embed-text' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
    expect((await llm.chat({ messages, model: 'old' })).text).toBe('I am old.')
    expect((await llm.embed({ input: ['a'], model: 'old' })).vectors).toHaveLength(1)
  })

  it('gives its cores what it was told, and what the server tells of their models', async () => {
    const provider = await server()
    const host = await openHost({ baseURL: rootOf(provider), keepAlive: 60, limits: { concurrency: 1 } })
    const plain = (await host.discover?.('llama3.2'))!
    expect(plain).toMatchObject({
      id: 'llama3.2',
      backend: 'ollama',
      limits: { concurrency: 1 },
      capabilities: { tools: true, images: false },
    })
    // It finds no others itself: the host does.
    expect(plain.discover).toBeUndefined()
    const kernel = await booted(plain)
    const reply = await kernel.sys().llm.chat({ messages, reasoning: 'low' })
    expect(reply.warnings.map(({ setting }) => setting)).toEqual(['reasoning'])
    expect(provider.requests.at(-1)?.body).toMatchObject({ keep_alive: 60 })
    expect(provider.requests.at(-1)?.body).not.toHaveProperty('think')
  })

  it('leaves a model that the server does not have to be refused as ever', async () => {
    const provider = await server()
    const kernel = await booted([
      ollama('llama3.2', { baseURL: rootOf(provider), discover: false }),
      ollamaHost({ baseURL: rootOf(provider) }),
    ])
    await expect(kernel.sys().llm.chat({ messages, model: 'gone' })).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
      message: 'Expected a model among llama3.2, got "gone".',
    })
    expect(paths(provider)).toEqual(['/api/tags'])
  })

  it('that cannot be reached is named in the refusal', async () => {
    const gone = await server()
    await gone.close()
    const kernel = await booted([
      ollama('x', { baseURL: rootOf(gone), discover: false }),
      ollamaHost({ baseURL: rootOf(gone) }),
    ])
    const failed = await failure(kernel.sys().llm.chat({ messages, model: 'qwen3:8b' }))
    expect(failed).toMatchObject({ code: 'AIOS_NO_DEVICE', cause: { code: 'AIOS_LLM_NETWORK' } })
    expect(failed.message).toContain('It was looked for in vain. ollama: Expected an answer')
  })
})

describe('ollama() in a kernel', () => {
  it('has other models of its host registered too, with nothing that is about its own', async () => {
    const provider = await server()
    const core = ollama('llama3.2', {
      id: 'main',
      baseURL: rootOf(provider),
      contextWindow: 9_000,
      headers: { 'x-a': 'b' },
    })
    const { llm } = (await booted(core)).sys()
    expect((await llm.chat({ messages, llms: [{ name: 'qwen3:8b', backend: 'ollama' }] })).text).toBe('I am qwen3:8b.')
    const { body, headers } = provider.requests.at(-1)!
    expect(headers['x-a']).toBe('b')
    expect(body).not.toHaveProperty('options')
  })

  it('has none registered where discover is false', async () => {
    const provider = await server()
    const { llm } = (await booted(ollama('llama3.2', { baseURL: rootOf(provider), discover: false }))).sys()
    await expect(llm.chat({ messages, model: 'qwen3:8b' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
    expect(provider.requests).toEqual([])
  })
})

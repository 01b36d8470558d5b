import { createKernel } from '@aios/kernel'
import { openai } from '@aios/llm/openai'
import { forbidNetwork, scriptedCore, serveOpenAi, type NetworkGuard, type NetworkOptions } from '@aios/llm/testing'
import dns, { lookup as namedLookup } from 'node:dns'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import http2 from 'node:http2'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'

const guards: NetworkGuard[] = []
const forbid = (options?: NetworkOptions) => {
  const guard = forbidNetwork(options)
  guards.push(guard)
  return guard
}

afterEach(() => {
  for (const guard of guards.splice(0)) guard.restore()
})

const failing = async (emitter: NodeJS.EventEmitter): Promise<unknown> => (await once(emitter, 'error'))[0]
const FORBIDDEN = { code: 'AIOS_NETWORK_FORBIDDEN', details: { host: 'example.com' } }

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  fetch: () => fetch('https://example.com/a'),
  'fetch of a Request': () => fetch(new Request('https://example.com')),
  'http.get': () => failing(http.get('http://example.com')),
  'https.request': () => failing(https.request({ host: 'example.com' }).end()),
  'http2.connect': () => failing(http2.connect('https://example.com')),
  'net.connect': () => failing(net.connect(80, 'example.com')),
  'tls.connect': () => failing(tls.connect({ host: 'example.com', port: 443 })),
  'dns.lookup': () => new Promise((resolve) => dns.lookup('example.com', resolve)),
  'a named import of dns': () => new Promise((resolve) => namedLookup('example.com', resolve)),
  'promisified dns.lookup': () => promisify(dns.lookup)('example.com'),
  'dns.promises.resolve4': () => dns.promises.resolve4('example.com'),
  'dns.Resolver': () => new Promise((resolve) => new dns.Resolver().resolveMx('example.com', resolve)),
  'dns.promises.Resolver': () => new dns.promises.Resolver().resolveTxt('example.com'),
}

describe('forbidNetwork()', () => {
  it.each(Object.entries(ways))('refuses %s with an error that names the host', async (_, reach) => {
    const guard = forbid()
    const error = await reach().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ ...FORBIDDEN, details: expect.objectContaining(FORBIDDEN.details) as object })
    expect((error as Error).message).toContain('example.com')
    expect(guard.refused).toContain('example.com')
  })

  it('refuses a model call that was not meant to be, at once', async () => {
    forbid()
    const kernel = await createKernel({ llm: openai('gpt-5-mini', { apiKey: 'sk-none' }) })
    const { llm } = kernel.sys()
    const request = { messages: [{ role: 'user' as const, content: 'Hello' }] }
    await expect(llm.chat(request)).rejects.toMatchObject({
      code: 'AIOS_NETWORK_FORBIDDEN',
      retryable: false,
      details: { host: 'api.openai.com' },
    })
    await expect(llm.stream(request).result).rejects.toMatchObject({ code: 'AIOS_NETWORK_FORBIDDEN' })
    await kernel.close()
  })

  it('lets this machine be reached, by every name and by path, unless told otherwise', async () => {
    const server = await serveOpenAi(scriptedCore([]))
    const { port } = new URL(server.baseURL)
    forbid()
    for (const host of ['127.0.0.1', 'localhost'])
      expect((await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { host } })).status).toBe(200)
    expect(await dns.promises.lookup('localhost')).toHaveProperty('address')
    expect(await (await fetch('data:,hello')).text()).toBe('hello')
    const path = join(tmpdir(), `forbid-network-${process.pid}.sock`)
    const local = net.createServer((socket) => socket.end()).listen(path)
    await once(local, 'listening')
    const socket = net.connect(path)
    await once(socket, 'connect')
    socket.destroy()
    local.close()
    const strict = forbid({ loopback: false })
    await expect(fetch(`http://127.0.0.1:${port}/v1/models`)).rejects.toMatchObject({
      details: { host: '127.0.0.1', port: Number(port) },
    })
    expect(await failing(net.connect({ port: Number(port) }))).toMatchObject({ details: { host: 'localhost' } })
    expect(await failing(net.connect(Number(port), '::1'))).toMatchObject({ details: { host: '::1' } })
    strict.restore()
    await server.close()
  })

  it('refuses a request over a connection that was kept from before', async () => {
    const server = await serveOpenAi(scriptedCore([]))
    const agent = new http.Agent({ keepAlive: true })
    const [response] = (await once(http.get(`${server.baseURL}/models`, { agent }), 'response')) as [
      http.IncomingMessage,
    ]
    response.resume()
    await once(response, 'end')
    const guard = forbid({ loopback: false })
    expect(await failing(http.get(`${server.baseURL}/models`, { agent }))).toMatchObject({
      code: 'AIOS_NETWORK_FORBIDDEN',
    })
    guard.restore()
    agent.destroy()
    await server.close()
  })

  it('lets hosts be reached that are allowed, by name and by expression', async () => {
    const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as net.AddressInfo
    forbid({ loopback: false, allow: [/^127\.0\.0\./g, 'Example.ORG'] })
    for (let n = 0; n < 2; n += 1) {
      const socket = net.connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.destroy()
    }
    await expect(fetch('http://sub.example.org')).rejects.toMatchObject({ code: 'AIOS_NETWORK_FORBIDDEN' })
    server.close()
  })

  it('leaves everything as it was when it is lifted, in whatever order', () => {
    const places = () => [
      globalThis.fetch,
      net.Socket.prototype.connect,
      dns.lookup,
      namedLookup,
      dns.promises.resolve4,
      dns.Resolver.prototype.resolve,
    ]
    const before = places()
    const [first, second, third] = [forbid(), forbid(), forbid()]
    expect(places()).not.toEqual(before)
    second.restore()
    first.restore()
    first.restore()
    expect(globalThis.fetch).not.toBe(before[0])
    third.restore()
    expect(places()).toEqual(before)
    {
      using guard = forbidNetwork()
      expect(guard.refused).toEqual([])
    }
    expect(places()).toEqual(before)
  })

  it('nests: a host must be allowed by every ban in force', async () => {
    forbid({ loopback: false })
    const inner = forbid({ loopback: true })
    await expect(fetch('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'AIOS_NETWORK_FORBIDDEN' })
    inner.restore()
    await expect(fetch('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'AIOS_NETWORK_FORBIDDEN' })
  })

  it('refuses options that it does not know', () => {
    expect(() => forbidNetwork({ alow: [] } as never)).toThrow(/alow/)
    expect(() => forbidNetwork({ allow: [7] } as never)).toThrow(/allow/)
  })
})

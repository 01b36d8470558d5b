import net from 'node:net'
import { describe, expect, it } from 'vitest'

// 192.0.2.0/24 is set aside for documentation: nothing answers there.
const ELSEWHERE = '192.0.2.1'

describe('network in tests', () => {
  it('ends at this machine, whichever way a socket is asked to connect', () => {
    expect(() => net.connect(80, ELSEWHERE)).toThrow('No network in tests: tried to connect to 192.0.2.1:80')
    expect(() => net.connect({ host: ELSEWHERE, port: 80 })).toThrow('No network in tests')
    expect(() => new net.Socket().connect(80, 'example.test')).toThrow('No network in tests')
  })

  it('ends at this machine for fetch too', async () => {
    const error = await fetch(`http://${ELSEWHERE}/`).catch((reason: unknown) => reason)
    expect(String((error as Error).cause)).toContain('No network in tests')
  })

  it.each(['127.0.0.1', 'localhost', undefined])('reaches a server on %s', async (host) => {
    const server = net.createServer((socket) => socket.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as net.AddressInfo
    const socket = net.connect(host === undefined ? { port } : { port, host })
    const chunks = await socket.toArray()
    expect(String(chunks[0])).toBe('hello')
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('models in tests', () => {
  it('are never live', () => {
    expect([process.env['OPENAI_API_KEY'], process.env['OLLAMA_HOST']]).toEqual(['', ''])
  })
})

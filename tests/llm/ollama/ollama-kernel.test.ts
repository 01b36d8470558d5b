import { startAimock } from '@aios/ground-aimock'
import { createKernel, type Agent, type ChatReply, type Message, type ToolSpec } from '@aios/kernel'
import { ollama } from '@aios/llm/ollama'
import { afterEach, describe, expect, it } from 'vitest'
import { json, providerPool, type Body } from '../core/provider.js'
import { called, done, line, ndjson } from './lines.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const ADD: ToolSpec = {
  name: 'local/add',
  description: 'Adds.',
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
}

const adder: Agent<boolean, ChatReply> = async (sys, isStreamed) => {
  const asked = { role: 'user' as const, content: 'What is the sum of 2 and 3?' }
  const request = { messages: [asked], tools: [ADD], reasoning: 'low' as const }
  const first = isStreamed ? await sys.llm.stream(request).result : await sys.llm.chat(request)
  const results = first.toolCalls.map(({ id, name, input }) => {
    const { a, b } = input as { a: number; b: number }
    return { type: 'tool-result' as const, id, name, output: a + b }
  })
  const messages: Message[] = [asked, first.message, { role: 'tool', content: results }]
  return sys.llm.chat({ messages, tools: [ADD] })
}

describe('ollama() in a kernel', () => {
  it('carries an agent through a tool call over a server that is not ours', async () => {
    const { mock, close } = await startAimock()
    mock.on({ userMessage: 'sum', hasToolResult: true }, { content: 'The sum is 5.' })
    mock.on(
      { userMessage: 'sum' },
      { content: 'Adding.', toolCalls: [{ name: 'local_add', arguments: '{"a":2,"b":3}' }] },
    )
    await using kernel = await createKernel({ llm: ollama('test-1', { baseURL: mock.url }) })
    for (const isStreamed of [false, true]) expect((await kernel.run(adder, isStreamed)).text).toBe('The sum is 5.')
    expect(mock.getRequests().length).toBe(4)
    await close()
  })

  it.each([false, true])('returns thoughts, text and calls as they came (streamed: %s)', async (isStreamed) => {
    const calls = [called('local_add', { a: 2, b: 3 }, { id: 'call_1' })]
    const provider = await provided((response, { body }) => {
      if ((body['messages'] as Body[]).length > 1) return json(response, done({ content: 'Five.' }))
      if (body['stream'] !== true)
        return json(response, done({ thinking: 'Hm…\n ', content: 'Adding.', tool_calls: calls }))
      const pieces = [
        { thinking: 'Hm' },
        { thinking: '…\n ' },
        { content: 'Add' },
        { content: 'ing.' },
        { tool_calls: calls },
      ]
      return ndjson(response, [...pieces.map((each) => line(each)), done()])
    })
    await using kernel = await createKernel({ llm: ollama('test-1', { baseURL: new URL(provider.baseURL).origin }) })
    const reply = await kernel.run(adder, isStreamed)
    expect([reply.text, reply.usage.input.total, reply.usage.output.total]).toEqual(['Five.', 26, 298])
    expect(provider.requests[1]?.body['messages']).toEqual([
      { role: 'user', content: 'What is the sum of 2 and 3?' },
      {
        role: 'assistant',
        thinking: 'Hm…\n ',
        content: 'Adding.',
        tool_calls: [{ id: 'call_1', function: { name: 'local_add', arguments: { a: 2, b: 3 } } }],
      },
      { role: 'tool', content: '5', tool_name: 'local_add', tool_call_id: 'call_1' },
    ])
    expect(provider.requests[0]?.body).toMatchObject({ think: true, tools: [{ function: { name: 'local_add' } }] })
  })

  it('sends images as base64, and reads no file that a string may name', async () => {
    const provider = await provided((response) => json(response, done({ content: 'A cat.' })))
    await using kernel = await createKernel({ llm: ollama('test-1', { baseURL: new URL(provider.baseURL).origin }) })
    const data = Buffer.from('package.json').toString('base64')
    for (const given of [data, 'package.json']) {
      const content = [{ type: 'file' as const, mediaType: 'image/png', data: given }]
      await kernel.sys().llm.chat({ messages: [{ role: 'user', content }] })
    }
    const images = provider.requests.map(({ body }) => (body['messages'] as { images: string[] }[])[0]?.images)
    expect(images[0]).toEqual([data])
    expect(images[1]?.[0]?.length).toBeLessThan(16)
  })
})

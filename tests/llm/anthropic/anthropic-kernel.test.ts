import { startAimock } from '@aios/ground-aimock'
import { createKernel, type Agent, type ChatReply, type Kernel, type Message, type ToolSpec } from '@aios/kernel'
import { anthropic, type AnthropicOptions } from '@aios/llm/anthropic'
import { afterEach, describe, expect, it } from 'vitest'
import { json, providerPool, type Body } from '../core/provider.js'
import { closes, concludes, message, opens, piece, said, start, stream, text } from './messages.js'

const { provided, closeAll } = providerPool()
const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
  await closeAll()
})

async function booted(baseURL: string, options: AnthropicOptions = {}): Promise<Kernel> {
  const kernel = await createKernel({ llm: anthropic('test-1', { baseURL, apiKey: 'sk-kernel', ...options }) })
  kernels.push(kernel)
  return kernel
}

const ADD: ToolSpec = {
  name: 'local/add',
  description: 'Adds.',
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
}
const contentOf = (body: unknown): readonly (readonly Body[])[] =>
  (body as { messages: { content: Body[] }[] }).messages.map(({ content }) => content)

const adder: Agent<string, ChatReply> = async (sys, question) => {
  const asked = { role: 'user' as const, content: question }
  const first = await sys.llm.chat({ messages: [asked], tools: [ADD], reasoning: 'low' })
  const results = first.toolCalls.map(({ id, name, input }) => {
    const { a, b } = input as { a: number; b: number }
    return { type: 'tool-result' as const, id, name, output: a + b }
  })
  const messages: Message[] = [asked, first.message, { role: 'tool', content: results }]
  return sys.llm.chat({ messages, tools: [ADD], reasoning: 'low' })
}

describe('anthropic() in a kernel', () => {
  it('carries an agent that thinks through a tool call over a server that is not ours', async () => {
    const { mock, close } = await startAimock()
    mock.on({ userMessage: 'sum', hasToolResult: true }, { content: 'The sum is 5.' })
    mock.on(
      { userMessage: 'sum' },
      { content: 'Adding.', reasoning: 'Hm.', toolCalls: [{ name: 'local_add', arguments: '{"a":2,"b":3}' }] },
    )
    const kernel = await booted(mock.url)
    const reply = await kernel.run(adder, 'What is the sum of 2 and 3?')
    expect([reply.text, reply.finish.unified, reply.model]).toEqual(['The sum is 5.', 'stop', 'test-1'])
    expect(mock.getRequests().length).toBe(2)
    await close()
  })

  it('returns thoughts, shown and hidden, byte for byte, whether they were streamed or not', async () => {
    const blocks: Body[] = [
      { type: 'thinking', thinking: 'Hm…\n ', signature: 'EqQBCkYIAR+/==' },
      { type: 'thinking', thinking: '', signature: 'b21pdHRlZA==' },
      { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix/LafPsn4a' },
      text('Adding.'),
      { type: 'tool_use', id: 'toolu_1', name: 'local_add', input: { a: 2, b: 3 }, caller: { type: 'direct' } },
    ]
    const events = [
      start(),
      ...blocks.flatMap((block, index): Body[] => {
        if (block['type'] === 'text') return said(index, 'Add', 'ing.')
        if (block['type'] === 'tool_use') {
          const partial_json = JSON.stringify(block['input'])
          return [
            opens(index, { ...block, input: {} }),
            piece(index, { type: 'input_json_delta', partial_json }),
            closes(index),
          ]
        }
        if (block['type'] !== 'thinking') return [opens(index, block), closes(index)]
        return [
          opens(index, { type: 'thinking', thinking: '', signature: '' }),
          piece(index, { type: 'thinking_delta', thinking: block['thinking'] }),
          piece(index, { type: 'signature_delta', signature: block['signature'] }),
          closes(index),
        ]
      }),
      ...concludes('tool_use'),
    ]
    const { baseURL, requests } = await provided((response, { body }) => {
      if (body['stream'] === true) return stream(response, events)
      return json(response, message(blocks, 'tool_use'))
    })
    const kernel = await booted(baseURL)
    const sys = kernel.sys()
    const asked: Message = { role: 'user', content: 'Add.' }
    const whole = await sys.llm.chat({ messages: [asked], tools: [ADD] })
    const flowing = await sys.llm.stream({ messages: [asked], tools: [ADD] }).result
    for (const { message: answer } of [whole, flowing]) {
      const kept = JSON.parse(JSON.stringify(answer)) as Message
      await sys.llm.chat({ messages: [asked, kept], tools: [ADD] })
      expect(contentOf(requests.at(-1)!.body)[1]).toEqual(blocks)
    }
  })

  it('leaves the thoughts of one host behind when the conversation goes to another', async () => {
    const thought = { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' }
    const one = await provided((response) => json(response, message([thought, text('Hi.')])))
    const other = await provided((response) => json(response, message([text('Ho.')])))
    const asked: Message = { role: 'user', content: 'Hello!' }
    const first = await (await booted(one.baseURL)).sys().llm.chat({ messages: [asked] })
    await (await booted(other.baseURL)).sys().llm.chat({ messages: [asked, first.message, asked] })
    expect(contentOf(other.requests[0]!.body)[1]).toEqual([text('Hi.')])
  })

  it('goes on with an answer that paused when it is sent again', async () => {
    const use = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } }
    const { baseURL, requests } = await provided((response, { body }) => {
      const isAgain = contentOf(body).length > 1
      json(response, isAgain ? message([text('Found.')]) : message([text('Searching.'), use], 'pause_turn'))
    })
    const sys = (await booted(baseURL)).sys()
    const asked: Message = { role: 'user', content: 'Search.' }
    const paused = await sys.llm.chat({ messages: [asked] })
    expect(paused.finish).toEqual({ unified: 'paused', raw: 'pause_turn' })
    const { text: found } = await sys.llm.chat({ messages: [asked, paused.message] })
    expect(found).toBe('Found.')
    expect(contentOf(requests[1]!.body)[1]).toEqual([text('Searching.'), use])
  })
})

import { startAimock } from '@aios/ground-aimock'
import { createKernel, type Agent, type ChatReply, type Kernel, type ToolSpec } from '@aios/kernel'
import { openai } from '@aios/llm/openai'
import { afterEach, describe, expect, it } from 'vitest'
import { failure } from '../core/asking.js'
import { EVENT_STREAM, json, providerPool } from '../core/provider.js'
import { chunk } from './completions.js'

const { provided, closeAll } = providerPool()
const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
  await closeAll()
})

async function booted(baseURL: string): Promise<Kernel> {
  const kernel = await createKernel({ llm: openai('test-1', { baseURL, apiKey: 'sk-kernel' }) })
  kernels.push(kernel)
  return kernel
}

const ADD: ToolSpec = {
  name: 'local/add',
  description: 'Adds.',
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
}

const adder: Agent<string, ChatReply> = async (sys, question) => {
  const asked = { role: 'user' as const, content: question }
  const first = await sys.llm.chat({ messages: [asked], tools: [ADD] })
  const results = first.toolCalls.map(({ id, name, input }) => {
    const { a, b } = input as { a: number; b: number }
    return { type: 'tool-result' as const, id, name, output: a + b }
  })
  return sys.llm.chat({ messages: [asked, first.message, { role: 'tool', content: results }], tools: [ADD] })
}

describe('openai() in a kernel', () => {
  it('carries an agent through a tool call over a server that is not ours', async () => {
    const { mock, baseURL, close } = await startAimock()
    mock.on({ userMessage: 'sum', hasToolResult: true }, { content: 'The sum is 5.' })
    mock.on(
      { userMessage: 'sum' },
      { content: 'Adding.', toolCalls: [{ name: 'local_add', arguments: '{"a":2,"b":3}' }] },
    )
    const kernel = await booted(baseURL)
    const reply = await kernel.run(adder, 'What is the sum of 2 and 3?')
    expect([reply.text, reply.finish.unified, reply.model]).toEqual(['The sum is 5.', 'stop', 'test-1'])
    const sent = mock
      .getRequests()
      .map(({ body }) => (body as { messages: { role: string; content: unknown }[] }).messages)
    expect(sent.map((messages) => messages.map(({ role }) => role))).toEqual([['user'], ['user', 'assistant', 'tool']])
    expect(sent[1]?.at(-1)?.content).toBe('5')
    await close()
  })

  it('shows the provider its consumer leaving a stream', async () => {
    const provider = await provided((response) => {
      response.writeHead(200, EVENT_STREAM)
      response.write(`data: ${JSON.stringify(chunk({ content: 'Once' }))}\n\n`)
    })
    const kernel = await booted(provider.baseURL)
    const stream = kernel.sys().llm.stream({ messages: [{ role: 'user', content: 'Tell me.' }] })
    for await (const part of stream) if (part.type === 'text-delta') break
    await provider.released()
    expect(await stream.result).toMatchObject({ text: 'Once', finish: { unified: 'aborted' } })
  })

  it('hands its errors to the agent as they are, where the kernel will not wait as long as the provider asks', async () => {
    const { baseURL } = await provided((response) =>
      json(response, { error: { message: 'Slow down.' } }, { status: 429, headers: { 'retry-after': '90' } }),
    )
    const kernel = await booted(baseURL)
    const asking = kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Hi' }] })
    expect(await failure(asking)).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 90_000 })
  })

  it('is checked for limits that the kernel does not know or cannot keep', async () => {
    const limited = (limits: Record<string, unknown>) =>
      failure(createKernel({ llm: openai('test-1', { apiKey: 'sk-kernel', limits }) }))
    expect(await limited({ rpn: 60 })).toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining('"rpn"'),
    })
    expect(await limited({ rpm: 60, burst: 2 })).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect(await limited({ tpm: 0 })).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    const limits = { concurrency: 2, depth: 9, rpm: 60, tpm: 9_000, tokensPerDay: 90_000, usdPerDay: 5, burst: 0.5 }
    const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 4 }
    expect(await limited(limits)).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    const driver = openai('test-1', { apiKey: 'sk-kernel', limits, price })
    kernels.push(await createKernel({ llm: driver }))
    expect(driver.limits).toEqual(limits)
  })

  it('ends a call at the provider when the kernel closes', async () => {
    const provider = await provided(() => undefined)
    const kernel = await booted(provider.baseURL)
    const asking = failure(kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Hi' }] }))
    await provider.received(1)
    await kernel.close()
    expect((await asking).code).toBe('AIOS_CLOSED')
    await provider.released()
  })
})

import type { Message } from '@aios/kernel'
import { createKernel } from '@aios/kernel'
import { openai } from '@aios/llm/openai'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, HELLO, streamed } from '../core/asking.js'
import { json, providerPool, sse } from '../core/provider.js'
import { chunk, completion } from './completions.js'
import { opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const token = (text: string, logprob: number) => ({
  token: text,
  logprob,
  bytes: [1],
  top_logprobs: [{ token: 'x', logprob: -9 }],
})
const HI = [token('H', -0.1), token('i', -0.2)]
const PART = { type: 'custom', kind: 'openai.logprobs', value: HI }

function withLogprobs(body: Record<string, unknown>, content: readonly unknown[], name = 'content') {
  const [choice] = body['choices'] as Record<string, unknown>[]
  return { ...body, choices: [{ ...choice, logprobs: { content: null, refusal: null, [name]: content } }] }
}

describe('log probabilities', () => {
  it('of a whole answer are its last part, as they came', async () => {
    const { baseURL, requests } = await provided((response) =>
      json(response, withLogprobs(completion({ content: 'Hi' }), HI)),
    )
    const providerOptions = { openai: { logprobs: true, top_logprobs: 1 } }
    const { parts } = await chat(await opened({ baseURL }), { ...HELLO, providerOptions })
    expect(parts).toEqual([{ type: 'text', text: 'Hi' }, PART])
    expect(requests[0]?.body).toMatchObject({ logprobs: true, top_logprobs: 1 })
  })

  it('of a streamed answer are one part before its end', async () => {
    const chunks = HI.map((one) => withLogprobs(chunk({ content: one.token }), [one]))
    const { baseURL } = await provided((response) => sse(response, [...chunks, chunk({}, 'stop')]))
    expect((await streamed(await opened({ baseURL }))).slice(-2)).toMatchObject([
      { type: 'part', part: PART },
      { type: 'finish' },
    ])
  })

  it('of a refusal are kept too', async () => {
    const answer = withLogprobs(completion({ refusal: 'Hi' }), HI, 'refusal')
    const { baseURL } = await provided((response) => json(response, answer))
    expect((await chat(await opened({ baseURL }))).parts.at(-1)).toEqual(PART)
  })

  it('are never sent back, by either API, and nobody is warned of it', async () => {
    const { baseURL, requests } = await provided((response, { url }) => {
      const isChat = url === '/v1/chat/completions'
      json(response, isChat ? completion({ content: 'Hi' }) : { output: [] })
    })
    const said: Message = {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Hi' },
        { ...PART, type: 'custom' },
      ],
    }
    for (const api of ['chat', 'responses'] as const) {
      const kernel = await createKernel({ llm: openai('gpt-4o', { api, apiKey: 'sk-test', baseURL }) })
      const { warnings } = await kernel.sys().llm.chat({ messages: [...HELLO.messages, said, ...HELLO.messages] })
      await kernel.close()
      expect(warnings).toEqual([])
    }
    expect(JSON.stringify(requests.map(({ body }) => body))).not.toContain('logprob')
  })
})

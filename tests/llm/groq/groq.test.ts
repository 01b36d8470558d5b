import { createKernel, type Message } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import { groq, type GroqOptions } from '@aios/llm/groq'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chat, fakeFetch, HELLO, jsonResponse, streamed } from '../core/asking.js'
import { json, providerPool, sse } from '../core/provider.js'
import { chunk, completion } from '../openai/completions.js'
import { opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  vi.unstubAllEnvs()
  await closeAll()
})

const SEARCH = {
  index: 0,
  type: 'search',
  arguments: '{"query":"x"}',
  output: 'Found.',
  search_results: { results: [{ url: 'https://a.example', title: 'A', score: 0.9 }, { content: 'no address' }] },
}
const CITED = { type: 'document_citation', document_citation: { document_id: 'd', start_index: 0, end_index: 4 } }
const OWN = [
  { type: 'custom', kind: 'groq.executed_tool', value: SEARCH },
  { type: 'source', url: 'https://a.example', title: 'A' },
  { type: 'custom', kind: 'groq.annotation', value: CITED },
]

describe('groq()', () => {
  it('finds its key and host in the environment, with or without the path that the SDK appends', async () => {
    const asked = async (baseURL: string, apiKey: string) => {
      vi.stubEnv('GROQ_BASE_URL', baseURL)
      vi.stubEnv('GROQ_API_KEY', apiKey)
      const { fetch, asked: requests } = fakeFetch(() => jsonResponse(completion({ content: 'Hi.' })))
      const driver = groq('test-1', { fetch })
      await driver.open?.(fakeDriverServices())
      await chat(driver)
      return [requests[0]?.url, requests[0]?.headers.get('authorization')]
    }
    expect(await asked('', 'gsk-1')).toEqual(['https://api.groq.com/openai/v1/chat/completions', 'Bearer gsk-1'])
    const gate = 'https://gate.example/openai/v1/chat/completions'
    for (const root of ['https://gate.example', 'https://gate.example/openai/v1', 'https://gate.example/openai/v1/'])
      expect(await asked(root, '')).toEqual([gate, null])
    await expect(asked('', '')).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })

  it('refuses options that it does not know', () => {
    for (const options of [{ reasoningFormat: 'loud' }, { resume: 'prefix' }])
      expect(() => groq('test-1', options as GroqOptions)).toThrow(
        expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
      )
    expect(groq('test-1')).toMatchObject({ backend: 'groq', resume: 'none', capabilities: { files: false } })
  })

  it('tells what the tools of Groq did, and the pages that they found', async () => {
    const { baseURL } = await provided((response, { body }) => {
      const own = { executed_tools: [SEARCH], annotations: [CITED] }
      if (body['stream'] !== true) return json(response, completion({ reasoning: 'Hm', content: 'Yes.', ...own }))
      return sse(response, [chunk({ reasoning: 'Hm' }), chunk(own), chunk({ content: 'Yes.' }), chunk({}, 'stop')])
    })
    const driver = await opened({ baseURL })
    const thought = {
      type: 'reasoning',
      text: 'Hm',
      opaque: { openai: { host: new URL(baseURL).host, field: 'reasoning' } },
    }
    expect((await chat(driver)).parts).toEqual([thought, ...OWN, { type: 'text', text: 'Yes.' }])
    const parts = await streamed(driver)
    expect(parts.flatMap((part) => (part.type === 'part' ? [part.part] : []))).toEqual(OWN)
  })

  it('reads the usage of a stream from x_groq, and counts nothing twice', async () => {
    const usage = {
      prompt_tokens: 17,
      completion_tokens: 20,
      total_tokens: 37,
      completion_tokens_details: { reasoning_tokens: 12 },
    }
    const { baseURL } = await provided((response) =>
      sse(response, [chunk({ content: 'Hi.' }), { ...chunk({}, 'stop'), x_groq: { id: 'req_1', usage } }]),
    )
    expect((await streamed(await opened({ baseURL }))).at(-1)).toEqual({
      type: 'finish',
      finish: { unified: 'stop', raw: 'stop' },
      usage: { input: { total: 17 }, output: { total: 20, text: 8, reasoning: 12 }, raw: usage },
    })
  })

  it('returns thoughts in the field they came in, to the same host', async () => {
    const provider = await provided((response) => json(response, completion({ reasoning: 'Hm…\n ', content: 'Yes.' })))
    await using kernel = await createKernel({ llm: groq('test-1', { baseURL: provider.baseURL, apiKey: 'gsk-1' }) })
    const { llm } = kernel.sys()
    const asked: Message = { role: 'user', content: 'Well?' }
    const { message } = await llm.chat({ messages: [asked] })
    await llm.chat({ messages: [asked, message, asked] })
    expect(provider.requests[1]?.body['messages']).toMatchObject([
      {},
      { role: 'assistant', content: 'Yes.', reasoning: 'Hm…\n ' },
      {},
    ])
  })

  it('asks for a stream without fields that Groq does not know', async () => {
    const provider = await provided((response) => sse(response, [chunk({ content: 'A' }, 'stop')]))
    await streamed(await opened({ baseURL: provider.baseURL }), HELLO)
    expect(Object.keys(provider.requests[0]?.body ?? {}).sort()).toEqual(['messages', 'model', 'stream'])
  })
})

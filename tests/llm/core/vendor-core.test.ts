/** What is the same of the cores of all vendors, seen from what they send. */
import { createKernel, type LlmDriver } from '@aios/kernel'
import { anthropic } from '@aios/llm/anthropic'
import { google } from '@aios/llm/google'
import { googleGenerativeAi } from '@aios/llm/google-generative-ai'
import { groq } from '@aios/llm/groq'
import { ollama } from '@aios/llm/ollama'
import { openai } from '@aios/llm/openai'
import { vllm } from '@aios/llm/openai-compatible'
import { afterEach, describe, expect, it } from 'vitest'
import { failure } from './asking.js'
import { json, providerPool, type Body } from './provider.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

type Options = Readonly<Record<'baseURL' | 'apiKey', string>> & { readonly capabilities: { readonly schema: boolean } }

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const VENDORS: readonly (readonly [string, (options: Options) => LlmDriver, unknown])[] = [
  ['openai, chat', (options) => openai('m', options), { response_format: { type: 'json_object' } }],
  [
    'openai, responses',
    (options) => openai('m', { ...options, api: 'responses' }),
    { text: { format: { type: 'json_object' } } },
  ],
  ['vllm', (options) => vllm('m', options), { response_format: { type: 'json_object' } }],
  ['groq', (options) => groq('m', options), { response_format: { type: 'json_object' } }],
  ['google', (options) => google('m', options), { generationConfig: { responseMimeType: 'application/json' } }],
  [
    'googleGenerativeAi',
    (options) => googleGenerativeAi('m', options),
    { generationConfig: { responseMimeType: 'application/json' } },
  ],
  ['ollama', (options) => ollama('m', options), { format: 'json' }],
  ['anthropic', (options) => anthropic('m', options), {}],
]

const FIELDS = ['response_format', 'text', 'generationConfig', 'format', 'output_config']

describe.each(VENDORS)('a model of %s that is said to know no schemas', (_, make, wanted) => {
  it('is asked for JSON without one, and told it in the conversation', async () => {
    const provider = await provided((response) => {
      json(response, { error: { message: 'no' } }, { status: 400 })
    })
    const { baseURL } = provider
    const kernel = await createKernel({ llm: make({ baseURL, apiKey: 'k', capabilities: { schema: false } }) })
    const messages = [{ role: 'user' as const, content: 'Where?' }]
    await failure(kernel.sys().llm.chat({ messages, responseFormat: { type: 'json', schema } }))
    await kernel.close()
    const [body] = provider.requests.map((request) => request.body)
    const entries = Object.entries(body as Body).filter(([field]) => FIELDS.includes(field))
    expect(Object.fromEntries(entries)).toEqual(wanted)
    expect(JSON.stringify(body)).toContain('must match this JSON Schema')
  })
})

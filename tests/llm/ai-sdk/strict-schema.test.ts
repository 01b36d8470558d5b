/** What the package `@ai-sdk/openai` sends for a schema. */
import { createOpenAI } from '@ai-sdk/openai'
import type { CoreRequest } from '@aios/kernel'
import { fromAiSdk } from '@aios/llm/ai-sdk'
import { describe, expect, it } from 'vitest'
import { chat, fakeFetch, jsonResponse } from '../core/asking.js'
import { opened } from '../core/opened.js'
import { languageModel, sdkFinish, sdkUsage } from './structural-model.js'

const schema = { type: 'object', properties: { a: { type: 'number' } } }
const ASK: CoreRequest = {
  messages: [{ role: 'user', content: 'One?' }],
  responseFormat: { type: 'json', schema, name: 'answer' },
}

const whole = {
  id: 'c',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: '{}' }, finish_reason: 'stop' }],
}
const response = {
  id: 'r',
  created_at: 1,
  model: 'm',
  output: [
    { type: 'message', role: 'assistant', id: 'i', content: [{ type: 'output_text', text: '{}', annotations: [] }] },
  ],
  usage: { input_tokens: 1, output_tokens: 1 },
}

type Way = 'chat' | 'responses'

async function sent(way: Way, request: CoreRequest, name = 'openai'): Promise<Record<string, unknown>> {
  const { fetch, asked } = fakeFetch(() => jsonResponse(way === 'chat' ? whole : response))
  const provider = createOpenAI({
    apiKey: 'k',
    baseURL: 'http://localhost/v1',
    name,
    fetch,
  })
  const driver = await opened(fromAiSdk(provider[way]('gpt-5')))
  await chat(driver, request)
  return asked[0]!.body
}
async function formatOf(...[way, request, name]: Parameters<typeof sent>): Promise<unknown> {
  const body = await sent(way, request, name)
  return way === 'chat'
    ? (body['response_format'] as { json_schema: unknown }).json_schema
    : (body['text'] as { format: unknown }).format
}

describe.each([
  ['chat', 'openai'],
  ['responses', 'openai'],
  ['chat', 'azure'],
  ['responses', 'azure'],
] as const)('a schema for the %s of %s', (way, name) => {
  const asking = (providerOptions: CoreRequest['providerOptions']): CoreRequest => ({ ...ASK, providerOptions })

  it('is not strict, since OpenAI would refuse what others take', async () => {
    expect(await formatOf(way, ASK, name)).toMatchObject({ name: 'answer', strict: false, schema })
  })

  it('is as strict as the caller says', async () => {
    const strict = asking({ openai: { strictJsonSchema: true } })
    expect(await formatOf(way, strict, name)).toMatchObject({ strict: true })
  })

  it('leaves what else the caller says', async () => {
    const body = await sent(way, asking({ openai: { user: 'ada' } }), name)
    expect(body).toMatchObject({ user: 'ada' })
    expect(JSON.stringify(body)).toContain('"strict":false')
  })
})

describe('a schema for a model on Azure', () => {
  it('is not strict where the caller says something else in the options of Azure', async () => {
    const request = { ...ASK, providerOptions: { azure: { user: 'ada' } } }
    expect(await formatOf('responses', request, 'azure')).toMatchObject({ strict: false })
  })

  it('is strict where the caller says so there', async () => {
    const request = { ...ASK, providerOptions: { azure: { strictJsonSchema: true } } }
    expect(await formatOf('responses', request, 'azure')).toMatchObject({ strict: true })
  })
})

describe('a schema for a model', () => {
  const toldTo = async (spec: 'v2' | 'v3', provider: string): Promise<unknown> => {
    const generate = () => ({ content: [], finishReason: sdkFinish(spec, 'stop'), usage: sdkUsage(spec), warnings: [] })
    const { model, asked } = languageModel({ spec, provider, generate })
    await chat(await opened(fromAiSdk(model)), ASK)
    return asked[0]!.providerOptions
  }

  it.each([
    ['v3', 'mistral.chat'],
    ['v3', 'openaiish.chat'],
    ['v2', 'openai.chat'],
  ] as const)('of %s and %s comes without options that it did not ask for', async (spec, provider) => {
    expect(await toldTo(spec, provider)).toBeUndefined()
  })

  it.each(['openai.responses', 'azure.chat', 'azure-openai.chat', 'openai'])(
    'of %s is not strict',
    async (provider) => {
      expect(await toldTo('v3', provider)).toEqual({ openai: { strictJsonSchema: false } })
    },
  )
})

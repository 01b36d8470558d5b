import { createKernel, type CoreRequest, type LlmDriver } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import {
  deepseek,
  novita,
  openAiCompatible,
  sglang,
  vllm,
  type OpenAiCompatibleOptions,
} from '@aios/llm/openai-compatible'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { chat, failure, HELLO, streamed } from '../core/asking.js'
import { opened } from '../core/opened.js'
import { json, providerPool } from '../core/provider.js'
import { chunk, completion } from '../openai/completions.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  await closeAll()
})

type Make = (baseURL: string) => LlmDriver
const apiKey = 'sk-secret-123456'
const MAKES = {
  deepseek: (baseURL) => deepseek('m', { baseURL, apiKey }),
  vllm: (baseURL) => vllm('m', { baseURL }),
  sglang: (baseURL) => sglang('m', { baseURL }),
  novita: (baseURL) => novita('m', { baseURL, apiKey }),
} satisfies Record<string, Make>

async function facing(make: Make, content = 'Hi.') {
  const { baseURL, requests } = await provided((response) => json(response, completion({ content })))
  return { driver: await opened(make(baseURL)), requests }
}

/** Returns what a core sends for a request. */
async function sent(make: Make, request: Partial<CoreRequest>): Promise<Record<string, unknown>> {
  const { driver, requests } = await facing(make)
  await chat(driver, { ...HELLO, ...request })
  return requests[0]!.body
}

describe('presets', () => {
  it.each<[keyof typeof MAKES, NonNullable<CoreRequest['reasoning']>, object]>([
    ['deepseek', 'none', { thinking: { type: 'disabled' } }],
    ['deepseek', 'low', { thinking: { type: 'enabled' }, reasoning_effort: 'low' }],
    ['vllm', 'none', { chat_template_kwargs: { enable_thinking: false } }],
    ['vllm', 'minimal', { chat_template_kwargs: { enable_thinking: true }, reasoning_effort: 'low' }],
    ['sglang', 'high', { chat_template_kwargs: { enable_thinking: true }, reasoning_effort: 'high' }],
    ['novita', 'none', { enable_thinking: false }],
    ['novita', 'medium', { enable_thinking: true }],
  ])('tell %s to think as hard as %s in its own words', async (name, reasoning, wanted) => {
    expect(await sent(MAKES[name], { reasoning })).toMatchObject(wanted)
  })

  it('bound the length by the field that these servers know', async () => {
    for (const make of Object.values(MAKES))
      expect(await sent(make, { maxOutputTokens: 9 })).toMatchObject({ max_tokens: 9 })
  })

  it('ask Novita for reasoning apart from the answer', async () => {
    expect(await sent(MAKES.novita, {})).toMatchObject({ separate_reasoning: true })
  })

  it('send a schema where the server keeps to one, and JSON mode where not', async () => {
    const responseFormat = { type: 'json', schema: { type: 'object' }, name: 'point' } as const
    for (const name of ['vllm', 'sglang', 'novita'] as const)
      expect(await sent(MAKES[name], { responseFormat })).toMatchObject({
        response_format: { type: 'json_schema', json_schema: { name: 'point' } },
      })
    expect((await sent(MAKES.deepseek, { responseFormat }))['response_format']).toEqual({ type: 'json_object' })
  })

  it('say what was left out', async () => {
    const { driver, requests } = await facing(MAKES.deepseek)
    const reply = await chat(driver, { ...HELLO, seed: 7 })
    expect(reply.warnings).toEqual([{ setting: 'seed', message: 'The server does not take seed; it was left out.' }])
    expect(requests[0]?.body).not.toHaveProperty('seed')
  })

  it('name their provider to routers, to provider options and in errors', async () => {
    for (const [name, make] of Object.entries(MAKES)) {
      const { baseURL } = await provided((response) => json(response, { error: { message: 'No.' } }, { status: 404 }))
      const driver = await opened(make(baseURL))
      expect(driver.backend).toBe(name)
      expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_NOT_FOUND', details: { provider: name } })
      expect(await sent(make, { providerOptions: { [name]: { top_k: 3 }, openai: { top_k: 9 } } })).toMatchObject({
        top_k: 3,
      })
    }
  })

  it('says how a key gets to a server of any name, where one was refused', async () => {
    const { baseURL } = await provided((response) => json(response, { error: { message: 'No.' } }, { status: 401 }))
    const { message } = await failure(chat(await opened(openAiCompatible('m', { name: 'own', baseURL, apiKey }))))
    expect(message).toMatch(/Check the key: the option apiKey\.$/)
  })

  it('go on with the beginning of an answer as each server is asked to', async () => {
    const messages: CoreRequest['messages'] = [...HELLO.messages, { role: 'assistant', content: 'Once' }]
    expect(await sent(MAKES.vllm, { messages })).toMatchObject({
      continue_final_message: true,
      add_generation_prompt: false,
    })
    expect(await sent(MAKES.sglang, { messages })).toMatchObject({ continue_final_message: true })
    const beta: Make = (baseURL) => deepseek('m', { baseURL, apiKey, resume: 'prefix' })
    expect((await sent(beta, { messages }))['messages']).toMatchObject([{}, { role: 'assistant', prefix: true }])
    expect(JSON.stringify(await sent(MAKES.novita, { messages }))).not.toContain('prefix')
    expect([MAKES.vllm, MAKES.sglang, MAKES.deepseek, MAKES.novita].map((make) => make('http://h/v1').resume)).toEqual([
      'prefix',
      'prefix',
      'none',
      'none',
    ])
  })

  it('return reasoning to the server that it came from, between tool calls', async () => {
    const { baseURL, requests } = await provided((response) =>
      json(response, completion({ content: 'Hi.', reasoning_content: 'Hm.' })),
    )
    const driver = await opened(MAKES.deepseek(baseURL))
    const { parts } = await chat(driver)
    await chat(driver, { messages: [...HELLO.messages, { role: 'assistant', content: parts }, ...HELLO.messages] })
    expect(requests[1]?.body['messages']).toMatchObject([{}, { content: 'Hi.', reasoning_content: 'Hm.' }, {}])
  })

  it('read keys and places from the environment', async () => {
    const { baseURL, requests } = await provided((response) => json(response, completion({ content: 'Hi.' })))
    for (const [name, make] of Object.entries({ deepseek, vllm, sglang, novita })) {
      vi.stubEnv(`${name.toUpperCase()}_API_KEY`, `sk-of-${name}`)
      vi.stubEnv(`${name.toUpperCase()}_BASE_URL`, baseURL)
      const driver = await opened(make('m'))
      await chat(driver)
      expect(requests.at(-1)?.headers.authorization).toBe(`Bearer sk-of-${name}`)
    }
  })

  it.each([
    ['deepseek', 'set DEEPSEEK_API_KEY'],
    ['novita', 'set NOVITA_API_KEY'],
  ] as const)('insist on a key for %s', async (name, message) => {
    const make = { deepseek, novita }[name]
    const failed = await failure(Promise.resolve(make('m').open?.(fakeDriverServices())))
    expect(failed).toMatchObject({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(message) as unknown })
  })

  it('answer llm.json through the conversation where there is no schema mode', async () => {
    const { driver, requests } = await facing(MAKES.deepseek, '{"x":1}')
    await driver.close?.()
    const kernel = await createKernel({ llm: driver })
    const asked = { ...HELLO, schema: z.object({ x: z.number() }) }
    expect((await kernel.sys().llm.json(asked)).value).toEqual({ x: 1 })
    expect(JSON.stringify(requests[0]?.body['messages'])).toContain('JSON Schema')
    await kernel.close()
  })
})

describe('openAiCompatible', () => {
  const quirky =
    (quirks: OpenAiCompatibleOptions['quirks']): Make =>
    (baseURL) =>
      openAiCompatible('m', { name: 'mine', baseURL, quirks })

  it('sends no key where there is none', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-of-openai')
    const { driver, requests } = await facing((baseURL) => openAiCompatible('m', { name: 'mine', baseURL }))
    await chat(driver)
    expect(requests[0]?.headers.authorization).toBeUndefined()
  })

  it.each<[OpenAiCompatibleOptions['quirks'], Partial<CoreRequest>, object]>([
    [{ lengthField: 'max_completion_tokens' }, { maxOutputTokens: 3 }, { max_completion_tokens: 3 }],
    [undefined, { maxOutputTokens: 3 }, { max_tokens: 3 }],
    [undefined, { reasoning: 'low' }, { reasoning_effort: 'low' }],
    [{ reasoning: 'chat_template' }, { reasoning: 'low' }, { chat_template_kwargs: { enable_thinking: true } }],
    [{ reasoning: 'enable_thinking' }, { reasoning: 'none' }, { enable_thinking: false }],
    [{ schema: false }, { responseFormat: { type: 'json', schema: {} } }, { response_format: { type: 'json_object' } }],
  ])('takes the quirks %j for %j', async (quirks, request, wanted) => {
    expect(await sent(quirky(quirks), request)).toMatchObject(wanted)
  })

  it('says that a server which cannot be told to think was not told', async () => {
    const { driver, requests } = await facing(quirky({ reasoning: 'none' }))
    expect((await chat(driver, { ...HELLO, reasoning: 'high' })).warnings).toMatchObject([{ setting: 'reasoning' }])
    expect(JSON.stringify(requests[0]?.body)).not.toContain('high')
  })

  it('streams', async () => {
    const { baseURL } = await provided((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const each of [chunk({ content: 'Hi' }), chunk({}, 'stop')])
        response.write(`data: ${JSON.stringify(each)}\n\n`)
      response.end('data: [DONE]\n\n')
    })
    const driver = await opened(quirky({})(baseURL))
    expect((await streamed(driver)).at(-1)).toMatchObject({ type: 'finish', finish: { unified: 'stop' } })
  })

  it.each([
    [{ baseURL: 'http://h/v1' }, 'for "name", got undefined'],
    [{ name: 'mine' }, 'for "baseURL", got a value of type undefined'],
    [{ name: 'mine', baseURL: 'h' }, 'for "baseURL", got a string of 1 characters'],
    [{ name: 'mine', baseURL: 'http://h/v1', quirks: { shema: true } }, 'got "shema"'],
  ])('refuses %j', (options, message) => {
    expect(() => openAiCompatible('m', options as OpenAiCompatibleOptions)).toThrow(message)
  })
})

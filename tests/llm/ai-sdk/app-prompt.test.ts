/** What an app hands to the kernel, and what of it reaches a model of the AI SDK behind that. */
import { createKernel, type Kernel } from '@aios/kernel'
import { fromAiSdk, toAiSdk, type AiSdkSpec } from '@aios/llm/ai-sdk'
import { scriptedCore } from '@aios/llm/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { failure } from '../core/asking.js'
import { languageModel, sdkFinish, sdkUsage, type Fields } from './structural-model.js'

const SPECS: readonly AiSdkSpec[] = ['v2', 'v3', 'v4']
const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
})

/** Sends a prompt through a kernel to a model of a specification, and returns how it arrives. */
async function arrived(prompt: readonly Fields[], from: AiSdkSpec, to: AiSdkSpec) {
  const answer = { content: [], finishReason: sdkFinish(to, 'stop'), usage: sdkUsage(to) }
  const { model, asked } = languageModel({ spec: to, supportedUrls: { '*/*': [/./] }, generate: () => answer })
  const kernel = await createKernel({ llm: fromAiSdk(model) })
  kernels.push(kernel)
  await toAiSdk(kernel, { specification: from }).doGenerate({ prompt: prompt as never })
  return asked[0]!.prompt
}

const result = (output: Fields, more: Fields = {}) => ({
  type: 'tool-result',
  toolCallId: 'c1',
  toolName: 'look',
  output,
  ...more,
})
const TEXT = { type: 'text', text: 'A cat:' }
const PICTURE: Readonly<Record<AiSdkSpec, Fields>> = {
  v2: { type: 'media', mediaType: 'image/png', data: 'AQI=' },
  v3: { type: 'image-data', mediaType: 'image/png', data: 'AQI=' },
  v4: { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AQI=' } },
}

describe.each(SPECS)('to a model of %s', (to) => {
  it.each(SPECS)('a picture in the result of a tool comes as one from an app of %s', async (from) => {
    const prompt = [{ role: 'tool', content: [result({ type: 'content', value: [TEXT, PICTURE[from]] })] }]
    const [message] = await arrived(prompt, from, to)
    expect(message!['content']).toEqual([result({ type: 'content', value: [TEXT, PICTURE[to]] })])
  })

  it('what it has no word for in the result of a tool comes as JSON', async () => {
    const value = [TEXT, { type: 'hologram', id: 'h' }]
    const [message] = await arrived([{ role: 'tool', content: [result({ type: 'content', value })] }], 'v4', to)
    expect(message!['content']).toEqual([result({ type: 'json', value })])
  })

  it.each([
    [
      { type: 'text', value: 'Fine.' },
      { type: 'text', value: 'Fine.' },
    ],
    [
      { type: 'json', value: { a: [1, null] } },
      { type: 'json', value: { a: [1, null] } },
    ],
    [
      { type: 'error-text', value: 'No.' },
      { type: 'error-text', value: 'No.' },
    ],
    [
      { type: 'error-json', value: { code: 1 } },
      { type: 'error-json', value: { code: 1 } },
    ],
    [
      { type: 'execution-denied', reason: 'Not now.' },
      { type: 'error-text', value: 'Not now.' },
    ],
    [
      { type: 'content', value: [TEXT, TEXT] },
      { type: 'text', value: 'A cat:A cat:' },
    ],
  ])('the result %j comes as %j', async (sent, expected) => {
    const options = { providerOptions: { test: { cache: true } } }
    const [message] = await arrived([{ role: 'tool', content: [result(sent, options)] }], to, to)
    expect(message!['content']).toEqual([result(expected, options)])
  })

  it('tools that another conversation had its provider run come as they were', async () => {
    const content = [
      { type: 'tool-call', toolCallId: 's1', toolName: 'web', input: { q: 'x' }, providerExecuted: true },
      { type: 'tool-result', toolCallId: 's1', toolName: 'web', output: { type: 'json', value: { hits: 1 } } },
      { type: 'text', text: 'Found.' },
    ]
    const [message] = await arrived([{ role: 'assistant', content }], to, to)
    expect(message!['content']).toEqual(content)
  })

  it('files come with their bytes, their names and their addresses', async () => {
    const url = new URL('https://example.org/a.png')
    const data = (bytes: unknown, tag: string): unknown => (to === 'v4' ? { type: tag, [tag]: bytes } : bytes)
    const content = [
      { type: 'file', mediaType: 'image/png', data: data(Uint8Array.of(1, 2), 'data'), filename: 'a.png' },
      { type: 'file', mediaType: 'image/png', data: data('AQI=', 'data') },
      { type: 'file', mediaType: 'image/png', data: data(url, 'url') },
    ]
    const [message] = await arrived([{ role: 'user', content }], to, to)
    expect(message!['content']).toEqual(content)
  })
})

const HI = { prompt: [{ role: 'user', content: [TEXT] }] }

it('says what of a call was left out', async () => {
  const core = scriptedCore(['Hello!'])
  const kernel = await createKernel({ llm: core })
  kernels.push(kernel)
  const schema = { type: 'object' }
  const { warnings } = await toAiSdk(kernel).doGenerate({
    ...HI,
    topK: 1,
    headers: { 'User-Agent': 'ai', 'x-a': 'b' },
    includeRawChunks: true,
    reasoning: 'xhigh',
    tools: [
      { type: 'function', name: 'add', inputSchema: schema, strict: true },
      { type: 'function', name: 'sub', inputSchema: schema, strict: undefined },
      { type: 'provider', id: 'x.web', name: 'web', args: {} },
    ],
  })
  expect(warnings.map(({ feature }) => feature)).toEqual([
    'topK',
    'headers',
    'includeRawChunks',
    'tools',
    'tools',
    'reasoning',
  ])
  expect(warnings[3]).toMatchObject({ details: expect.stringMatching(/strict of the tool "add"/) as unknown })
  expect(core.requests[0]).toMatchObject({ reasoning: 'high', tools: [{ name: 'add' }, { name: 'sub' }] })
})

it.each([
  [{ role: 'poet', content: [TEXT] }, /"poet"/],
  [
    { role: 'user', content: [{ type: 'file', mediaType: 'a/b', data: { type: 'reference', reference: { x: 'f' } } }] },
    /bytes or the address/,
  ],
])('refuses what cannot be said to a kernel: %j', async (message, expected) => {
  const kernel = await createKernel({ llm: scriptedCore(['Hello!']) })
  kernels.push(kernel)
  const error = await failure<unknown>(toAiSdk(kernel).doGenerate({ prompt: [message] }))
  expect(error).toMatchObject({ statusCode: 400, isRetryable: false, cause: { code: 'AIOS_LLM_BAD_REQUEST' } })
  expect(String(error)).toMatch(expected)
})

import { createOpenAI } from '@ai-sdk/openai'
import { compatible4 } from '@aios/ground-ai-sdk'
import { startAimock } from '@aios/ground-aimock'
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import { fromAiSdk } from '@aios/llm/ai-sdk'
import { groq } from '@aios/llm/groq'
import { openai } from '@aios/llm/openai'
import type { LlmGround, LlmScenario } from '@aios/llm/testing'
import { wireFailure, wireName, wireUsage } from '../llm/openai/ground.js'
import { AIMOCK_GAPS } from './aimock-gaps.js'
import { proveBackend } from './backend.js'

type Mock = Awaited<ReturnType<typeof startAimock>>['mock']

const FINISH = { length: 'length', 'content-filter': 'content_filter' } as const

function rehearse(mock: Mock, { tokens = [], toolCalls = [], ...scenario }: LlmScenario): void {
  if (scenario.failure !== undefined) {
    const { status, headers, error } = wireFailure(scenario.failure)
    const { code, ...rest } = error
    const retryAfter = headers['retry-after'] === undefined ? {} : { retryAfter: Number(headers['retry-after']) }
    mock.on({}, { status, ...retryAfter, error: { ...rest, ...(code === null ? {} : { code }) } })
    return
  }
  const calls = toolCalls.map(({ name, inputText }) => ({ name: wireName(name), arguments: inputText }))
  const answer = {
    ...(calls.length === 0
      ? { content: tokens.join('') }
      : tokens.length === 0
        ? { toolCalls: calls }
        : { content: tokens.join(''), toolCalls: calls }),
    ...(scenario.reasoning === undefined ? {} : { reasoning: scenario.reasoning }),
    ...(scenario.finish === undefined ? {} : { finishReason: FINISH[scenario.finish] }),
    ...(scenario.usage === undefined ? {} : { usage: wireUsage(scenario.usage) }),
  }
  // With a moment between chunks, all but the last have left when the connection goes.
  const dropped = { chunkSize: 5, truncateAfterChunks: 4, latency: 2 }
  mock.on({}, answer, scenario.ending === 'drop' ? dropped : { chunkSize: 3 })
}

const groundOf = (make: (roots: { readonly url: string; readonly baseURL: string }) => LlmDriver): LlmGround => ({
  cannot: ['silent-usage', 'detailed-usage', 'hang', 'cut'],
  async stage(scenario) {
    const { mock, baseURL, close } = await startAimock()
    rehearse(mock, scenario)
    const driver = make({ url: mock.url, baseURL })
    await driver.open?.(fakeDriverServices())
    const requests = () => mock.getRequests().length
    return {
      driver,
      requests,
      received: () => Promise.resolve(),
      released: () => Promise.resolve(),
      async close() {
        await driver.close?.()
        await close()
      },
    }
  },
})

const apiKey = 'sk-conformance'
const aimock = { over: 'aimock', because: AIMOCK_GAPS }

proveBackend(
  { core: 'openai()', ...aimock },
  groundOf(({ baseURL }) => openai('test-1', { baseURL, apiKey })),
)

/** Groq tells the usage of a stream to everybody, in a place of its own. */
const beyond = { 'reported usage is passed on': 'aimock tells the usage of a stream to those alone who ask for it' }
proveBackend(
  { core: 'groq()', ...aimock, beyond },
  groundOf(({ url }) => groq('test-1', { baseURL: url, apiKey })),
)
proveBackend(
  {
    core: 'fromAiSdk()',
    over: '@ai-sdk/openai 3 (v3) and aimock',
    because: AIMOCK_GAPS,
    beyond: {
      'reasoning is kept apart from the text': 'the chat completions of OpenAI, and of the package, have no reasoning',
    },
  },
  groundOf(({ baseURL }) => fromAiSdk(createOpenAI({ baseURL, apiKey }).chat('test-1'))),
)
proveBackend(
  { core: 'fromAiSdk()', over: '@ai-sdk/openai-compatible 3 (v4) and aimock', because: AIMOCK_GAPS },
  groundOf(({ baseURL }) => fromAiSdk(compatible4({ name: 'test', baseURL, apiKey, includeUsage: true })('test-1'))),
)

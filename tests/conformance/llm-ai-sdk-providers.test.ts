import { createOpenAI } from '@ai-sdk/openai'
import { compatible2, compatible3, compatible4, createAnthropic, createAnthropic4 } from '@aios/ground-ai-sdk'
import { fromAiSdk } from '@aios/llm/ai-sdk'
import type { LlmGround } from '@aios/llm/testing'
import { playScenario as playMessages } from '../llm/anthropic/ground.js'
import { playScenario as playChat } from '../llm/openai/ground.js'
import { playScenario as playResponses } from '../llm/openai/responses/ground.js'
import { providerGround } from '../llm/core/provider-ground.js'
import { proveBackend } from './backend.js'

const model = { name: 'test', apiKey: 'k' }
const chat = (make: Parameters<typeof providerGround>[1]): LlmGround => providerGround(playChat, make)
/** Without numbers an answer of Anthropic is none for its package. */
const messages = (make: Parameters<typeof providerGround>[1]): LlmGround =>
  providerGround((scenario) => playMessages({ usage: { input: 1, output: 1 }, ...scenario }), make, ['silent-usage'])
const beyond = {
  'arguments that are no JSON are kept and marked, never thrown':
    'the package writes as JSON what the provider says is an object',
}
const because = { 'silent-usage': 'the package takes no answer without usage' }

proveBackend(
  { core: 'fromAiSdk()', over: '@ai-sdk/openai-compatible 1 (v2)' },
  chat((baseURL) => fromAiSdk(compatible2({ ...model, baseURL, includeUsage: true })('test-1'))),
)
proveBackend(
  { core: 'fromAiSdk()', over: '@ai-sdk/openai-compatible 2 (v3)' },
  chat((baseURL) => fromAiSdk(compatible3({ ...model, baseURL, includeUsage: true })('test-1'))),
)
proveBackend(
  { core: 'fromAiSdk()', over: '@ai-sdk/openai-compatible 3 (v4)' },
  chat((baseURL) => fromAiSdk(compatible4({ ...model, baseURL, includeUsage: true })('test-1'))),
)
proveBackend(
  { core: 'fromAiSdk()', over: '@ai-sdk/anthropic 3 (v3)', because, beyond },
  messages((baseURL) => fromAiSdk(createAnthropic({ apiKey: 'k', baseURL })('test-1'))),
)
proveBackend(
  { core: 'fromAiSdk()', over: '@ai-sdk/anthropic 4 (v4)', because, beyond },
  messages((baseURL) => fromAiSdk(createAnthropic4({ apiKey: 'k', baseURL })('test-1'))),
)
const silent = {
  'reasoning is kept apart from the text': 'the chat completions of OpenAI, and of the package, have no reasoning',
}
proveBackend(
  { core: 'fromAiSdk()', over: '@ai-sdk/openai 3 (v3), chat completions', beyond: silent },
  chat((baseURL) => fromAiSdk(createOpenAI({ apiKey: 'k', baseURL }).chat('test-1'))),
)
proveBackend(
  { core: 'fromAiSdk()', over: '@ai-sdk/openai 3 (v3), responses', because },
  providerGround(
    (scenario) => playResponses({ usage: { input: 1, output: 1 }, ...scenario }),
    (baseURL) => fromAiSdk(createOpenAI({ apiKey: 'k', baseURL })('test-1')),
    ['silent-usage'],
  ),
)

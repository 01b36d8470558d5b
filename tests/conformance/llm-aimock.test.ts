import { createOpenAI } from '@ai-sdk/openai'
import { compatible4 } from '@aios/ground-ai-sdk'
import { fromAiSdk } from '@aios/llm/ai-sdk'
import { groq } from '@aios/llm/groq'
import { openai } from '@aios/llm/openai'
import { wireUsage } from '../llm/openai/ground.js'
import { AIMOCK_GAPS, aimockGround, chatFailure, type MockedVendor } from './aimock-ground.js'
import { proveBackend } from './backend.js'

const groundOf = (make: MockedVendor['make']) =>
  aimockGround({ make, failure: chatFailure, usage: wireUsage, dropsAfter: 4 })

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

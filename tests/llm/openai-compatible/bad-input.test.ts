import { deepseek, novita, openAiCompatible, sglang, vllm } from '@aios/llm/openai-compatible'
import { badInput, places, type BadVendor } from '../core/bad-input.js'
import { hostileAnswer } from '../core/hostile-answer.js'
import type { Body } from '../core/provider.js'
import { badChat } from '../openai/bad-chat.js'

const key = 'sk-secret-1234567890'
const message = 'As the case demands.'

/** The words of a server: a body for each status. Codes are none of OpenAI's, so that the status alone speaks. */
function refusals(body: (status: number) => Body): BadVendor['refusals'] {
  return {
    'wrong key': { status: 401, body: body(401), code: 'AIOS_LLM_AUTH' },
    'unknown model': { status: 404, body: body(404), code: 'AIOS_LLM_NOT_FOUND' },
    // Nothing but words tells it from any other bad request.
    'context overflow': { status: 400, body: body(400), code: 'AIOS_LLM_BAD_REQUEST' },
  }
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  404: 'NotFoundError',
}
const typed = (code: number): Body => ({ error: { message, type: TYPES[code], param: null, code } })

const VENDORS = [
  badChat({
    title: 'deepseek()',
    key,
    make: (urls) => deepseek('test-1', places(urls, key)),
    refusals: {
      ...refusals(() => ({ error: { message, type: 'invalid_request_error', code: 'invalid_request_error' } })),
      'wrong key': {
        status: 401,
        body: { error: { message, type: 'authentication_error', param: null, code: 'invalid_request_error' } },
        code: 'AIOS_LLM_AUTH',
      },
      // DeepSeek answers 400 to a model that it does not have.
      'unknown model': {
        status: 400,
        body: { error: { message, type: 'invalid_request_error', param: null, code: 'invalid_request_error' } },
        code: 'AIOS_LLM_BAD_REQUEST',
      },
    },
  }),
  badChat({
    title: 'vllm()',
    key,
    make: (urls) => vllm('test-1', places(urls, key)),
    // The middleware that checks keys has a shape of its own.
    refusals: {
      ...refusals(typed),
      'wrong key': { status: 401, body: { error: 'Unauthorized' }, code: 'AIOS_LLM_AUTH' },
    },
    frames: [
      [typed(400), 'AIOS_LLM_BAD_REQUEST'],
      [{ error: { message, type: 'InternalServerError', code: 500 } }, 'AIOS_LLM_SERVER'],
    ],
  }),
  badChat({
    title: 'sglang()',
    key,
    isMute: true,
    make: (urls) => sglang('test-1', places(urls, key)),
    refusals: {
      ...refusals((code) => ({ object: 'error', message, type: TYPES[code], param: null, code })),
      'wrong key': { status: 401, body: { error: 'Unauthorized' }, code: 'AIOS_LLM_AUTH' },
    },
    frames: [[{ error: { message, type: 'InternalServerError', code: 500 } }, 'AIOS_LLM_SERVER']],
  }),
  badChat({
    title: 'novita()',
    key,
    isMute: true,
    make: (urls) => novita('test-1', places(urls, key)),
    refusals: refusals((code) => ({ code, reason: 'AS_IT_IS', message, metadata: {} })),
    limited: { code: 429, reason: 'RATE_LIMIT_EXCEEDED', message, metadata: {} },
  }),
]

for (const vendor of VENDORS) badInput(vendor)
// The presets differ in what they send: what comes back is read by one reader.
hostileAnswer(
  badChat({
    title: 'openAiCompatible()',
    key,
    make: (urls) => openAiCompatible('test-1', { name: 'own', baseURL: urls[0]!, apiKey: key }),
  }),
)

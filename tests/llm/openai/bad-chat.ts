/** Chat completions, for the list of bad input. */
import type { BadVendor, Saying } from '../core/bad-input.js'
import type { Body } from '../core/provider.js'
import { chunk, completion } from './completions.js'

type Own = Pick<BadVendor, 'title' | 'key' | 'make'> & Partial<BadVendor>

const error = (fields: Body): Body => ({ error: { message: 'As the case demands.', param: null, ...fields } })

function events({ text = [], calls = [] }: Saying): Body[] {
  const finish = calls.length > 0 ? 'tool_calls' : 'stop'
  return [
    chunk({ role: 'assistant', content: '' }),
    ...text.map((content) => chunk({ content })),
    ...calls.flatMap(({ name, args }, index) => [
      chunk({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] }),
      chunk({ tool_calls: [{ index, function: { arguments: args } }] }),
    ]),
    chunk({}, finish),
    { ...chunk({}), choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
  ]
}

function whole({ text = [], calls = [] }: Saying): Body {
  const said = calls.map(({ name, args }, index) => ({
    id: `call_${index}`,
    type: 'function',
    function: { name, arguments: args },
  }))
  const message = { content: text.join('') || null, ...(said.length > 0 ? { tool_calls: said } : {}) }
  return completion(message, said.length > 0 ? 'tool_calls' : 'stop')
}

/** A server of chat completions, in OpenAI's words where its own are not given. */
export const badChat = (own: Own): BadVendor => ({
  contentType: 'text/event-stream',
  isStreamed: ({ body }) => body['stream'] === true,
  frame: (event, newline) => `data: ${JSON.stringify(event)}${newline}${newline}`,
  mark: 'data: [DONE]\n\n',
  whole,
  events,
  closing: 2,
  refusals: {
    'wrong key': {
      status: 401,
      body: error({ type: 'invalid_request_error', code: 'invalid_api_key' }),
      code: 'AIOS_LLM_AUTH',
    },
    'unknown model': {
      status: 404,
      body: error({ type: 'invalid_request_error', code: 'model_not_found' }),
      code: 'AIOS_LLM_NOT_FOUND',
    },
    'context overflow': {
      status: 400,
      body: error({ type: 'invalid_request_error', code: 'context_length_exceeded', param: 'messages' }),
      code: 'AIOS_LLM_CONTEXT_OVERFLOW',
    },
    'request that a filter refuses': {
      status: 400,
      body: error({ type: null, code: 'content_filter', param: 'prompt' }),
      code: 'AIOS_LLM_CONTENT_FILTER',
    },
  },
  filter: {
    whole: completion({ content: '' }, 'content_filter'),
    events: [chunk({ content: 'On' }), chunk({}, 'content_filter')],
  },
  limited: error({ type: 'requests', code: 'rate_limit_exceeded' }),
  overloaded: error({ type: 'server_error', code: null }),
  frames: [
    [error({ type: 'server_error', code: null }), 'AIOS_LLM_SERVER'],
    [error({ type: 'requests', code: 'rate_limit_exceeded' }), 'AIOS_LLM_RATE_LIMIT'],
    [error({ type: 'x', code: 503 }), 'AIOS_LLM_OVERLOADED'],
  ],
  malformed: 'kept',
  // Pieces have no number, so that one sent twice is no other than one that says the same again.
  isRepeatable: ({ choices }) => {
    const [choice] = choices as readonly { readonly delta: Body }[]
    return choice === undefined || ['content', 'tool_calls'].every((name) => !choice.delta[name])
  },
  ...own,
})

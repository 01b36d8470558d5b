import { ollama } from '@aios/llm/ollama'
import { badInput, places, type BadVendor, type Saying } from '../core/bad-input.js'
import { hostileAnswer } from '../core/hostile-answer.js'
import type { Body } from '../core/provider.js'
import { called, done, line } from './lines.js'

const key = 'ollama-secret-1234567890'
const refused: Body = { error: 'As the case demands.' }

function argsOf(args: string): unknown {
  try {
    return JSON.parse(args) as unknown
  } catch {
    // Ollama itself has arguments as an object; a server that hands on what a model wrote has not.
    return args
  }
}

const callsOf = ({ calls = [] }: Saying): Body =>
  calls.length === 0
    ? {}
    : { tool_calls: calls.map(({ name, args }, n) => called(name, argsOf(args), { id: `call_${n}` })) }

const vendor: BadVendor = {
  title: 'ollama()',
  key,
  make: (urls) =>
    ollama('test-1', {
      discover: false,
      ...places(
        urls.map((url) => new URL(url).origin),
        key,
      ),
    }),
  contentType: 'application/x-ndjson',
  isStreamed: ({ body }) => body['stream'] === true,
  frame: (event, newline) => `${JSON.stringify(event)}${newline}`,
  mark: '',
  whole: (saying) => done({ content: (saying.text ?? []).join(''), ...callsOf(saying) }),
  events: (saying) => [
    ...(saying.text ?? []).map((content) => line({ content })),
    ...(saying.calls === undefined ? [] : [line(callsOf(saying))]),
    done(),
  ],
  closing: 1,
  refusals: {
    'wrong key': { status: 401, body: refused, code: 'AIOS_LLM_AUTH' },
    'unknown model': { status: 404, body: refused, code: 'AIOS_LLM_NOT_FOUND' },
    // Nothing but words tells it from any other bad request.
    'context overflow': { status: 400, body: refused, code: 'AIOS_LLM_BAD_REQUEST' },
  },
  // Ollama has no filter; a gateway before it may have.
  filter: {
    status: 400,
    body: { error: { message: 'As the case demands.', code: 'content_filter' } },
    code: 'AIOS_LLM_CONTENT_FILTER',
  },
  limited: refused,
  overloaded: refused,
  frames: [
    [refused, 'AIOS_LLM_SERVER'],
    [{ error: { message: 'As the case demands.', code: 'rate_limit_exceeded' } }, 'AIOS_LLM_RATE_LIMIT'],
  ],
  page: 'AIOS_LLM_SERVER',
  malformed: 'kept',
  isRepeatable: (event) => event['done'] === true,
}
badInput(vendor)
hostileAnswer(vendor)

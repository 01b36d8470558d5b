/** Gemini's API, for the list of bad input. */
import { places, type BadVendor, type Saying } from '../core/bad-input.js'
import type { Body } from '../core/provider.js'
import { KEY, rootOf, type CORES } from './cores.js'
import { generated, isStreamed, refusal } from './generated.js'

function argsOf(args: string): unknown {
  try {
    return JSON.parse(args) as unknown
  } catch {
    // The API itself cannot say this; a server that hands on what a model wrote can.
    return args
  }
}

const callParts = ({ calls = [] }: Saying): Body[] =>
  calls.map(({ name, args }, n) => ({ functionCall: { id: `fc_${n}`, name, args: argsOf(args) } }))

const END = generated({ parts: [{ text: '' }], finish: 'STOP', usage: { promptTokenCount: 3, totalTokenCount: 5 } })
const reason = (name: string): Body => ({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: name })

export const badGemini = (title: string, make: (typeof CORES)[number][1], own: Partial<BadVendor> = {}): BadVendor => ({
  title,
  key: KEY,
  make: (urls) =>
    make(
      'gemini-2.5-flash',
      places(
        urls.map((baseURL) => rootOf({ baseURL })),
        KEY,
      ),
    ),
  contentType: 'text/event-stream',
  isStreamed: ({ url }) => isStreamed(url),
  frame: (event, newline) => `data: ${JSON.stringify(event)}${newline}${newline}`,
  mark: '',
  whole: (saying) => {
    const text = (saying.text ?? []).join('')
    return generated({ parts: [...(text === '' ? [] : [{ text }]), ...callParts(saying)], finish: 'STOP' })
  },
  events: (saying) => [
    ...(saying.text ?? []).map((text) => generated({ parts: [{ text }] })),
    ...callParts(saying).map((part) => generated({ parts: [part] })),
    END,
  ],
  closing: 1,
  refusals: {
    'wrong key': {
      status: 400,
      body: refusal(400, { status: 'INVALID_ARGUMENT', details: [reason('API_KEY_INVALID')] }),
      code: 'AIOS_LLM_AUTH',
    },
    'unknown model': { status: 404, body: refusal(404, { status: 'NOT_FOUND' }), code: 'AIOS_LLM_NOT_FOUND' },
    // Google has no name for it: only the words tell it from any other bad request.
    'context overflow': {
      status: 400,
      body: refusal(400, { status: 'INVALID_ARGUMENT' }),
      code: 'AIOS_LLM_BAD_REQUEST',
    },
  },
  filter: {
    whole: generated({ parts: [{ text: 'On' }], finish: 'SAFETY' }),
    events: [generated({ parts: [{ text: 'On' }] }), generated({ finish: 'SAFETY' })],
  },
  limited: refusal(429, { status: 'RESOURCE_EXHAUSTED' }),
  limitedFor: (seconds) =>
    refusal(429, {
      status: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }],
    }),
  overloaded: refusal(529, {}),
  frames: [
    [refusal(503, { status: 'UNAVAILABLE' }), 'AIOS_LLM_OVERLOADED'],
    [refusal(429, { status: 'RESOURCE_EXHAUSTED' }), 'AIOS_LLM_RATE_LIMIT'],
    [refusal(500, { status: 'INTERNAL' }), 'AIOS_LLM_SERVER'],
    [{ promptFeedback: { blockReason: 'SAFETY' } }, 'AIOS_LLM_CONTENT_FILTER'],
  ],
  malformed: 'kept',
  // Text has no number, so that a piece sent twice is no other than one that says the same again.
  isRepeatable: (event) => !JSON.stringify(event).includes('"text":"') || event === END,
  ...own,
})

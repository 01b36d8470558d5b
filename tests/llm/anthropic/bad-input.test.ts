import { anthropic } from '@aios/llm/anthropic'
import { badInput, places, type BadVendor, type Saying } from '../core/bad-input.js'
import { hostileAnswer } from '../core/hostile-answer.js'
import type { Body } from '../core/provider.js'
import { closes, concludes, frame, message, opens, piece, refusal, said, start, text } from './messages.js'

const key = 'sk-ant-secret-1234567890'

function inputOf(args: string): unknown {
  try {
    return JSON.parse(args) as unknown
  } catch {
    // The API itself cannot say this; a server that hands on what a model wrote can.
    return args
  }
}

const block = (name: string, n: number, input: unknown): Body => ({ type: 'tool_use', id: `toolu_${n}`, name, input })
const reason = ({ calls = [] }: Saying): string => (calls.length > 0 ? 'tool_use' : 'end_turn')

function eventsOf(saying: Saying): Body[] {
  const { text: pieces = [], calls = [] } = saying
  const before = pieces.length === 0 ? 0 : 1
  return [
    start(),
    ...(before === 0 ? [] : said(0, ...pieces)),
    ...calls.flatMap(({ name, args }, n) => [
      opens(before + n, block(name, n, {})),
      piece(before + n, { type: 'input_json_delta', partial_json: args }),
      closes(before + n),
    ]),
    ...concludes(reason(saying)),
  ]
}

const REPEATABLE = new Set(['ping', 'content_block_start', 'content_block_stop', 'message_delta', 'message_stop'])

const vendor: BadVendor = {
  title: 'anthropic()',
  key,
  make: (urls) => anthropic('test-1', places(urls, key)),
  contentType: 'text/event-stream',
  isStreamed: ({ body }) => body['stream'] === true,
  frame,
  mark: '',
  whole: (saying) => {
    const { text: pieces = [], calls = [] } = saying
    const content = [
      ...(pieces.length === 0 ? [] : [text(pieces.join(''))]),
      ...calls.map(({ name, args }, n) => block(name, n, inputOf(args))),
    ]
    return message(content, reason(saying))
  },
  events: eventsOf,
  closing: 2,
  refusals: {
    'wrong key': { status: 401, body: refusal('authentication_error'), code: 'AIOS_LLM_AUTH' },
    'unknown model': { status: 404, body: refusal('not_found_error'), code: 'AIOS_LLM_NOT_FOUND' },
    'context overflow': { status: 413, body: refusal('request_too_large'), code: 'AIOS_LLM_CONTEXT_OVERFLOW' },
  },
  filter: { whole: message([text('On')], 'refusal'), events: [start(), ...said(0, 'On'), ...concludes('refusal')] },
  limited: refusal('rate_limit_error'),
  overloaded: refusal('overloaded_error'),
  frames: [
    [refusal('overloaded_error'), 'AIOS_LLM_OVERLOADED'],
    [refusal('api_error'), 'AIOS_LLM_SERVER'],
    [refusal('rate_limit_error'), 'AIOS_LLM_RATE_LIMIT'],
  ],
  malformed: 'kept',
  seesResults: true,
  isRepeatable: ({ type }) => REPEATABLE.has(String(type)),
}
badInput(vendor)
hostileAnswer(vendor)

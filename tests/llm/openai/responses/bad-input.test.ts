import { openai } from '@aios/llm/openai'
import { badInput, places, type Saying } from '../../core/bad-input.js'
import { hostileAnswer } from '../../core/hostile-answer.js'
import type { Body } from '../../core/provider.js'
import { badChat } from '../bad-chat.js'
import { events, frame, functionCall, message, response } from './events.js'

const key = 'sk-secret-1234567890'
const error = { code: 'rate_limit_exceeded', message: 'As the case demands.' }
const outputOf = ({ text = [], calls = [] }: Saying): Body[] => [
  ...(text.length === 0 ? [] : [message(text.join(''))]),
  ...calls.map(({ name, args }, n) => functionCall(name, args, n)),
]
const filtered = response([message('On')], {
  status: 'incomplete',
  incomplete_details: { reason: 'content_filter' },
})

const vendor = badChat({
  title: 'openai() by responses',
  key,
  make: (urls) => openai('test-1', { api: 'responses', ...places(urls, key) }),
  frame,
  mark: '',
  whole: (saying) => response(outputOf(saying)),
  events: (saying) => events(outputOf(saying)),
  closing: 2,
  seesResults: true,
  filter: { whole: filtered, events: events([message('On')], filtered) },
  frames: [
    [{ type: 'error', ...error }, 'AIOS_LLM_RATE_LIMIT'],
    [{ type: 'response.failed', response: response([], { status: 'failed', error }) }, 'AIOS_LLM_RATE_LIMIT'],
    [{ error: { type: 'server_error', message: 'As the case demands.' } }, 'AIOS_LLM_SERVER'],
  ],
  // Servers number their events carelessly, so that a delta that is sent twice is said twice.
  isRepeatable: ({ type }) => !String(type).endsWith('.delta'),
})
badInput(vendor)
hostileAnswer(vendor)

import { groq } from '@aios/llm/groq'
import { badInput, places } from '../core/bad-input.js'
import { hostileAnswer } from '../core/hostile-answer.js'
import { badChat } from '../openai/bad-chat.js'

const key = 'gsk-secret-1234567890'
const vendor = badChat({
  title: 'groq()',
  key,
  make: (urls) => groq('test-1', places(urls, key)),
  limited: { error: { message: 'As the case demands.', type: 'tokens', code: 'rate_limit_exceeded' } },
})
badInput(vendor)
hostileAnswer(vendor)

import { openai } from '@aios/llm/openai'
import { badInput, places } from '../core/bad-input.js'
import { hostileAnswer } from '../core/hostile-answer.js'
import { badChat } from './bad-chat.js'

const key = 'sk-secret-1234567890'
const vendor = badChat({ title: 'openai()', key, make: (urls) => openai('test-1', places(urls, key)) })
badInput(vendor)
hostileAnswer(vendor)

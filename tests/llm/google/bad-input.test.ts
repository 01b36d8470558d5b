import { google } from '@aios/llm/google'
import { badInput } from '../core/bad-input.js'
import { hostileAnswer } from '../core/hostile-answer.js'
import { badGemini } from '../gemini/bad-gemini.js'

const vendor = badGemini('google()', google, { page: 'AIOS_LLM_SERVER' })
badInput(vendor)
hostileAnswer(vendor)

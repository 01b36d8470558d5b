import { googleGenerativeAi } from '@aios/llm/google-generative-ai'
import { badInput } from '../core/bad-input.js'
import { hostileAnswer } from '../core/hostile-answer.js'
import { badGemini } from '../gemini/bad-gemini.js'

// The package takes no `fetch`, so that nothing stands between it and the bytes.
const own = { page: 'AIOS_LLM_NETWORK', longest: 4 }
const vendor = badGemini('googleGenerativeAi()', googleGenerativeAi, own)
badInput(vendor)
hostileAnswer(vendor)

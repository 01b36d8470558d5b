import { groq } from '@aios/llm/groq'
import { llmConformance } from '@aios/llm/testing'
import { describe, it } from 'vitest'
import { chatGroundOf } from '../llm/openai/ground.js'

const ground = chatGroundOf((baseURL) => groq('test-1', { baseURL, apiKey: 'gsk-conformance' }))

describe('groq() over our own provider', () => {
  for (const { name, run } of llmConformance(ground)) it(name, run)
})

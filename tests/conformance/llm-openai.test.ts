import { llmConformance } from '@aios/llm/testing'
import { describe, it } from 'vitest'
import { openAiGround } from '../llm/openai/ground.js'

describe('openai() over our own provider', () => {
  for (const { name, run } of llmConformance(openAiGround)) it(name, run)
})

import { llmConformance } from '@aios/llm/testing'
import { describe, it } from 'vitest'
import { CORES, geminiGround } from '../llm/gemini/cores.js'

describe.each(CORES)('%s over our own provider', (_name, core) => {
  for (const { name, run } of llmConformance(geminiGround(core))) it(name, run)
})

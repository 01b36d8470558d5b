import { deepseek, novita, openAiCompatible, sglang, vllm } from '@aios/llm/openai-compatible'
import { llmConformance } from '@aios/llm/testing'
import { describe, it } from 'vitest'
import { chatGroundOf } from '../llm/openai/ground.js'

const apiKey = 'sk-conformance'
const CORES = {
  deepseek: (baseURL: string) => deepseek('test-1', { baseURL, apiKey }),
  'deepseek with a prefix': (baseURL: string) => deepseek('test-1', { baseURL, apiKey, resume: 'prefix' }),
  vllm: (baseURL: string) => vllm('test-1', { baseURL }),
  sglang: (baseURL: string) => sglang('test-1', { baseURL }),
  novita: (baseURL: string) => novita('test-1', { baseURL, apiKey }),
  openAiCompatible: (baseURL: string) => openAiCompatible('test-1', { name: 'mine', baseURL }),
}

for (const [name, make] of Object.entries(CORES)) {
  describe(`${name} over our own provider`, () => {
    for (const { name: behaviour, run } of llmConformance(chatGroundOf(make))) it(behaviour, run)
  })
}

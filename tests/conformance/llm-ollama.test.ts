import { llmConformance } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { ollamaGround } from '../llm/ollama/ground.js'

/** What no Ollama server can say: it has no filter that ends an answer. */
const UNSAID = ['an answer that ended for content-filter says so']

describe('ollama() over our own provider', () => {
  const cases = llmConformance(ollamaGround)
  for (const { name, run } of cases) if (!UNSAID.includes(name)) it(name, run)

  it('is put to every case but the one that no server can play', () => {
    expect(cases.filter(({ name }) => UNSAID.includes(name)).length).toBe(UNSAID.length)
  })
})

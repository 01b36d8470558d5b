import { llmConformance } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { openAiGround, openAiGroundOf } from '../llm/openai/ground.js'

describe('openai() over our own provider', () => {
  for (const { name, run } of llmConformance(openAiGround)) it(name, run)
})

describe('openai({ resume }) over a provider that continues a message', () => {
  const leftOut: string[] = []
  const ground = { ...openAiGroundOf({ resume: 'prefix' }), leftOut: (name: string) => void leftOut.push(name) }
  for (const { name, run } of llmConformance(ground)) it(name, run)

  it('was put to all but the case of saved state', () => {
    expect(leftOut).toEqual([expect.stringContaining('saved after any part')])
  })
})

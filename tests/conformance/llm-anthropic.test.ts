import { llmConformance } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { anthropicGround, anthropicGroundOf } from '../llm/anthropic/ground.js'

describe('anthropic() over our own provider', () => {
  for (const { name, run } of llmConformance(anthropicGround)) it(name, run)
})

describe('anthropic({ resume }) over a provider that continues a message', () => {
  const leftOut: string[] = []
  const ground = { ...anthropicGroundOf({ resume: 'prefix' }), leftOut: (name: string) => void leftOut.push(name) }
  for (const { name, run } of llmConformance(ground)) it(name, run)

  it('was put to all but the case of saved state', () => {
    expect(leftOut).toEqual([expect.stringContaining('saved after any part')])
  })
})

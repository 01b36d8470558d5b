import { priority, roundRobin } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { ageingStep } from '../../../../packages/kernel/src/scheduler/policies/ageing.js'

describe('ageingMs', () => {
  it('is 10 seconds where nothing is given', () => {
    expect([ageingStep({}), ageingStep({ ageingMs: 5 }), ageingStep({ ageingMs: Infinity })]).toEqual([
      10_000,
      5,
      Infinity,
    ])
  })

  it.each([[0], [-1], [NaN], ['10'], [null]])('is no %s', (ageingMs) => {
    for (const policy of [priority, roundRobin]) {
      expect(() => policy({ ageingMs } as never)).toThrow(
        expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringMatching(/above 0/) as string }),
      )
    }
  })

  it('is the only option: unknown keys are rejected', () => {
    expect(() => roundRobin({ ageing: 10 } as never)).toThrow(
      /only the keys ageingMs, quantumMs, quantumTokens, got "ageing" in roundRobin\(\)/,
    )
  })
})

import { describe, expect, it } from 'vitest'
import { checkOptions, option } from '../../../packages/kernel/src/option/check-options.js'
import { RATE_LIMIT_FIELDS } from '../../../packages/kernel/src/limiter/rate-limits.js'

const check = (limits: unknown): void => {
  checkOptions('main', limits, option.object(RATE_LIMIT_FIELDS))
}

describe('RATE_LIMIT_FIELDS', () => {
  it('takes any number above 0, and nothing at all', () => {
    check({})
    check({ rpm: 0.5, tpm: 600_000, tokensPerDay: 1e9, usdPerDay: 0.01, burst: 1 })
    check({ rpm: undefined })
  })

  it.each(['rpm', 'tpm', 'tokensPerDay', 'usdPerDay'])('refuses a %s that is no number above 0', (name) => {
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', null]) {
      expect(() => {
        check({ [name]: value })
      }).toThrow(`Expected a number above 0 for "${name}"`)
    }
  })

  it('refuses a burst above a whole minute', () => {
    for (const burst of [0, 1.01, -0.5, Number.NaN]) {
      expect(() => {
        check({ burst })
      }).toThrow('Expected a number above 0 and at most 1 for "burst"')
    }
  })

  it('refuses what it does not know', () => {
    expect(() => {
      check({ tmp: 5 })
    }).toThrow('tmp')
  })
})

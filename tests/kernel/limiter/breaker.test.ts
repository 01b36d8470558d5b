import { AiosError } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { Breaker, verdictOf } from '../../../packages/kernel/src/limiter/breaker.js'

const down = new AiosError('AIOS_LLM_SERVER', 'down')
const [first, second] = [{}, {}]

function tripped(): Breaker {
  const breaker = new Breaker({ failures: 1, openMs: 1_000, giveUpMs: 5_000 })
  expect(breaker.failed(first, down, 0)).toBe(1)
  return breaker
}

describe('a breaker', () => {
  it('keeps nobody waiting while it has not tripped, and gives nobody up', () => {
    const breaker = new Breaker({})
    expect([breaker.tripped, breaker.waitMs(0), breaker.givesUpInMs(0)]).toEqual([false, 0, Number.POSITIVE_INFINITY])
    expect(breaker.answered(() => 0)).toBeUndefined()
    breaker.started(first)
    breaker.released(first)
    for (let failure = 1; failure < 5; failure += 1) expect(breaker.failed({}, down, 0)).toBeUndefined()
    expect(breaker.failed({}, down, 0)).toBe(5)
  })

  it('sends one probe at a time, and another when one ends of which nothing was heard', () => {
    const breaker = tripped()
    expect(breaker.waitMs(400)).toBe(600)
    breaker.started(first)
    expect(breaker.waitMs(2_000)).toBe(Number.POSITIVE_INFINITY)
    breaker.released(second)
    expect(breaker.waitMs(2_000)).toBe(Number.POSITIVE_INFINITY)
    breaker.released(first)
    expect(breaker.waitMs(2_000)).toBe(0)
  })

  it('waits twice as long after a probe that failed, not after a late call that did', () => {
    const breaker = tripped()
    breaker.started(second)
    expect(breaker.failed(first, down, 1_000)).toBeUndefined()
    expect(breaker.waitMs(1_000)).toBe(Number.POSITIVE_INFINITY)
    expect(breaker.failed(second, down, 1_000)).toBeUndefined()
    expect(breaker.waitMs(1_000)).toBe(2_000)
    expect([breaker.givesUpInMs(1_000), breaker.givesUpInMs(9_000)]).toEqual([4_000, 0])
    expect(breaker.answered(() => 9_500)).toBe(9_500)
    expect(breaker.tripped).toBe(false)
  })

  it('tells what the provider failed with last to whom it turns away, and when to come again', () => {
    const breaker = tripped()
    expect(breaker.refusal('Core a', 500)).toMatchObject({
      code: 'AIOS_LLM_SERVER',
      retryable: true,
      retryAfterMs: 500,
    })
    breaker.started(first)
    expect(breaker.refusal('Core a', 500).message).toMatch(/^Core a has not answered for 1 s.*down/)
  })

  it('counts as down only what says that nobody answered', () => {
    expect([verdictOf(down), verdictOf(new AiosError('AIOS_LLM_AUTH', 'x')), verdictOf(new Error('x'))]).toEqual([
      'down',
      'answered',
      'neither',
    ])
  })
})

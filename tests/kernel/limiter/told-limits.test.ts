import { describe, expect, it } from 'vitest'
import { Limiter, type TakenCost } from '../../../packages/kernel/src/limiter/limiter.js'

const COST = { tokens: 100, usd: 0 }
const HEADERS = { limitRequests: 10, resetRequestsMs: 1_000, limitTokens: 1_000, resetTokensMs: 1_000 }

/** A limiter whose provider told at time 0 that all of 10 requests and 1,000 tokens is left. */
function told() {
  const limiter = new Limiter({}, 'core main')
  const observe = (left: number, taken: TakenCost | undefined, now: number): void => {
    const signal = { kind: 'headers' as const, ...HEADERS, remainingRequests: left, remainingTokens: 100 * left }
    limiter.observe(signal, now, { taken, others: 0, othersTokens: () => 0 })
  }
  observe(10, undefined, 0)
  const send = (now: number): TakenCost => {
    expect(limiter.reserve(COST, now)).toBe(0)
    return limiter.stamp(COST)
  }
  /** Sends as many as may go. */
  const sendAll = (now: number): TakenCost[] => {
    const sent: TakenCost[] = []
    while (sent.length < 100 && limiter.waitMs(COST, 1, now) === 0) sent.push(send(now))
    return sent
  }
  return { limiter, observe, send, sendAll }
}

describe('a limit that a provider told', () => {
  it('comes back without the calls that are still on their way', () => {
    const { limiter, send, sendAll } = told()
    const [answered] = [send(1_100), send(1_200), send(1_200)]
    limiter.settle(answered, { tokens: 50, usd: 0 }, 1_220)
    expect(sendAll(1_250)).toHaveLength(8)
  })

  it('comes back whole once they were answered or not sent', () => {
    const { limiter, send, sendAll } = told()
    const [answered, unsent] = [send(1_200), send(1_200)]
    limiter.settle(answered, COST, 1_220)
    limiter.giveBack(unsent, 1_220)
    expect(sendAll(1_250)).toHaveLength(10)
  })

  it('does not grow by the word of a call that overtook others', () => {
    const { observe, sendAll } = told()
    const sent = sendAll(0)
    expect(sent).toHaveLength(10)
    observe(9, sent.at(-1), 150)
    expect(sendAll(150)).toEqual([])
  })
})

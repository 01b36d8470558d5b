import { describe, expect, it } from 'vitest'
import { AnswerRefusal } from '../../../packages/llm/src/gemini/answer-refusal.js'
import { geminiFault } from '../../../packages/llm/src/gemini/fault.js'

const refused = (body: Record<string, unknown>, headers?: Headers) =>
  geminiFault(new AnswerRefusal({ status: 429, body, headers }), 0)

describe('geminiFault', () => {
  it.each([
    ['34.4s', 34_400],
    ['34.074824224s', 34_075],
    ['0s', 0],
  ])('reads a delay of %s', (retryDelay, retryAfterMs) => {
    expect(refused({ details: [{}, { retryDelay }] })).toMatchObject({ said: { retryAfterMs } })
  })

  it('believes the body before the header, and no delay it cannot read', () => {
    const headers = new Headers({ 'retry-after': '7' })
    expect(refused({ details: [{ retryDelay: '2s' }] }, headers)).toMatchObject({ said: { retryAfterMs: 2_000 } })
    for (const details of [[{ retryDelay: 'soon' }], [{ retryDelay: 5 }], 'x', undefined]) {
      expect(refused({ details }, headers)).toMatchObject({ said: { retryAfterMs: 7_000 } })
      expect(refused({ details })).toMatchObject({ said: undefined })
    }
  })

  it('names what machines may read, the most exact first', () => {
    const details = [{ reason: 'API_KEY_INVALID' }, { violations: [{}, { quotaId: 'PerDay' }] }]
    expect(refused({ status: 'INVALID_ARGUMENT', code: 400, details })).toMatchObject({
      kind: 'refusal',
      names: ['API_KEY_INVALID', 'INVALID_ARGUMENT', 400],
      details: { code: 'INVALID_ARGUMENT', reason: 'API_KEY_INVALID', quotaId: 'PerDay' },
    })
  })

  it('knows when the money is gone', () => {
    const fault = (status: number) => geminiFault(new AnswerRefusal({ status, body: {}, headers: undefined }), 0)
    expect(fault(402)).toMatchObject({ isExhausted: true })
    expect(fault(429)).toMatchObject({ isExhausted: false })
  })

  it('takes what is no answer for the connection, or for garbage', () => {
    expect(geminiFault(new TypeError('fetch failed'), 0)).toEqual({ kind: 'network' })
    expect(geminiFault(new SyntaxError('no JSON'), 0)).toEqual({ kind: 'garbled' })
  })
})

import type { RateSignal } from '@aios/kernel/driver'
import { retryAfterMs } from '../core/retry-after.js'
import { tokenCount } from '../core/token-count.js'

interface Allowance {
  readonly limit: number | undefined
  readonly remaining: number | undefined
  readonly resetMs: number | undefined
}

function count(text: string | null): number | undefined {
  return text === null || text.trim() === '' ? undefined : tokenCount(Number(text))
}

function untilReset(text: string | null, now: number): number | undefined {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function allowanceOf(headers: Headers, what: string, now: number): Allowance {
  const read = (name: string): string | null => headers.get(`anthropic-ratelimit-${what}-${name}`)
  return { limit: count(read('limit')), remaining: count(read('remaining')), resetMs: untilReset(read('reset'), now) }
}

/** What is used up decides; otherwise `tokens`, which the API gives for the tightest of its limits. */
function tokenAllowance(headers: Headers, now: number): Allowance | undefined {
  const all = ['tokens', 'input-tokens', 'output-tokens'].map((what) => allowanceOf(headers, what, now))
  return all.find(({ remaining }) => remaining === 0) ?? all.find(({ remaining }) => remaining !== undefined)
}

/**
 * Reads what Anthropic says about its limits: `anthropic-ratelimit-WHAT-limit`, `…-remaining` and `…-reset` of `requests`,
 * `tokens`, `input-tokens` and `output-tokens`, the reset as a time of RFC 3339 (API reference, "Rate limits"), and
 * `retry-after`. What cannot be read counts as not said.
 *
 * @param headers - of the answer, if there was one
 * @param now - milliseconds since the epoch
 * @returns undefined if the server said nothing
 */
export function anthropicRates(headers: Headers | undefined, now: number): Omit<RateSignal, 'kind'> | undefined {
  if (headers === undefined) return undefined
  const requests = allowanceOf(headers, 'requests', now)
  const tokens = tokenAllowance(headers, now)
  const said = {
    remainingRequests: requests.remaining,
    remainingTokens: tokens?.remaining,
    limitRequests: requests.limit,
    limitTokens: tokens?.limit,
    resetRequestsMs: requests.resetMs,
    resetTokensMs: tokens?.resetMs,
    retryAfterMs: retryAfterMs(headers, now),
  }
  return Object.values(said).every((value) => value === undefined) ? undefined : said
}

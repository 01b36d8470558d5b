import type { RateSignal } from '@aios/kernel/driver'
import { retryAfterMs } from './retry-after.js'

const UNIT_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001,
}

const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|[smhd]))+$/
const PIECE = /(\d+(?:\.\d+)?)(ns|us|µs|ms|[smhd])/g

/** Reads a number from 0; an empty header is none. */
function count(text: string | null): number | undefined {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text)
  return value >= 0 && Number.isFinite(value) ? value : undefined
}

/** Reads a duration as OpenAI writes it (`6m0s`, `20ms`), or a bare number of seconds as some others do. */
function duration(text: string | null): number | undefined {
  const seconds = count(text)
  if (seconds !== undefined) return seconds * 1_000
  const trimmed = text?.trim() ?? ''
  if (!DURATION.test(trimmed)) return undefined
  let sum = 0
  for (const [, amount, unit] of trimmed.matchAll(PIECE)) sum += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0)
  return sum
}

/**
 * Reads what a server says about its limits: `x-ratelimit-limit-…`, `x-ratelimit-remaining-…` and `x-ratelimit-reset-…` of
 * `requests` and `tokens` (OpenAI's API reference, "Rate limits"; Azure, Groq and others send the same), and
 * {@link retryAfterMs}. What cannot be read counts as not said.
 *
 * @param headers - of the answer, if there was one
 * @param now - milliseconds since the epoch
 * @returns undefined if the server said nothing
 */
export function rateHeaders(headers: Headers | undefined, now: number): Omit<RateSignal, 'kind'> | undefined {
  if (headers === undefined) return undefined
  const read = (name: string): string | null => headers.get(`x-ratelimit-${name}`)
  const said = {
    remainingRequests: count(read('remaining-requests')),
    remainingTokens: count(read('remaining-tokens')),
    limitRequests: count(read('limit-requests')),
    limitTokens: count(read('limit-tokens')),
    resetRequestsMs: duration(read('reset-requests')),
    resetTokensMs: duration(read('reset-tokens')),
    retryAfterMs: retryAfterMs(headers, now),
  }
  return Object.values(said).every((value) => value === undefined) ? undefined : said
}

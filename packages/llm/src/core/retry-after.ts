const seconds = (text: string | null): number => (text === null || text.trim() === '' ? Number.NaN : Number(text))

/**
 * Reads how long a provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date
 * (RFC 9110, 10.2.3).
 *
 * @param headers - of the answer, if there was one
 * @param now - milliseconds since the epoch
 * @returns milliseconds, 0 or more, or undefined if the provider did not say
 */
export function retryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  if (headers === undefined) return undefined
  const text = headers.get('retry-after')
  const waits = [seconds(headers.get('retry-after-ms')), seconds(text) * 1_000, Date.parse(text ?? '') - now]
  const wait = waits.find((ms) => Number.isFinite(ms))
  return wait === undefined ? undefined : Math.max(0, wait)
}

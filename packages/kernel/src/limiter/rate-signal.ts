/**
 * Is what a provider said about its limits, as a driver read it. `headers`: what an answer told of what is left.
 * `overload`: the provider refused (HTTP 429, 503, 529), perhaps with the same headers. What was not said is missing.
 */
export interface RateSignal {
  readonly kind: 'headers' | 'overload'
  /** Requests and tokens that may still be sent now; 0 or more. */
  readonly remainingRequests?: number | undefined
  readonly remainingTokens?: number | undefined
  /** What `remaining…` is when nothing has been used. */
  readonly limitRequests?: number | undefined
  readonly limitTokens?: number | undefined
  /** Milliseconds until everything is there again. */
  readonly resetRequestsMs?: number | undefined
  readonly resetTokensMs?: number | undefined
  /** Milliseconds for which the provider wants to hear nothing. */
  readonly retryAfterMs?: number | undefined
}

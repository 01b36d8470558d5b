import { SlidingSum } from './sliding-sum.js'
import { TokenBucket } from './token-bucket.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/**
 * Milliseconds by which calls may arrive at the provider closer together than they left: what leaves 60 s apart would
 * otherwise meet there within its 60 s.
 */
const JITTER_MS = 250
/** How long amounts count together, in milliseconds: 0.6 % of a minute and 0.35 % of a day are given up for it. */
const MINUTE_SLOT_MS = 100
const DAY_SLOT_MS = 300_000

/** Milliseconds for which a provider's rate is heeded after it was last told. */
const BELIEVED_MS = 60_000
const UNPACED = { perMs: Number.POSITIVE_INFINITY, forMs: 0 }

/** Is what a provider told of one kind of amount. */
interface ProviderSaid {
  readonly left: number
  /** What is left when nothing was used. */
  readonly limit: number | undefined
  /** Milliseconds until that much is left. */
  readonly resetMs: number | undefined
}

/** Is what a {@link RateMeter} is made of. */
interface MeterParts {
  readonly limit: number
  readonly window: SlidingSum
  readonly bucket: TokenBucket | undefined
}

/** Counts one kind of amount, such as tokens, against its limit. Times are milliseconds that never go back, from 0. */
export class RateMeter {
  /** Most in one window. */
  readonly limit: number
  readonly #window: SlidingSum
  readonly #bucket: TokenBucket | undefined

  private constructor({ limit, window, bucket }: MeterParts) {
    this.limit = limit
    this.#window = window
    this.#bucket = bucket
  }

  /**
   * Makes a meter of what may be used in any minute. A limit below `least`, such as half a request, is counted over as
   * many minutes as bring it to that.
   */
  static perMinute(limit: number, { burst, least }: { readonly burst: number; readonly least: number }): RateMeter {
    const minutes = Math.max(1, least / limit)
    return new RateMeter({
      limit: Math.max(limit, least),
      window: new SlidingSum(minutes * MINUTE_MS + JITTER_MS, MINUTE_SLOT_MS * minutes),
      bucket: new TokenBucket({ capacity: Math.max(least, limit * burst), perMinute: limit }),
    })
  }

  /** Makes a meter of what may be used in any 24 hours. */
  static perDay(limit: number): RateMeter {
    return new RateMeter({ limit, window: new SlidingSum(DAY_MS, DAY_SLOT_MS), bucket: undefined })
  }

  /** Returns the milliseconds until an amount fits; `Infinity` if it never does. */
  waitMs(amount: number, now: number): number {
    return Math.max(this.#bucket?.waitMs(amount, now) ?? 0, this.#window.msUntil(this.limit - amount, now))
  }

  /** Takes an amount. */
  take(amount: number, now: number): void {
    this.#bucket?.take(amount, now)
    this.#window.add(amount, now, now)
  }

  /** Takes more, or gives back, for what was taken at an earlier time. */
  correct(amount: number, at: number, now: number): void {
    this.#bucket?.take(amount, now)
    // What was used beyond a reservation that has left the window still counts; what was not used then does not.
    if (!this.#window.add(amount, at, now) && amount > 0) this.#window.add(amount, now, now)
  }

  /** Sets the part of its rate at which it goes on. */
  setShare(share: number, now: number): void {
    this.#bucket?.setShare(share, now)
  }

  /** Lowers it to what the provider says is left, and to the rate at which that says it grows. */
  lower({ left, limit, resetMs }: ProviderSaid, now: number): void {
    const missing = (limit ?? 0) - left
    const isPaced = resetMs !== undefined && resetMs > 0 && missing > 0
    const pace = isPaced ? { perMs: missing / resetMs, forMs: Math.min(resetMs, BELIEVED_MS) } : UNPACED
    this.#bucket?.lower(left, pace, now)
  }

  /** Empties it: the provider refused. */
  drain(now: number): void {
    this.#bucket?.lower(0, UNPACED, now)
  }
}

import { OverloadShare } from './overload-share.js'
import { DEFAULT_BURST, type RateLimits } from './rate-limits.js'
import { RateMeter } from './rate-meter.js'
import type { RateSignal } from './rate-signal.js'
import { ReportedMeter, type Report } from './reported-meter.js'
import { SteadyTime } from './steady-time.js'

/** Is what a call costs its provider: tokens in and out, US dollars. Every call is one request besides. */
export interface RateCost {
  readonly tokens: number
  readonly usd: number
}

/** Is what a call reserved. */
export interface TakenCost extends RateCost {
  /** The `time` of its limiter when it was reserved. */
  readonly at: number
  /** {@link ReportedMeter.taken} of requests and tokens, where the provider told of them. */
  readonly requestsBefore?: number | undefined
  readonly tokensBefore?: number | undefined
}

/** Is about which call a provider spoke. */
export interface Answered {
  /** What the call reserved; undefined if it was sent before anybody told of limits. */
  readonly taken: TakenCost | undefined
  /** Other calls that are with the provider, and the tokens they may use. */
  readonly others: number
  othersTokens(): number
}

/** Longest that a provider's word to wait is taken at, in milliseconds: after it, one may ask whether it still holds. */
export const MAX_RETRY_AFTER_MS = 60_000

/**
 * Holds calls back so that a provider never has to refuse one: reserves an estimate when a call starts, settles with what
 * it used, and learns from what the provider says.
 *
 * Guarantees for the amounts reserved, or used where that was settled lower: no 60 seconds hold more than `rpm` requests
 * or `tpm` tokens, even if calls reach the provider up to 250 ms later than others; no 24 hours hold more than
 * `tokensPerDay` or `usdPerDay`. Within that, `burst` of a minute's amount may go at once, and the rest flows evenly. What
 * holds for every 60 seconds also holds for a provider that counts calendar minutes, or by a token bucket of a minute's
 * amount. Under saturation 99.4 % of a minute's limit is used.
 *
 * It has no clock and no timers; `now` may jump back.
 */
export class Limiter {
  readonly #owner: string
  readonly #requests: RateMeter | undefined
  readonly #tokens: RateMeter | undefined
  readonly #dayTokens: RateMeter | undefined
  readonly #dayUsd: RateMeter | undefined
  /** What the provider says is left, where nobody gave a limit. */
  #reportedRequests: ReportedMeter | undefined = undefined
  #reportedTokens: ReportedMeter | undefined = undefined
  readonly #overload = new OverloadShare()
  readonly #steady = new SteadyTime()
  #time = 0
  #opensAt = 0

  /** @param owner - who is limited, for messages, such as `core main` */
  constructor({ rpm, tpm, tokensPerDay, usdPerDay, burst = DEFAULT_BURST }: RateLimits, owner: string) {
    this.#owner = owner
    this.#requests = rpm === undefined ? undefined : RateMeter.perMinute(rpm, { burst, least: 1 })
    this.#tokens = tpm === undefined ? undefined : RateMeter.perMinute(tpm, { burst, least: 0 })
    this.#dayTokens = tokensPerDay === undefined ? undefined : RateMeter.perDay(tokensPerDay)
    this.#dayUsd = usdPerDay === undefined ? undefined : RateMeter.perDay(usdPerDay)
  }

  /** The limiter's own time at its last use, in milliseconds; that of the `at` of what was taken. */
  get time(): number {
    return this.#time
  }

  /** Whether anything depends on the tokens or the price of a call. */
  get counts(): boolean {
    return (
      this.#reportedTokens !== undefined ||
      this.#tokens !== undefined ||
      this.#dayTokens !== undefined ||
      this.#dayUsd !== undefined
    )
  }

  /** Returns a cost with no more tokens than may ever be used: one that turns out larger than it looked must not wait for ever. */
  bounded({ tokens, usd }: RateCost): RateCost {
    const most = Math.min(
      this.#tokens?.limit ?? Number.POSITIVE_INFINITY,
      this.#dayTokens?.limit ?? Number.POSITIVE_INFINITY,
    )
    return { tokens: Math.min(tokens, most), usd: Math.min(usd, this.#dayUsd?.limit ?? Number.POSITIVE_INFINITY) }
  }

  /** Reserves one request and its cost, all or nothing. Returns 0, or the milliseconds after which to ask again: at least 1, `Infinity` for what is {@link Limiter.impossible}. */
  reserve(cost: RateCost, now: number): number {
    const waitMs = this.waitMs(cost, 1, now)
    if (waitMs > 0) return waitMs
    const time = this.#time
    this.#requests?.take(1, time)
    this.#tokens?.take(cost.tokens, time)
    this.#reportedRequests?.take(1, time)
    this.#reportedTokens?.take(cost.tokens, time)
    this.#dayTokens?.take(cost.tokens, time)
    this.#dayUsd?.take(cost.usd, time)
    return 0
  }

  /** Returns what was just reserved, to be settled later. */
  stamp(cost: RateCost): TakenCost {
    const requestsBefore = this.#reportedRequests?.taken
    const tokensBefore = this.#reportedTokens?.taken
    return { ...cost, at: this.#time, requestsBefore, tokensBefore }
  }

  /** Returns what {@link Limiter.reserve} would for so many requests with a cost together, and reserves nothing. */
  waitMs(cost: RateCost, requests: number, now: number): number {
    const time = this.#advance(now)
    const meters = this.#metersWaitMs(cost, requests, time)
    // While the rate is cut, a wait shortens as it grows again.
    const waitMs = Math.max(this.#opensAt - time, Math.min(meters, this.#overload.growsIn(time)))
    // Fractions of a millisecond would make a timer fire too early, over and over.
    return waitMs > 0 ? Math.ceil(waitMs) : 0
  }

  /** Undoes a reservation of what was not sent in the end, its request too. */
  giveBack(reserved: TakenCost, now: number): void {
    const time = this.#advance(now)
    this.#requests?.correct(-1, reserved.at, time)
    this.#reportedRequests?.giveBack(1, reserved.requestsBefore, time)
    this.#reportedTokens?.giveBack(reserved.tokens, reserved.tokensBefore, time)
    this.settle(reserved, { tokens: 0, usd: 0 }, now)
  }

  /** Replaces what a call reserved by what it used; an amount that is no number from 0 leaves what was reserved. */
  settle(reserved: TakenCost, actual: RateCost, now: number): void {
    const time = this.#advance(now)
    const tokens = isAmount(actual.tokens) ? actual.tokens - reserved.tokens : 0
    const usd = isAmount(actual.usd) ? actual.usd - reserved.usd : 0
    this.#tokens?.correct(tokens, reserved.at, time)
    this.#dayTokens?.correct(tokens, reserved.at, time)
    this.#dayUsd?.correct(usd, reserved.at, time)
    if (reserved.requestsBefore !== undefined) this.#reportedRequests?.answered(reserved.requestsBefore)
    if (reserved.tokensBefore !== undefined) this.#reportedTokens?.answered(reserved.tokensBefore)
  }

  /**
   * Learns from what the provider said; what is no number from 0 counts as not said. Limits that were given can only be
   * lowered by it; where none was given, what the provider says is left is the limit.
   */
  observe(signal: RateSignal, now: number, answered?: Answered): void {
    const time = this.#advance(now)
    if (signal.kind === 'overload') this.#refused(time)
    const { retryAfterMs, remainingRequests, limitRequests, resetRequestsMs } = signal
    if (isAmount(retryAfterMs))
      this.#opensAt = Math.max(this.#opensAt, time + Math.min(retryAfterMs, MAX_RETRY_AFTER_MS))
    if (isAmount(remainingRequests))
      this.#requests?.lower({ left: remainingRequests, limit: limitRequests, resetMs: resetRequestsMs }, time)
    const { remainingTokens, limitTokens, resetTokensMs } = signal
    if (isAmount(remainingTokens))
      this.#tokens?.lower({ left: remainingTokens, limit: limitTokens, resetMs: resetTokensMs }, time)
    if (answered !== undefined) this.#believe(signal, time, answered)
  }

  #believe(signal: RateSignal, time: number, { taken, others, othersTokens }: Answered): void {
    const requests = reportOf(signal.remainingRequests, signal.limitRequests, signal.resetRequestsMs)
    if (this.#requests === undefined && requests !== undefined) {
      if (this.#reportedRequests === undefined) this.#reportedRequests = new ReportedMeter(requests, others, time)
      else this.#reportedRequests.report(requests, taken?.requestsBefore, time)
    }
    const tokens = reportOf(signal.remainingTokens, signal.limitTokens, signal.resetTokensMs)
    if (this.#tokens === undefined && tokens !== undefined) {
      if (this.#reportedTokens === undefined) this.#reportedTokens = new ReportedMeter(tokens, othersTokens(), time)
      else this.#reportedTokens.report(tokens, taken?.tokensBefore, time)
    }
  }

  /** Returns the part of its concurrency and rates, from 1/64 to 1, that the provider bears at present. */
  share(now: number): number {
    return this.#overload.at(this.#advance(now))
  }

  /** Says why a cost can never be reserved, with the arithmetic; nothing if it can. */
  impossible({ tokens, usd }: RateCost): string | undefined {
    const problem =
      exceeds(this.#tokens, tokens, ['tokens', 'a minute']) ??
      exceeds(this.#dayTokens, tokens, ['tokens', 'a day']) ??
      exceeds(this.#dayUsd, usd, ['US dollars', 'a day'])
    return problem === undefined ? undefined : `${problem} that ${this.#owner} may use.`
  }

  #metersWaitMs({ tokens, usd }: RateCost, requests: number, time: number): number {
    return Math.max(
      this.#requests?.waitMs(requests, time) ?? 0,
      this.#tokens?.waitMs(tokens, time) ?? 0,
      this.#reportedRequests?.waitMs(requests, time) ?? 0,
      this.#reportedTokens?.waitMs(tokens, time) ?? 0,
      this.#dayTokens?.waitMs(tokens, time) ?? 0,
      this.#dayUsd?.waitMs(usd, time) ?? 0,
    )
  }

  #refused(time: number): void {
    this.#overload.refused(time)
    for (const meter of [this.#requests, this.#tokens]) {
      meter?.drain(time)
      meter?.setShare(this.#overload.at(time), time)
    }
  }

  #advance(now: number): number {
    const time = this.#steady.at(now)
    if (time !== this.#time) {
      this.#time = time
      const share = this.#overload.at(time)
      this.#requests?.setShare(share, time)
      this.#tokens?.setShare(share, time)
    }
    return time
  }
}

function reportOf(
  left: number | undefined,
  limit: number | undefined,
  resetMs: number | undefined,
): Report | undefined {
  if (!isAmount(left)) return undefined
  return { left, limit: isAmount(limit) ? limit : undefined, resetMs: isAmount(resetMs) ? resetMs : undefined }
}

function isAmount(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value < Number.POSITIVE_INFINITY
}

function exceeds(
  meter: RateMeter | undefined,
  needed: number,
  [unit, time]: readonly [string, string],
): string | undefined {
  if (meter === undefined || needed <= meter.limit) return undefined
  return `This call needs ${grouped(needed)} ${unit}, more than the ${grouped(meter.limit)} ${time}`
}

/** Writes 12000.5 as 12,000.5, in every locale. */
function grouped(amount: number): string {
  const [whole = '', fraction] = String(amount).split('.')
  const parted = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? parted : `${parted}.${fraction}`
}

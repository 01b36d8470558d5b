import { type Clock, type CoreRequest, Limiter, messageText, type RateSignal, type Usage } from '@aios/kernel/driver'
import type { Endpoint } from './endpoint.js'
import type { VendorClient, WireRequest } from './protocol.js'

/** Milliseconds for which an endpoint that refused its key is passed over: somebody may mend it. */
const DENIED_MS = 300_000
/** Characters of a request that make about one token, for the limits of an endpoint. */
const CHARS_PER_TOKEN = 4
/** Is how long to wait for what only the end of another call brings. */
const UNTIL_RELEASED = Number.POSITIVE_INFINITY

/** Is one endpoint with its client. */
export interface PoolMember<Wire extends WireRequest> {
  readonly index: number
  readonly endpoint: Endpoint
  readonly client: VendorClient<Wire>
}

interface Member<Wire extends WireRequest> extends PoolMember<Wire> {
  readonly limiter: Limiter
  running: number
  /** Number of the last call that it got; among equals the one that waited longest is chosen. */
  lastUsed: number
  deniedUntil: number
  /** When it said that it can be asked again, also where its limiter finds that too long to be believed. */
  restsUntil: number
}

/** Is a call's place on an endpoint. Release it once, or give it back if nothing was sent. */
export interface Lease<Wire extends WireRequest> extends PoolMember<Wire> {
  /** Is told what the provider said about its limits. */
  observe(signal: RateSignal): void
  /** Is told that the provider refused the key. */
  denied(): void
  giveBack(): void
  /** Takes the usage that the provider reported, if it did. */
  release(usage?: Usage): void
}

/**
 * Chooses for each call the endpoint that is least busy for its weight, among those that did not refuse it, are within their
 * own limits, and were not told to rest.
 */
export class EndpointPool<Wire extends WireRequest> {
  readonly #members: readonly Member<Wire>[]
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #calls = 0

  constructor(members: readonly PoolMember<Wire>[], clock: Clock) {
    this.#clock = clock
    this.#members = members.map((member) => ({
      ...member,
      limiter: new Limiter(member.endpoint.limits, `endpoint ${member.index}`),
      running: 0,
      lastUsed: 0,
      deniedUntil: 0,
      restsUntil: 0,
    }))
  }

  /** Number of endpoints. */
  get size(): number {
    return this.#members.length
  }

  /**
   * Takes a place for a request.
   *
   * @param refused - indexes of the endpoints that refused this very call before; not all of them
   * @returns the place, or the milliseconds after which to ask again
   */
  lease(request: CoreRequest, refused: ReadonlySet<number>): Lease<Wire> | number {
    const now = this.#clock.now()
    let best: Member<Wire> | undefined
    let waitMs = UNTIL_RELEASED
    for (const member of this.#left(refused, now)) {
      const memberWaitMs = waitOf(member, costOf(member, request), now)
      waitMs = Math.min(waitMs, memberWaitMs)
      if (memberWaitMs === 0 && (best === undefined || isBefore(member, best))) best = member
    }
    return best === undefined ? waitMs : this.#taken(best, request, now)
  }

  /**
   * Returns the milliseconds after which the first endpoint can be asked again, also one that refused this very call: `Infinity` if
   * only the end of another call can tell, or there is none left.
   *
   * @param lasting - indexes of the endpoints that no waiting brings back
   */
  waitMs(request: CoreRequest, lasting: ReadonlySet<number>): number {
    const now = this.#clock.now()
    const waits = this.#left(lasting, now).map((member) =>
      Math.max(waitOf(member, costOf(member, request), now), member.restsUntil - now),
    )
    return Math.min(...waits, UNTIL_RELEASED)
  }

  /** Resolves after so many milliseconds, when a place is released, or when the signal aborts. */
  room(waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer =
        waitMs === UNTIL_RELEASED
          ? undefined
          : this.#clock.after(waitMs, () => {
              done()
            })
      const done = (): void => {
        timer?.cancel()
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  /** Returns all but some endpoints. One whose key was refused is there only where nothing else is. */
  #left(without: ReadonlySet<number>, now: number): readonly Member<Wire>[] {
    const left = this.#members.filter(({ index }) => !without.has(index))
    const trusted = left.filter(({ deniedUntil }) => deniedUntil <= now)
    return trusted.length > 0 ? trusted : left
  }

  #taken(member: Member<Wire>, request: CoreRequest, now: number): Lease<Wire> {
    const { limiter, index, endpoint, client } = member
    const cost = costOf(member, request)
    limiter.reserve(cost, now)
    const reserved = limiter.stamp(cost)
    this.#calls += 1
    member.running += 1
    member.lastUsed = this.#calls
    // Whether it still rests is what this call finds out.
    member.restsUntil = 0
    const end = (settle: () => void): void => {
      member.running -= 1
      settle()
      for (const wake of [...this.#waiting]) wake()
    }
    return {
      index,
      endpoint,
      client,
      observe: (signal) => {
        const heardAt = this.#clock.now()
        limiter.observe(signal, heardAt)
        const { retryAfterMs = 0 } = signal
        if (Number.isFinite(retryAfterMs)) member.restsUntil = Math.max(member.restsUntil, heardAt + retryAfterMs)
      },
      denied: () => {
        member.deniedUntil = this.#clock.now() + DENIED_MS
      },
      giveBack: () => {
        end(() => {
          limiter.giveBack(reserved, this.#clock.now())
        })
      },
      release: (usage) => {
        const tokens = (usage?.input.total ?? Number.NaN) + (usage?.output.total ?? 0)
        end(() => {
          limiter.settle(reserved, { tokens, usd: 0 }, this.#clock.now())
        })
      },
    }
  }
}

function costOf<Wire extends WireRequest>(
  { limiter }: Member<Wire>,
  { messages, tools = [] }: CoreRequest,
): { readonly tokens: number; readonly usd: number } {
  if (!limiter.counts) return { tokens: 0, usd: 0 }
  const offered = tools.length === 0 ? 0 : JSON.stringify(tools).length
  const characters = messages.reduce((sum, message) => sum + messageText(message).length, offered)
  return limiter.bounded({ tokens: Math.ceil(characters / CHARS_PER_TOKEN), usd: 0 })
}

function waitOf<Wire extends WireRequest>(
  { running, endpoint, limiter }: Member<Wire>,
  cost: { readonly tokens: number; readonly usd: number },
  now: number,
): number {
  return running >= endpoint.concurrency ? UNTIL_RELEASED : limiter.waitMs(cost, 1, now)
}

function isBefore<Wire extends WireRequest>(one: Member<Wire>, other: Member<Wire>): boolean {
  const difference = (one.running + 1) / one.endpoint.weight - (other.running + 1) / other.endpoint.weight
  return difference === 0 ? one.lastUsed < other.lastUsed : difference < 0
}

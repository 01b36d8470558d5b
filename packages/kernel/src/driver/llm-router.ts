import type { ChatRequest, Usage } from './chat.js'
import type { DriverServices } from './device-driver.js'
import type { CoreCapabilities, CorePrice } from './llm-driver.js'

/** Shows a core to a router: what it is and how busy it is right now. */
export interface LlmCoreView {
  readonly id: string
  readonly model: string
  readonly backend: string | undefined
  readonly capabilities: CoreCapabilities
  readonly contextWindow: number | undefined
  readonly maxOutputTokens: number | undefined
  readonly price: CorePrice | undefined
  /** Calls on the core now. */
  readonly running: number
  /** Calls waiting for it now. */
  readonly queued: number
  /** Most calls at once. */
  readonly concurrency: number
  /** Whether it was found down, and calls wait for it to recover; see `CoreLimits.breaker`. */
  readonly tripped: boolean
}

/** Tells a router how an attempt of a call on a core ended. Times in milliseconds. */
export interface CoreOutcome {
  /** Id of the syscall: `meta.syscallId` of its answer. The attempts of one call have the same. */
  readonly callId: number
  /** The core that served it. */
  readonly core: LlmCoreView
  /** What the router was asked about. */
  readonly request: ChatRequest
  /** Time on the core up to the first part; undefined where the answer came in one piece, or none came. */
  readonly firstPartMs: number | undefined
  /** Time on the core. */
  readonly durationMs: number
  /** What it used; undefined where that is not known. */
  readonly usage: Usage | undefined
  /** What that costs; undefined where the core has no price. */
  readonly usd: number | undefined
  /** Code of what it failed with, `undefined` for an answer; `error` for what is no `AiosError`. */
  readonly errorCode: string | undefined
  /** The kernel's time when it ended. */
  readonly at: number
}

/**
 * Chooses a core for a request. One that learns implements `settled` too; one that keeps what it learnt, `open` and `close`.
 * Give each kernel a router of its own.
 */
export interface LlmRouter {
  /**
   * Returns the id of one of `cores`, or `undefined` if none will do (the call rejects with `AIOS_NO_DEVICE`). Runs inside
   * the trap, so it must be quick and synchronous. Asked again, for the cores that have not failed the call, where a call
   * is to go on with another one.
   *
   * @param request - the request after hooks
   * @param cores - the cores that the caller may use, whose price its budget can bear and that are not down, in the order in
   *   which they were added; one that is down is only among them if all are, or if it would be the next probe
   * @param now - the kernel's time in milliseconds
   */
  pick(request: ChatRequest, cores: readonly LlmCoreView[], now: number): string | undefined
  /**
   * Is told how each attempt on a core ended, before anybody else is; not of calls that were given up. It must be quick. What
   * it throws is reported as `driver:failed` of the device `router`, and fails no call.
   */
  settled?(outcome: CoreOutcome): void
  /** Makes the router ready, once the kernel's records are open, before its devices are. */
  open?(services: DriverServices): void | Promise<void>
  /** Is called once no core has a call any more, while the records are still open. */
  close?(): void | Promise<void>
}

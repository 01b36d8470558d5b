import { AiosError } from '../error/aios-error.js'
import { TaskList } from '../scheduler/task-list.js'
import type { Budget } from './agent.js'

/** Is what a call holds of its budgets while it runs. */
export interface Reservation {
  readonly account: Account
  readonly tokens: number
  readonly usd: number
}

/** Is what a call may need at most. Tokens are input plus output; `usd` is 0 where no money budget counts. */
export interface Need {
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars for one token; undefined where the core declares no price. */
  readonly inputUsd: number | undefined
  readonly outputUsd: number | undefined
}

/** Is what a budget says to a need: take it (with how many output tokens), wait, or never. */
export type Verdict =
  | { readonly kind: 'fits'; readonly outputTokens: number }
  | { readonly kind: 'waits'; readonly account: Account }
  | { readonly kind: 'never'; readonly error: AiosError }

/**
 * Keeps one process's budget. Accounts form a chain: a call is charged to the account of its process and to those of all
 * ancestors, all or none.
 */
export class Account {
  /** The process it belongs to; written again only with the pid of that. */
  pid: number
  readonly limits: Budget
  readonly parent: Account | undefined
  /** Whether anything in the chain bounds tokens or money. */
  readonly metered: boolean
  calls = 0
  tokens = 0
  usd = 0
  reservedTokens = 0
  reservedUsd = 0
  /** Calls that wait for a reservation to settle, oldest first. */
  readonly parked = new TaskList()

  constructor(pid: number, limits: Budget, parent: Account | undefined) {
    this.pid = pid
    this.limits = limits
    this.parent = parent
    this.metered = limits.tokens !== undefined || limits.usd !== undefined || parent?.metered === true
  }

  /** Iterates over this account and those above it. */
  *chain(): Generator<Account, void> {
    yield this
    if (this.parent !== undefined) yield* this.parent.chain()
  }
}

/**
 * Takes one call from every `calls` budget of a chain, or from none.
 *
 * @returns why not, if it does not fit
 */
export function takeCall(account: Account): AiosError | undefined {
  for (let at: Account | undefined = account; at !== undefined; at = at.parent) {
    const limit = at.limits.calls
    if (limit !== undefined && at.calls >= limit) {
      return new AiosError('AIOS_BUDGET_EXCEEDED', `Process ${at.pid} has used all ${limit} calls of its budget.`, {
        details: { pid: at.pid, kind: 'calls', limit, used: at.calls },
      })
    }
  }
  for (let at: Account | undefined = account; at !== undefined; at = at.parent) at.calls += 1
  return undefined
}

/** Returns how many output tokens an account can pay beside the input, or what it lacks even for one. */
function room(account: Account, need: Need, reserved: boolean): number {
  let output = Number.POSITIVE_INFINITY
  const { tokens, usd } = account.limits
  if (tokens !== undefined)
    output = tokens - account.tokens - (reserved ? account.reservedTokens : 0) - need.inputTokens
  if (usd !== undefined) {
    const left = usd - account.usd - (reserved ? account.reservedUsd : 0) - need.inputTokens * (need.inputUsd ?? 0)
    const each = need.outputUsd ?? 0
    output = Math.min(output, left < 0 ? -1 : each === 0 ? Number.POSITIVE_INFINITY : Math.floor(left / each))
  }
  return output
}

function exceeded(account: Account, need: Need): AiosError {
  const { tokens, usd } = account.limits
  const parts: string[] = []
  if (tokens !== undefined) parts.push(`${account.tokens} of ${tokens} tokens`)
  if (usd !== undefined) parts.push(`${account.usd.toFixed(6)} of ${usd} US dollars`)
  return new AiosError(
    'AIOS_BUDGET_EXCEEDED',
    `Process ${account.pid} has used ${parts.join(' and ')}; this call needs about ${need.inputTokens} input tokens and at least 1 output token. Give it a larger budget or a shorter conversation.`,
    {
      details: {
        pid: account.pid,
        limits: account.limits,
        usedTokens: account.tokens,
        usedUsd: account.usd,
        inputTokens: need.inputTokens,
      },
    },
  )
}

/**
 * Asks a chain for a need: what fits is reserved by {@link reserve}; what does not fit but may once running calls settle
 * has to wait; the output is clipped only when nothing else is outstanding; what cannot fit even then never will.
 */
export function weigh(account: Account, need: Need): Verdict {
  let output = need.outputTokens
  for (const at of account.chain()) {
    if (at.limits.usd !== undefined && need.outputUsd === undefined) {
      return {
        kind: 'never',
        error: new AiosError(
          'AIOS_BUDGET_UNPRICED',
          `Process ${at.pid} has a budget in US dollars, but the core declares no price: give the core a price.`,
        ),
      }
    }
    const free = room(at, need, true)
    if (free >= need.outputTokens) continue
    const outstanding = at.reservedTokens > 0 || at.reservedUsd > 0
    if (outstanding && room(at, need, false) >= 1) return { kind: 'waits', account: at }
    if (free < 1) return { kind: 'never', error: exceeded(at, need) }
    output = Math.min(output, free)
  }
  return { kind: 'fits', outputTokens: output }
}

/** Reserves a need on every account of a chain. */
export function reserve(account: Account, need: Need, outputTokens: number): Reservation {
  const tokens = need.inputTokens + outputTokens
  const usd = need.inputTokens * (need.inputUsd ?? 0) + outputTokens * (need.outputUsd ?? 0)
  for (const at of account.chain()) {
    at.reservedTokens += tokens
    at.reservedUsd += usd
  }
  return { account, tokens, usd }
}

/** Gives a reservation back and charges what was really used, which may be more. */
export function settleReservation(reservation: Reservation, tokens: number, usd: number): void {
  for (const at of reservation.account.chain()) {
    at.reservedTokens -= reservation.tokens
    at.reservedUsd -= reservation.usd
    // Sums of many small amounts drift; with nothing reserved the truth is zero.
    if (at.reservedTokens === 0) at.reservedUsd = 0
    at.tokens += tokens
    at.usd += usd
  }
}

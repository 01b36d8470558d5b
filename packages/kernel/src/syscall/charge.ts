import type { Usage } from '../driver/chat.js'
import { settleReservation, weigh, type Account } from '../process/budget.js'
import { PARKED_LOOKAHEAD } from '../limits.js'
import type { Syscall } from './syscall.js'

/** Charges what a call used to its process, all ancestors and the kernel. */
export function chargeUsage(call: Syscall, usage: Usage | undefined): void {
  if (usage === undefined) return
  const { metrics } = call.caller.kernel
  const input = usage.input.total ?? 0
  const output = usage.output.total ?? 0
  const cost = costOf(call, input, output)
  const extras = call.rare()
  extras.usage = usage
  extras.costUsd = cost
  metrics.inputTokens += input
  metrics.outputTokens += output
  metrics.costUsd += cost ?? 0
  for (let at: Syscall['owner'] | undefined = call.owner; at !== undefined; at = at.parent) {
    at.usage.inputTokens += input
    at.usage.outputTokens += output
    at.usage.costUsd += cost ?? 0
  }
}

function costOf(call: Syscall, input: number, output: number): number | undefined {
  const price = call.device?.kind === 'llm' ? call.device.price : undefined
  return price === undefined ? undefined : (input * price.inputUsdPerMTok + output * price.outputUsdPerMTok) / 1_000_000
}

/** Gives the reservation of a call back, charges what it used, and lets parked calls try again. */
export function freeReservation(call: Syscall): void {
  const extras = call.extras
  const reservation = extras?.reservation
  if (extras === undefined || reservation === undefined) return
  extras.reservation = undefined
  const usage = extras.usage
  settleReservation(reservation, (usage?.input.total ?? 0) + (usage?.output.total ?? 0), extras.costUsd ?? 0)
  for (const account of reservation.account.chain()) wakeParked(account)
}

/** Lets those calls try again, oldest first, that now fit a budget or never will. Each then has the turn. */
function wakeParked(account: Account): void {
  let call = account.parked.head as Syscall | undefined
  for (let seen = 0; call !== undefined && seen < PARKED_LOOKAHEAD; seen += 1) {
    const next = call.next as Syscall | undefined
    const { extras, owner, caller } = call
    if (
      extras?.need === undefined ||
      owner.account === undefined ||
      weigh(owner.account, extras.need).kind !== 'waits'
    ) {
      account.parked.remove(call)
      call.rare().turn = account
      caller.kernel.awakened.push(call)
    }
    call = next
  }
}

/** Passes the turn of a call on when it has used it, or never will: others behind it may be waiting for nothing else. */
export function passTurn(call: Syscall): void {
  const account = call.extras?.turn
  if (account === undefined) return
  call.rare().turn = undefined
  wakeParked(account)
}

/** Parks a call at a budget until what others reserved is free again; it keeps its place in time. */
export function parkAt(call: Syscall, account: Account): void {
  const extras = call.rare()
  if (extras.turn === account) extras.turn = undefined
  else passTurn(call)
  account.parked.insert(call)
}

import type { Usage } from '../driver/chat.js'
import { settleReservation } from '../process/budget.js'
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
  const price = call.device?.kind === 'llm' ? (call.device).price : undefined
  return price === undefined ? undefined : (input * price.inputUsdPerMTok + output * price.outputUsdPerMTok) / 1_000_000
}

/** Gives the reservation of a call back, charges what it used, and lets the next parked call try. */
export function freeReservation(call: Syscall): void {
  const extras = call.extras
  const reservation = extras?.reservation
  if (extras === undefined || reservation === undefined) return
  extras.reservation = undefined
  const usage = extras.usage
  settleReservation(reservation, (usage?.input.total ?? 0) + (usage?.output.total ?? 0), extras.costUsd ?? 0)
  for (const account of reservation.account.chain()) {
    const next = account.parked.shift() as Syscall | undefined
    if (next !== undefined) call.caller.kernel.awakened.push(next)
  }
}

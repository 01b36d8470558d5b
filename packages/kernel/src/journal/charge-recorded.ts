import { takeCall } from '../process/budget.js'
import type { Process } from '../process/process.js'
import type { Syscall } from '../syscall/syscall.js'
import type { CallEntry } from './journal-entry.js'

/** Charges what a call used in an earlier life of its run to the same processes and budgets again. */
export function chargeRecorded(call: Syscall, { usage, costUsd }: CallEntry): void {
  const { owner } = call
  if (call.row.free !== true) {
    if (owner.account !== undefined) takeCall(owner.account)
    for (let at: Process | undefined = owner; at !== undefined; at = at.parent) at.usage.calls += 1
  }
  if (usage === undefined) return
  const extras = call.rare()
  extras.usage = usage
  extras.costUsd = costUsd
  const input = usage.input.total ?? 0
  const output = usage.output.total ?? 0
  for (let at: Process | undefined = owner; at !== undefined; at = at.parent) {
    at.usage.inputTokens += input
    at.usage.outputTokens += output
    at.usage.costUsd += costUsd ?? 0
  }
  for (const account of owner.account?.chain() ?? []) {
    account.tokens += input + output
    account.usd += costUsd ?? 0
  }
}

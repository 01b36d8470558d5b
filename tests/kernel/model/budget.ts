/** Budgets: reserve when a call starts, on the process and all who pay for it, all or none. */
import type { Call, Process, State } from './state.js'

/** Lists the processes whose budgets a process draws on: itself and its payers. */
function payers(s: State, pid: number): Process[] {
  const p = s.processes[pid]
  return p === undefined ? [] : [p, ...payers(s, p.payer)]
}

/** Counts a call in the trap; false if a budget of calls is used up. */
export function takeCall(s: State, pid: number): boolean {
  const all = payers(s, pid)
  const hasRoom = all.every((p) => p.used.calls < (p.given.calls ?? Infinity))
  if (hasRoom) for (const p of all) p.used.calls += 1
  return hasRoom
}

/** Says how many tokens a call can reserve now; it is parked while others hold what would make it fit. */
export function quote(s: State, c: Call): number | 'park' | 'reject' {
  const { input, output = 0 } = c.op
  const bounded = payers(s, c.pid).filter((p) => p.given.tokens !== undefined)
  if (input === undefined || bounded.length === 0) return 0
  const unused = (p: Process): number => p.given.tokens! - p.used.tokens
  const short = bounded.filter((p) => unused(p) - p.reserved < input + output)
  if (bounded.some((p) => unused(p) < input + 1)) return 'reject'
  return short.some((p) => p.reserved > 0) ? 'park' : Math.min(input + output, ...short.map(unused))
}

export function reserve(s: State, c: Call, tokens: number): void {
  c.reserved = tokens
  for (const p of payers(s, c.pid)) p.reserved += tokens
}

/** Gives a reservation back and charges what was really used, if anything. */
export function refund(s: State, c: Call, used: number): void {
  for (const p of payers(s, c.pid)) {
    p.reserved -= c.reserved
    p.used.tokens += used
  }
  c.reserved = 0
}

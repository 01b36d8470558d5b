/** Processes: how they begin, what their calls do, how they end. */
import { takeCall } from './budget.js'
import { cancel, settle } from './call.js'
import { lock, type Reject } from './lane.js'
import { inherit, lentTo } from './inheritance.js'
import {
  chain,
  isGated,
  living,
  outstanding,
  type Call,
  type Making,
  type Operation,
  type Process,
  type Spawn,
  type State,
} from './state.js'
import { closesCycle } from './wait-graph.js'

export function spawn(s: State, given: Spawn, from: Pick<Process, 'id' | 'payer' | 'via' | 'hasHandle'>): void {
  const priority = given.priority ?? s.processes[from.payer]?.priority ?? 3
  const deadline = s.now + (given.deadlineMs ?? Infinity)
  const fresh = { isSuspended: false, reserved: 0, wallLeft: given.wallMs ?? Infinity }
  const place = given.isDetached ? { parent: 0, via: undefined } : { parent: from.payer }
  const used = { tokens: 0, calls: 0 }
  s.processes[from.id] = { ...from, ...fresh, ...place, given, priority, deadline, used, mailbox: [] }
}

/** Is what a process ends with: one code for itself and its calls, or one for each. */
export type Codes = string | { readonly own: string; readonly calls: string }

/** Ends a process: its subtree first, leaves before their parents, then its own calls. */
export function end(s: State, pid: number, codes: Codes): void {
  const { own: code, calls: callCode } = typeof codes === 'string' ? { own: codes, calls: codes } : codes
  const p = s.processes[pid]!
  if (p.exit !== undefined) return
  const subtreeCode = code === callCode ? code : 'AIOS_PROCESS_KILLED'
  for (const child of living(s)) if (child.parent === pid) end(s, child.id, subtreeCode)
  p.exit = code
  s.exits.push(pid)
  for (const c of outstanding(s)) if (c.pid === pid) cancel(s, c, callCode)
}

/** Changes the own priority of the calls of a process; what that changes in their lanes comes later. */
export function setPriority(s: State, p: Process, priority: number): void {
  if (p.priority === priority) return
  p.priority = priority
  for (const c of outstanding(s)) if (c.pid === p.id) c.own = priority
}

type Part = NonNullable<Operation['calls']>[number]

/** Is the way of a call into the kernel: closed, dead, nested in what has ended, aborted, out of calls. */
export function trap(s: State, given: Making): void {
  const above = chain(s, given)[0]
  const hasEnded = above?.phase === 'settled' || above?.phase === 'held'
  const inherited = above?.pid === given.pid ? above.own : s.processes[given.pid]!.priority
  const fresh = { phase: 'gated', isOnDevice: false, reserved: 0 } as const
  const deadline = s.now + (given.deadlineMs ?? Infinity)
  const own = given.priority ?? inherited
  const c: Call = { ...given, ...fresh, locks: [], own, priority: own, deadline }
  s.calls[c.id] = c
  c.priority = Math.max(own, lentTo(s, c))
  const { exit } = s.processes[c.pid]!
  if (s.isClosed) settle(s, c, 'AIOS_CLOSED')
  else if (exit !== undefined) settle(s, c, exit === 'ok' || exit === 'error' ? 'AIOS_PROCESS_EXITED' : exit)
  else if (hasEnded && above.cancelled !== undefined) settle(s, c, above.cancelled)
  else if (hasEnded && given.parent !== undefined) settle(s, c, 'AIOS_PROCESS_EXITED')
  else if (given.isAborted) settle(s, c, 'reason')
  else if (!takeCall(s, c.pid)) settle(s, c, 'AIOS_BUDGET_EXCEEDED')
}

/** Does what a call asks for, once nothing gates it. */
export function perform(s: State, c: Call, reject: Reject): void {
  const { kind, child = {}, calls = [] } = c.op
  c.phase = kind === 'device' ? 'locking' : 'waiting'
  if (kind === 'device') return lock(s, c, reject)
  if (kind === 'spawn') spawn(s, child, { id: c.id, payer: c.pid, via: c.parent, hasHandle: false })
  for (const given of calls) compose(s, c, { given, reject })
  if (kind === 'send') settle(s, c, send(s, c))
  else if (!answer(s, c) && closesCycle(s, c)) settle(s, c, 'AIOS_WAIT_CYCLE')
}

/** Makes one call of a composite: it holds no slot, so each is a call of its own. */
function compose(s: State, c: Call, { given: { id, keys = [] }, reject }: { given: Part; reject: Reject }): void {
  trap(s, { id, pid: c.pid, parent: c.id, op: { kind: 'device', lane: 'tool', keys } })
  const made = s.calls[id]!
  if (made.phase === 'gated' && !isGated(s, made)) perform(s, made, reject)
  inherit(s)
}

function send(s: State, c: Call): string {
  const to = s.processes[c.op.peer!]
  if (to === undefined || to.exit !== undefined) return 'AIOS_NO_SUCH_PROCESS'
  if (to.mailbox.length >= s.mailboxDepth) return 'AIOS_QUEUE_FULL'
  to.mailbox.push(c.id)
  const isListening = (x: Call): boolean => x.pid === to.id && x.phase === 'waiting' && x.op.kind === 'receive'
  for (const x of outstanding(s)) if (isListening(x) && !isGated(s, x)) answer(s, x)
  return 'ok'
}

/** Ends a wait whose condition has come true. */
export function answer(s: State, c: Call): boolean {
  const outcome = { spawn: () => 'ok', all: composed, wait: waited, receive: received }[c.op.kind as 'all'](s, c)
  if (outcome !== undefined) settle(s, c, outcome)
  return outcome !== undefined
}

function composed(s: State, c: Call): string | undefined {
  return outstanding(s).some((x) => x.parent === c.id) ? undefined : 'ok'
}

function waited(s: State, c: Call): string | undefined {
  const p = s.processes[c.op.peer!]
  if (p === undefined) return 'AIOS_NO_SUCH_PROCESS'
  return p.exit === undefined || p.exit === 'ok' ? p.exit : 'AIOS_AGENT_FAILED'
}

function received(s: State, c: Call): string | undefined {
  const { peer } = c.op
  const { mailbox } = s.processes[c.pid]!
  const at = mailbox.findIndex((id) => peer === undefined || s.calls[id]!.pid === peer)
  if (at >= 0) c.message = mailbox.splice(at, 1)[0]
  else if (peer === undefined || s.processes[peer]?.exit === undefined) return undefined
  return at >= 0 ? 'ok' : 'AIOS_NO_SUCH_PROCESS'
}

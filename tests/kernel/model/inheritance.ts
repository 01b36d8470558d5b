/** Priority inheritance: who waits lends its priority to what it waits for. Found from nothing, whenever it is asked for. */
import { dequeue, enqueue } from './queue.js'
import { outstanding, type Call, type State } from './state.js'
import { lockHolder } from './wait-graph.js'

/** Lists the priorities lent to a process: by who waits for it, or for a process that it is a descendant of. */
function toProcess(s: State, pid: number): number[] {
  const p = s.processes[pid]
  if (p === undefined || p.exit !== undefined) return []
  const waiting = outstanding(s).filter((c) => c.phase === 'waiting' && c.op.peer === pid && c.op.kind !== 'send')
  return [...waiting.map((c) => c.priority), ...toProcess(s, p.parent)]
}

/** Returns the highest priority that is lent to a call, as the priorities stand now; -1 if none is. */
export function lentTo(s: State, c: Call): number {
  const above = s.calls[c.parent ?? -1]
  const forKeys = outstanding(s).filter((x) => x.phase === 'locking' && lockHolder(s, x)[0] === c)
  const nested = above?.pid === c.pid && above.phase !== 'settled' ? lentTo(s, above) : -1
  return Math.max(-1, nested, ...toProcess(s, c.pid), ...forKeys.map((x) => x.priority))
}

/** Gives every call the priority it is to have, and moves those that wait in a lane, the oldest first. */
export function inherit(s: State): void {
  const before = new Map(outstanding(s).map((c) => [c.id, c.priority]))
  for (const c of outstanding(s)) c.priority = c.own
  for (let isStable = false; !isStable;) {
    isStable = true
    for (const c of outstanding(s)) {
      const due = Math.max(c.own, lentTo(s, c))
      if (due > c.priority) isStable = false
      c.priority = Math.max(c.priority, due)
    }
  }
  const due = new Map(outstanding(s).map((c) => [c.id, c.priority]))
  // Queues are kept by the priorities that calls had when they joined.
  for (const c of outstanding(s)) c.priority = before.get(c.id)!
  for (const c of outstanding(s)) {
    const priority = due.get(c.id)!
    if (priority === c.priority) continue
    const moves = c.phase === 'queued' && c.host === undefined && s.lanes[c.op.lane!]!.policy !== 'fifo'
    if (moves) dequeue(s, c)
    c.priority = priority
    if (moves) enqueue(s, c)
  }
}

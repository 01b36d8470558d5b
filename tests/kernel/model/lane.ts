/** Lanes: who is put on a device next. */
import { quote, reserve } from './budget.js'
import { chain, isGated, isRunning, onSlots, outstanding, callsOf, rootOf, type Call, type State } from './state.js'
import { inherit } from './inheritance.js'
import { dequeue, enqueue } from './queue.js'
import { closesCycle } from './wait-graph.js'

/** Ends a call that cannot go on; `call.ts` knows how. */
export type Reject = (c: Call, code: string) => void

/** Removes and returns the call whose turn it is; its agent and its tree go to the end of their rings. */
function takeNext(s: State, name: string): Call | undefined {
  const lane = s.lanes[name]!
  if (onSlots(s, name).length >= lane.concurrency) return undefined
  const level = lane.rings.findLastIndex((ring) => ring.length > 0)
  const waiting = lane.queue.map((id) => s.calls[id]!)
  const agent = lane.rings[level]?.find((pid) => rootOf(s, pid) === lane.trees[level]![0])
  const isTurn = (c: Call): boolean => c.pid === agent || lane.policy === 'priority'
  const c = lane.policy === 'fifo' ? waiting[0] : waiting.find((x) => x.priority === level && isTurn(x))
  if (c === undefined) return undefined
  dequeue(s, c)
  const toEnd = (ring: number[], id: number): unknown => ring.sort((a, b) => Number(a === id) - Number(b === id))
  toEnd(lane.rings[c.priority]!, c.pid)
  toEnd(lane.trees[c.priority]!, rootOf(s, c.pid))
  return c
}

/** Puts a call on its device, or parks or rejects it for its budget. */
function start(s: State, c: Call, reject: Reject): void {
  const tokens = quote(s, c)
  if (tokens === 'reject') return reject(c, 'AIOS_BUDGET_EXCEEDED')
  c.phase = tokens === 'park' ? 'parked' : 'running'
  if (tokens === 'park') return
  reserve(s, c, tokens)
  c.isOnDevice = true
  s.starts.push(c.id)
}

/** Takes the keys of a call in sorted order; keys that an ancestor holds are free for it. */
function lockAll(s: State, c: Call): boolean {
  const kin = [c, ...chain(s, c)]
  for (const key of (c.op.keys ?? []).toSorted()) {
    const owner = callsOf(s).find((x) => x.locks.includes(key))
    if (owner === undefined) c.locks.push(key)
    else if (!kin.includes(owner)) return false
  }
  return true
}

/** Sends a call to the slot of a call it is nested in, else to its lane: at once if nobody is in front of it. */
function queueUp(s: State, c: Call, reject: Reject): void {
  if (isGated(s, c)) return gate(s, c)
  const above = chain(s, c).filter(isRunning)
  const lane = s.lanes[c.op.lane!]!
  c.phase = 'queued'
  c.host = above.find((x) => x.op.lane === c.op.lane)?.id
  if (c.host !== undefined) {
    c.place = 1 + Math.max(0, ...outstanding(s).map((x) => x.place ?? 0))
    return
  }
  if (canStart(s, c) && lane.queue.length === 0) start(s, c, reject)
  else if (above.length === 0 && lane.queue.length >= lane.depth && !makesRoom(s, c, reject))
    reject(c, 'AIOS_QUEUE_FULL')
  else enqueue(s, c)
}

/** Rejects the call that would be served last of the lowest class, if that is below the class of a call. */
function makesRoom(s: State, c: Call, reject: Reject): boolean {
  const { policy, queue, trees } = s.lanes[c.op.lane!]!
  const waiting = queue.map((id) => s.calls[id]!)
  const lowest = Math.min(...waiting.map((x) => x.priority))
  const isLast = (x: Call): boolean => policy === 'priority' || rootOf(s, x.pid) === trees[lowest]!.at(-1)
  const last = waiting.findLast((x) => x.priority === lowest && isLast(x))
  if (policy === 'fifo' || last === undefined || lowest >= c.priority || chain(s, last).some(isRunning)) return false
  reject(last, 'AIOS_QUEUE_FULL')
  return true
}

/** Tells whether the slot that a call waits for is free. */
function canStart(s: State, c: Call): boolean {
  if (c.host !== undefined) return !callsOf(s).some((x) => x.isOnDevice && x.host === c.host)
  return onSlots(s, c.op.lane!).length < s.lanes[c.op.lane!]!.concurrency
}

/** Takes a call as far as its locks let it; a wait it has not been in before must not close a cycle. */
export function lock(s: State, c: Call, reject: Reject): void {
  if (lockAll(s, c)) queueUp(s, c, reject)
  const isWaiting = c.phase === 'locking' || (c.phase === 'queued' && !canStart(s, c))
  const wait = isWaiting ? `${c.phase} ${c.locks.join()}` : undefined
  const isNew = wait !== undefined && wait !== c.seen
  c.seen = wait
  if (isNew && closesCycle(s, c)) reject(c, 'AIOS_WAIT_CYCLE')
}

/** Moves on whatever can move on: budgets, locks, slots of hosts, slots of lanes. */
export function pump(s: State, reject: Reject): void {
  for (const c of outstanding(s)) if (c.phase === 'parked' && quote(s, c) !== 'park') queueUp(s, c, reject)
  // Keys that come free together are handed on in their own order, each to who has waited longest for it.
  const waitedFor = (c: Call): string => (c.op.keys ?? []).toSorted()[c.locks.length] ?? ''
  const locking = outstanding(s).filter((c) => c.phase === 'locking')
  for (const c of locking.sort((a, b) => waitedFor(a).localeCompare(waitedFor(b)))) lock(s, c, reject)
  // Who came first to the slot of a call goes first: a call that still waited for a key has not come yet.
  for (const c of outstanding(s).toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))) {
    if (c.phase !== 'queued' || c.host === undefined || !canStart(s, c)) continue
    if (isRunning(s.calls[c.host]!)) start(s, c, reject)
    else queueUp(s, c, reject)
  }
  inherit(s)
  for (const name of Object.keys(s.lanes)) {
    for (let c = takeNext(s, name); c !== undefined; c = takeNext(s, name)) start(s, c, reject)
  }
}

/** Takes a call of a suspended process out of whatever it waits in; locks it gathered are given back. */
export function gate(s: State, c: Call): void {
  dequeue(s, c)
  Object.assign(c, { phase: 'gated', seen: undefined, locks: [] })
}

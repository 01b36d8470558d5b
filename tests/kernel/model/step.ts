/**
 * The reference model of the kernel: `step(state, event)` is the whole of its semantics as a pure function. An event
 * changes a few facts; then whatever has become possible happens, until nothing is left to do.
 */
import { cancel, driverSettles, release, settle } from './call.js'
import { gate, pump, type Reject } from './lane.js'
import { answer, end, perform, setPriority, spawn, trap } from './process.js'
import { callsOf, family, isGated, isSuspended, living, outstanding } from './state.js'
import type { Making, Process, Spawn, State } from './state.js'

/** Is what can happen to a kernel. Whatever an event creates carries its id; `cut` aborts the signal of a process. */
export type Event =
  | { readonly type: 'spawn'; readonly id: number; readonly options: Spawn; readonly via?: number }
  | ({ readonly type: 'call' } & Making)
  | { readonly type: 'settle'; readonly call: number; readonly isError?: boolean; readonly tokens?: number }
  | { readonly type: 'abort'; readonly call: number }
  | { readonly type: 'exit'; readonly pid: number; readonly isError?: boolean }
  | { readonly type: 'kill' | 'cut' | 'suspend' | 'resume'; readonly pid: number }
  | { readonly type: 'setPriority'; readonly pid: number; readonly priority: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'killAll' | 'close' }

/** Returns the state after an event; the given state stays as it is. */
export function step(state: Readonly<State>, event: Event): State {
  const s = structuredClone(state) as State
  apply(s, event)
  progress(s)
  return s
}

function apply(s: State, event: Event): void {
  switch (event.type) {
    case 'spawn':
      return spawnFromOutside(s, event)
    case 'call':
      return trap(s, event)
    case 'settle':
      return driverSettles(s, s.calls[event.call]!, event)
    case 'abort':
      return cancel(s, s.calls[event.call]!, 'reason')
    case 'exit':
      return end(s, event.pid, { own: event.isError ? 'error' : 'ok', calls: 'AIOS_PROCESS_EXITED' })
    case 'kill':
      return end(s, event.pid, 'AIOS_PROCESS_KILLED')
    case 'cut':
      return end(s, event.pid, 'reason')
    case 'suspend':
      return suspend(s, s.processes[event.pid]!)
    case 'resume':
      s.processes[event.pid]!.isSuspended = false
      return
    case 'setPriority':
      return setPriority(s, s.processes[event.pid]!, event.priority)
    case 'advance':
      return advance(s, s.now + event.ms)
    case 'killAll':
      for (const p of living(s)) end(s, p.id, 'AIOS_PROCESS_KILLED')
      return
    case 'close':
      for (const p of living(s)) end(s, p.id, 'AIOS_CLOSED')
      s.isClosed = true
  }
}

/** Inside a tool, what is spawned from outside becomes a child of the tool's caller. */
function spawnFromOutside(s: State, { id, options, via }: Extract<Event, { type: 'spawn' }>): void {
  if (!s.isClosed) spawn(s, options, { id, payer: s.calls[via ?? -1]?.pid ?? 0, via, hasHandle: true })
}

/** Gates what waits in the subtree; what runs goes on, and what is done is held back. */
function suspend(s: State, p: Process): void {
  const before = family(s, p.id).filter((pid) => !isSuspended(s, s.processes[pid]))
  p.isSuspended = true
  for (const c of outstanding(s)) {
    const isInKernel = !c.isOnDevice && c.phase !== 'held' && c.phase !== 'waiting'
    if (isInKernel && before.includes(c.pid) && isGated(s, c)) gate(s, c)
  }
}

/** Lets everything happen that can happen without an event. */
function progress(s: State): void {
  const reject: Reject = (c, code) => settle(s, c, code)
  for (let before = ''; before !== (before = JSON.stringify(s));) {
    for (const pid of family(s, 0)) goOn(s, pid, reject)
    for (const c of outstanding(s)) if (c.phase === 'waiting' && !isGated(s, c)) answer(s, c)
    pump(s, reject)
  }
}

/** Lets the calls of a process that is not, or no longer, suspended have what was held back, and go where they wanted to. */
function goOn(s: State, pid: number, reject: Reject): void {
  const calls = outstanding(s).filter((c) => c.pid === pid && !isGated(s, c))
  for (const c of calls) if (c.phase === 'held') settle(s, c, c.outcome!)
  for (const c of calls) if (c.phase === 'gated') perform(s, c, reject)
}

/** Moves time from one due thing to the next. */
function advance(s: State, until: number): void {
  for (let at = nextDue(s); at <= until; at = nextDue(s)) {
    passTime(s, at)
    for (const c of callsOf(s)) if ((c.abandonAt ?? Infinity) <= s.now) release(s, c, 0)
    for (const c of outstanding(s)) if (c.deadline <= s.now) cancel(s, c, 'AIOS_DEADLINE_EXCEEDED')
    for (const p of living(s)) {
      if (p.deadline <= s.now) end(s, p.id, 'AIOS_DEADLINE_EXCEEDED')
      else if (p.wallLeft <= 0) end(s, p.id, 'AIOS_PROCESS_KILLED')
    }
    progress(s)
  }
  passTime(s, until)
}

function nextDue(s: State): number {
  const walls = living(s)
    .filter((p) => !isSuspended(s, p))
    .map((p) => s.now + p.wallLeft)
  const deadlines = [...outstanding(s), ...living(s)].map((x) => x.deadline)
  return Math.min(...walls, ...deadlines, ...callsOf(s).map((c) => c.abandonAt ?? Infinity))
}

function passTime(s: State, now: number): void {
  for (const p of living(s)) if (!isSuspended(s, p)) p.wallLeft -= now - s.now
  s.now = now
}

/** The state of the reference model: plain data, no promises, no timers; time is a field. */

/** Is what a spawn may say. */
export interface Spawn {
  readonly priority?: number
  readonly isDetached?: boolean
  readonly tokens?: number
  readonly calls?: number
  readonly wallMs?: number
  readonly deadlineMs?: number
}

/** Is what a call asks for. A polite driver stops at once when it is told to. */
export interface Operation {
  readonly kind: 'device' | 'all' | 'spawn' | 'send' | 'receive' | 'wait'
  readonly lane?: string
  readonly keys?: readonly string[]
  readonly input?: number
  readonly output?: number
  readonly isPolite?: boolean
  /** The calls of a composite. */
  readonly calls?: readonly { readonly id: number; readonly keys?: readonly string[] }[]
  readonly child?: Spawn
  /** The process that is sent to, received from or waited for. */
  readonly peer?: number
}

/** Is how a call is made: by a process, perhaps nested in another call. */
export interface Making {
  readonly id: number
  readonly pid: number
  readonly op: Operation
  readonly parent?: number
  readonly priority?: number
  readonly deadlineMs?: number
  readonly isAborted?: boolean
}

/** Is one syscall. It may be settled and still be on its device: a zombie. */
export interface Call extends Making {
  readonly deadline: number
  /** What it was made with, and what it has with what is lent to it. */
  own: number
  priority: number
  phase: 'gated' | 'waiting' | 'locking' | 'queued' | 'parked' | 'running' | 'held' | 'settled'
  /** How it settled, or what is held back. */
  outcome?: string
  isOnDevice: boolean
  /** The call on whose slot it runs. */
  host?: number | undefined
  /** Its place among those who want the slot of a call, lowest first. */
  place?: number
  abandonAt?: number | undefined
  locks: string[]
  /** The wait that was last looked at: only a new one can close a cycle. */
  seen?: string | undefined
  reserved: number
  /** The code it was given up with; whatever is made under it later ends with the same. */
  cancelled?: string
  /** The send whose message a receive got. */
  message?: number | undefined
}

/** Is a process. Pid 0 is the kernel itself; the payer is who spawned it, also when it is detached. */
export interface Process {
  readonly id: number
  readonly parent: number
  readonly payer: number
  /** The call in whose course it was spawned. */
  readonly via?: number | undefined
  /** Whether someone outside can kill, suspend and resume it by itself. */
  readonly hasHandle: boolean
  readonly given: Spawn
  readonly deadline: number
  priority: number
  isSuspended: boolean
  /** `ok`, or the code it ended with. */
  exit?: string
  used: { tokens: number; calls: number }
  reserved: number
  wallLeft: number
  /** Sends that were not received yet. */
  mailbox: number[]
}

/**
 * Is a queue in front of a device. `trees` holds, by class, the process trees in the order of
 * their turns, and `rings` the agents.
 */
export interface Lane {
  readonly concurrency: number
  readonly depth: number
  readonly policy: 'fifo' | 'priority' | 'roundRobin'
  queue: number[]
  trees: number[][]
  rings: number[][]
}

export interface State {
  now: number
  isClosed: boolean
  readonly abandonAfterMs: number
  readonly mailboxDepth: number
  processes: Record<number, Process>
  calls: Record<number, Call>
  lanes: Record<string, Lane>
  /** Calls in the order they were put on a device, and processes in the order they ended. */
  starts: number[]
  exits: number[]
}

export interface Setup {
  readonly lanes: Readonly<Record<string, Partial<Pick<Lane, 'concurrency' | 'depth' | 'policy'>>>>
  readonly abandonAfterMs?: number
  readonly mailboxDepth?: number
}

export function initial({ lanes, abandonAfterMs = 5_000, mailboxDepth = 1_000 }: Setup): State {
  const lane = (given: Setup['lanes'][string]): Lane => {
    const turns = (): number[][] => Array.from({ length: 8 }, () => [])
    return {
      concurrency: 1,
      depth: Infinity,
      policy: 'roundRobin',
      ...given,
      queue: [],
      trees: turns(),
      rings: turns(),
    }
  }
  const made = Object.entries(lanes).map(([name, given]) => [name, lane(given)] as const)
  const empty = { processes: {}, calls: {}, starts: [], exits: [] }
  return { now: 0, isClosed: false, abandonAfterMs, mailboxDepth, ...empty, lanes: Object.fromEntries(made) }
}

export const callsOf = (s: State): Call[] => Object.values(s.calls)
export const outstanding = (s: State): Call[] => callsOf(s).filter((c) => c.phase !== 'settled')
export const living = (s: State): Process[] => Object.values(s.processes).filter((p) => p.exit === undefined)
export const isRunning = (c: Call): boolean => c.isOnDevice && c.phase !== 'settled'

/** Returns the root of the tree of a process: detached children stay in it. */
export function rootOf(s: State, pid: number): number {
  const payer = s.processes[pid]?.payer ?? 0
  return payer === 0 ? pid : rootOf(s, payer)
}

/** Lists the calls a call is nested in, nearest first; a process continues the chain of the call that spawned it. */
export function chain(s: State, c: Pick<Call, 'pid' | 'parent'>): Call[] {
  let above = c.parent
  for (let p = s.processes[c.pid]; above === undefined && p !== undefined; p = s.processes[p.parent]) above = p.via
  const next = s.calls[above ?? -1]
  return next === undefined ? [] : [next, ...chain(s, next)]
}

export function isSuspended(s: State, p: Process | undefined): boolean {
  return p !== undefined && (p.isSuspended || isSuspended(s, s.processes[p.parent]))
}

/** Lists a process and its descendants, each before its children. */
export function family(s: State, pid: number): number[] {
  const children = living(s).filter((p) => p.parent === pid)
  return [pid, ...children.flatMap((p) => family(s, p.id))]
}

/** Suspend gates only calls with no slot-holding ancestor. */
export function isGated(s: State, c: Call): boolean {
  return isSuspended(s, s.processes[c.pid]) && !chain(s, c).some(isRunning)
}

/** Says what a process is doing, in the words of `ps()`. */
export function processState(s: State, id: number): string {
  const p = s.processes[id]!
  if (p.exit !== undefined) return 'exited'
  if (isSuspended(s, p)) return 'suspended'
  const own = outstanding(s).filter((c) => c.pid === id)
  return own.some(isRunning) ? 'running' : own.some((c) => c.phase !== 'waiting') ? 'runnable' : 'sleeping'
}

/** Lists the calls that hold a slot of a lane; nested calls hold none. */
export function onSlots(s: State, lane: string): Call[] {
  return callsOf(s).filter((c) => c.isOnDevice && c.host === undefined && c.op.lane === lane)
}

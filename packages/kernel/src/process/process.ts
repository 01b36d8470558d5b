import type { CompiledGrants } from '../access/compiled-grants.js'
import type { JournalScope } from '../journal/journal-scope.js'
import type { Quota } from '../limiter/quota.js'
import type { Syscall } from '../syscall/syscall.js'
import type { Lenders } from '../scheduler/lenders.js'
import type { TaskOwner } from '../scheduler/policy.js'
import type { TaskList } from '../scheduler/task-list.js'
import type { WheelTimer } from '../time/timer-wheel.js'
import type { Priority } from './agent.js'
import type { Account } from './budget.js'
import type { Mailbox } from './mailbox.js'
import type { ProcessEnd } from './process-end.js'
import type { ProcessTree } from './process-tree.js'

/** Counts what a process and its descendants used. */
export class UsageCounter {
  calls = 0
  inputTokens = 0
  outputTokens = 0
  costUsd = 0
}

/** Is what a process is given when it is made. */
export interface ProcessSeed {
  readonly pid: number
  readonly parent: Process | undefined
  /** The call in whose course it was spawned. */
  readonly origin: Syscall | undefined
  readonly name: string
  readonly namespace: string
  /** Begins the names of runs. */
  readonly bootId: string
  readonly priority: Priority
  readonly grants: CompiledGrants | undefined
  readonly account: Account | undefined
  readonly quota?: Quota | undefined
  readonly tree: ProcessTree
  readonly createdAt: number
}

/** Is the kernel's record of one process: xv6's `struct proc`. */
export class Process implements TaskOwner {
  /** Written again only by the resumption of a run, before its agent starts. */
  pid: number
  readonly name: string
  readonly namespace: string
  readonly #bootId: string
  readonly grants: CompiledGrants | undefined
  /** The nearest budget at or above the process. */
  readonly account: Account | undefined
  /** The nearest limits at or above the process, of its tenant at last. */
  readonly quota: Quota | undefined
  readonly tree: ProcessTree
  readonly createdAt: number
  readonly origin: Syscall | undefined
  /** undefined for a process that the kernel itself started. */
  readonly parent: Process | undefined
  priority: Priority
  readonly usage = new UsageCounter()

  /** Written by spawn and exit. */
  children: Set<Process> | undefined = undefined
  end: ProcessEnd | undefined = undefined
  /** Whether an agent function runs in it; otherwise it only makes calls for code outside. */
  runsAgent = false
  /** How the journal knows it, if it is journalled. */
  scope: JournalScope | undefined = undefined
  /** The run that it takes up, if that is not the one of its tree. */
  claims: string | undefined = undefined
  /** Settles once its end is durable, if somebody may ask for the answer again. */
  sealing: Promise<void> | undefined = undefined
  /** Takes the value, or a promise that rejects, once somebody has asked for the result. */
  settleResult: ((result: unknown) => void) | undefined = undefined
  /** Ends of children that nobody has waited for, by pid. */
  unwaited: Map<number, ProcessEnd> | undefined = undefined
  /** `agent.wait` calls on this process. */
  waiters: Set<Syscall> | undefined = undefined
  /** Counts those by priority, and the highest priority that is lent to it and its calls; -1 if none is. */
  lenders: Lenders | undefined = undefined
  lent = -1
  detached = false
  /** Whether its end is kept for its parent's `agent.wait`. */
  awaitable = false
  abort: AbortController | undefined = undefined
  release: (() => void) | undefined = undefined
  deadline: WheelTimer | undefined = undefined
  /** Time of that deadline; undefined without one, which costs no number on the heap. */
  dueAt: number | undefined = undefined
  wall: WheelTimer | undefined = undefined
  wallLeftMs = 0
  wallSince = 0
  onWall: (() => void) | undefined = undefined

  /** Written by suspend and resume: own flag, and how many of itself and its ancestors are suspended. */
  suspended = false
  frozen = 0
  /** Streams that hold their parts back until it is resumed. */
  thawing: Set<() => void> | undefined = undefined
  /** Calls kept from their lanes while frozen, oldest first. */
  parked: TaskList | undefined = undefined

  /** Written by the mailbox verbs. */
  mailbox: Mailbox | undefined = undefined

  /** Outstanding calls, oldest first, linked through the calls. */
  firstCall: Syscall | undefined = undefined
  #lastCall: Syscall | undefined = undefined

  constructor(seed: ProcessSeed) {
    this.pid = seed.pid
    this.parent = seed.parent
    this.origin = seed.origin
    this.name = seed.name
    this.namespace = seed.namespace
    this.#bootId = seed.bootId
    this.priority = seed.priority
    this.grants = seed.grants
    this.account = seed.account
    this.quota = seed.quota
    this.tree = seed.tree
    this.createdAt = seed.createdAt
  }

  /** Names the run, which is the tree; made when asked for, because most processes never are. */
  get runId(): string {
    return this.tree.runId ?? `${this.#bootId}-${this.tree.id}`
  }

  /** Names the run that its lines are in: another than that of its tree if it is detached and outlived what spawned it. */
  get journalId(): string {
    return this.scope?.run.id ?? this.claims ?? this.runId
  }

  /** Pid of the parent; 0 is the kernel itself, to whom a detached process belongs. */
  get parentPid(): number {
    return this.detached ? 0 : (this.parent?.pid ?? 0)
  }

  /** Takes a call into the list of outstanding ones. */
  link(call: Syscall): void {
    call.previousCall = this.#lastCall
    if (this.#lastCall === undefined) this.firstCall = call
    else this.#lastCall.nextCall = call
    this.#lastCall = call
  }

  /** Takes a call out of that list. */
  unlink(call: Syscall): void {
    if (call.previousCall === undefined) this.firstCall = call.nextCall
    else call.previousCall.nextCall = call.nextCall
    if (call.nextCall === undefined) this.#lastCall = call.previousCall
    else call.nextCall.previousCall = call.previousCall
    call.nextCall = undefined
    call.previousCall = undefined
  }

  /** Returns the outstanding calls as they are now, so that the list may change while they are walked. */
  outstanding(): readonly Syscall[] {
    const calls: Syscall[] = []
    for (let call = this.firstCall; call !== undefined; call = call.nextCall) calls.push(call)
    return calls
  }
}

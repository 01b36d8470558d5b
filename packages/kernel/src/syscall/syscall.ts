import type { Attempt, ChatRequest, Usage } from '../driver/chat.js'
import type { PreparedToolCall } from '../driver/tool-driver.js'
import { AiosError } from '../error/aios-error.js'
import type { CallSize } from '../limiter/call-size.js'
import type { TakenCost } from '../limiter/limiter.js'
import type { Quota, QuotaShare } from '../limiter/quota.js'
import type { CallRecord } from '../journal/journal-scope.js'
import type { AsyncScope } from '../lifetime/async-scope.js'
import type { ProcessContext } from '../preemption/process-context.js'
import type { Account, Need, Reservation } from '../process/budget.js'
import type { Process } from '../process/process.js'
import type { Batch } from '../scheduler/batch/batch.js'
import type { Lane } from '../scheduler/lane.js'
import type { Borrower } from '../scheduler/priority-inheritance.js'
import type { Task } from '../scheduler/policy.js'
import type { Served } from '../scheduler/served.js'
import type { TaskList } from '../scheduler/task-list.js'
import type { WheelTimer } from '../time/timer-wheel.js'
import type { Caller } from './caller.js'
import type { IdempotencyClaim, IdempotencyKey } from './idempotency-claim.js'
import type { ChatStreamHandle } from './chat/chat-stream-handle.js'
import type { DeviceStream } from './chat/device-stream.js'
import type { Device, TableRow } from './syscall-row.js'

/** States of a syscall. `waiting`: for a hook, a lock, a budget or a resume. `held`: done, kept back by a suspend. */
export const STATE = { fresh: 0, waiting: 1, queued: 2, running: 3, held: 4, settled: 5 } as const

/** Is one of the {@link STATE}s. */
export type CallState = (typeof STATE)[keyof typeof STATE]

const NAMES = ['fresh', 'waiting', 'queued', 'running', 'held', 'settled'] as const
const mask = (...states: readonly CallState[]): number => states.reduce<number>((bits, state) => bits | (1 << state), 0)
/** Legal next states of each state, as bits. */
const NEXT: readonly number[] = [
  mask(STATE.waiting, STATE.queued, STATE.running, STATE.settled),
  mask(STATE.waiting, STATE.queued, STATE.running, STATE.settled),
  mask(STATE.waiting, STATE.running, STATE.settled),
  mask(STATE.waiting, STATE.held, STATE.settled),
  mask(STATE.settled),
  0,
]

/** Says whose slot a call is on: none, its own, or the one of a call it is nested in. */
export const SLOT = { none: 0, own: 1, borrowed: 2 } as const

/** Holds what only some calls have; made on first use. */
export class CallExtras {
  signal: AbortSignal | undefined = undefined
  onAbort: (() => void) | undefined = undefined
  deadline: WheelTimer | undefined = undefined
  /** Time of that deadline. */
  dueAt = Number.POSITIVE_INFINITY
  abandonment: WheelTimer | undefined = undefined
  idle: WheelTimer | undefined = undefined
  controller: AbortController | undefined = undefined
  usage: Usage | undefined = undefined
  costUsd: number | undefined = undefined
  /** How large the call may get, for limits; and why its core could not say. */
  size: CallSize | undefined = undefined
  unsized: { readonly error: unknown } | undefined = undefined
  /** What the call holds of the limits of its process and those above; and the one that it waits for. */
  allowance: readonly QuotaShare[] | undefined = undefined
  quota: Quota | undefined = undefined
  /** What the call has reserved of its lane's limits. */
  taken: TakenCost | undefined = undefined
  /** Attempts that failed before the one that runs, or waits. */
  attempts: readonly Attempt[] | undefined = undefined
  /** What the router was asked about, where the core gets something else. */
  asked: ChatRequest | undefined = undefined
  /** When the first part of its answer came, where somebody wants to know. */
  firstPartAt: number | undefined = undefined
  /** Calls made under this one that have not settled. */
  children: Set<Syscall> | undefined = undefined
  /** The call whose slot this one runs on. */
  host: Syscall | undefined = undefined
  /** The nested call that runs on this one's slot now, and those that wait for it. */
  guest: Syscall | undefined = undefined
  guests: TaskList | undefined = undefined
  /** Conflict keys this call needs, sorted, and how many of them it holds. */
  keys: readonly string[] | undefined = undefined
  keysHeld = 0
  prepared: PreparedToolCall | undefined = undefined
  /** What the call needs at most, once a budget or a limit has asked; and the budget whose parked calls it may keep waiting. */
  need: Need | undefined = undefined
  turn: Account | undefined = undefined
  reservation: Reservation | undefined = undefined
  /** What a switch keeps of it, from its first cut on. */
  context: ProcessContext | undefined = undefined
  /** The batch that its slot belongs to. */
  batch: Batch | undefined = undefined
  /** Takes the outcome instead of the caller: hooks. */
  intercept: ((fulfilled: boolean, value: unknown) => void) | undefined = undefined
  /** What makes it one with other calls, and those that it is one with. */
  idempotency: IdempotencyKey | undefined = undefined
  claim: IdempotencyClaim | undefined = undefined
  /** Durable id and result of the call that it undoes. */
  undoes: { readonly id: string; readonly result: unknown } | undefined = undefined
  held: { readonly fulfilled: boolean; readonly value: unknown } | undefined = undefined
  /** The kernel's end of the core's stream, and the consumer's. */
  device: DeviceStream | undefined = undefined
  stream: ChatStreamHandle | undefined = undefined
  /** Ends what the call waits for, when it is cancelled or suspended. */
  unwait: (() => void) | undefined = undefined
  /** The process this call waits for. */
  waitsForPid: number | undefined = undefined
  /** What it lends its priority to while it waits for that; written, like the next two, by `PriorityInheritance`. */
  lendsTo: Borrower | undefined = undefined
  /** Highest priority that is lent to it; -1 if none is. */
  lent = -1
  /** Its own priority, once another was lent to it. */
  own: number | undefined = undefined
  /** Why the call was cancelled; calls made under it afterwards reject with the same. */
  cancelledBy: unknown = undefined
}

/**
 * Is one call of one process, from trap to settlement. Fields up to `slot` are written by the scheduler, the others by the
 * module named in their comment. All fields exist from the start, so that every call has the same hidden class.
 */
export class Syscall implements Task {
  next: Task | undefined = undefined
  previous: Task | undefined = undefined
  earlier: Task | undefined = undefined
  later: Task | undefined = undefined
  list: unknown = undefined
  /** Written by the row's `route`. */
  lane: Lane | undefined = undefined
  slot: (typeof SLOT)[keyof typeof SLOT] = SLOT.none
  queuedAt = Number.NaN
  /** When it last got on its device; undefined before, which costs a call that waits no number on the heap. */
  startedAt: number | undefined = undefined
  readonly createdAt: number
  readonly id: number
  readonly owner: Process
  readonly row: TableRow
  readonly caller: Caller
  priority: number
  /** Written only by `transition`. */
  state: CallState = STATE.fresh
  /** Written by `trap` and hooks. */
  request: unknown
  /** Links of the owner's list of outstanding calls; written by `Process`. */
  nextCall: Syscall | undefined = undefined
  previousCall: Syscall | undefined = undefined
  /** The caller's async context, if the call did not start in it. Here, because every call that queues has one. */
  scope: AsyncScope | undefined = undefined
  extras: CallExtras | undefined = undefined
  /** What the journal keeps of it, if it is journalled. */
  record: CallRecord | undefined = undefined
  /** What the policy of its lane has been told of the service it got. */
  served: Served | undefined = undefined
  readonly promise: Promise<unknown>
  resolve!: (value: unknown) => void
  reject!: (reason: unknown) => void

  constructor(caller: Caller, row: TableRow, request: unknown) {
    const { kernel, process } = caller
    this.id = kernel.nextCallId()
    this.createdAt = kernel.clock.now()
    this.owner = process
    this.caller = caller
    this.row = row
    this.request = request
    // A call made under another one of the same process is as urgent as that one.
    this.priority = caller.parent?.owner === process ? ownPriority(caller.parent) : process.priority
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  /** Returns the part that only some calls have, making it. */
  rare(): CallExtras {
    return (this.extras ??= new CallExtras())
  }

  /** The call that this one was made under, through whatever process. */
  get parent(): Syscall | undefined {
    return this.caller.parent
  }

  /** The device that serves the call, once the row's `route` has chosen its lane. */
  get device(): Device | undefined {
    return this.lane?.device
  }

  /** When the call or its process has to be done. */
  get dueAt(): number {
    const { dueAt = Number.POSITIVE_INFINITY } = this.owner
    return this.extras === undefined || dueAt < this.extras.dueAt ? dueAt : this.extras.dueAt
  }

  /** A call that goes on after a cut costs its agent no input again. */
  get inputTokens(): number {
    return this.extras?.context === undefined ? (this.row.inputTokens?.(this) ?? 1) : 0
  }

  /** What tells this step of its agent from others; found anew at each reading. */
  get kind(): string | undefined {
    return this.row.kind?.(this)
  }

  /** Whether the driver still has the call. */
  get onDevice(): boolean {
    return this.slot !== SLOT.none
  }

  /** Whether a call that holds a slot waits for this one: such a call passes suspends and bounds. */
  get underSlot(): boolean {
    for (let call = this.parent; call !== undefined; call = call.parent) if (call.slot !== SLOT.none) return true
    return false
  }
}

/**
 * Moves a call to its next state.
 *
 * @throws AiosError `AIOS_BUG` if the move is not legal
 */
export function transition(call: Syscall, next: CallState): void {
  if (((NEXT[call.state] as number) & (1 << next)) === 0) {
    throw new AiosError(
      'AIOS_BUG',
      `Syscall ${call.id} (${call.row.name}) went from ${stateName(call.state)} to ${stateName(next)}.`,
    )
  }
  call.state = next
}

/** Returns the priority of a call without what is lent to it. */
export function ownPriority({ extras, priority }: Syscall): number {
  return extras?.own ?? priority
}

/** Names a state. */
export function stateName(state: CallState): (typeof NAMES)[number] {
  return NAMES[state]
}

/** Names a call in an event. */
export function factOf(call: Syscall): { id: number; name: string; pid: number; lane: string | undefined; at: number } {
  return {
    id: call.id,
    name: call.row.name,
    pid: call.owner.pid,
    lane: call.lane?.id,
    at: call.caller.kernel.clock.now(),
  }
}

import type { Resume } from '../driver/llm-driver.js'

/**
 * Is what a policy orders: a call that waits. A policy keeps its own links in the task, so a call
 * can leave the middle of any list at no cost. No two policies ever hold the same task.
 */
export interface Task {
  /** Grows by one with every call of the kernel. */
  readonly id: number
  /** 0 to 7, 7 first. */
  readonly priority: number
  /** The process that waits; policies compare it by identity. */
  readonly owner: TaskOwner
  /** When it began to wait, in milliseconds. */
  readonly queuedAt: number
  /** Time by which it must have ended, in milliseconds; `Infinity` without a deadline. */
  readonly dueAt: number
  /** Tells steps of one agent apart, such as by the tools it offers the model; undefined where nothing does. */
  readonly kind?: string | undefined
  /** Bound or estimate of its input, in tokens; 1 in lanes that do not count tokens. */
  readonly inputTokens: number
  next: Task | undefined
  previous: Task | undefined
  /** A second pair of links, for a policy that keeps two orders. */
  earlier: Task | undefined
  later: Task | undefined
  /** Where the policy keeps it; undefined while it is in no policy. */
  list: unknown
}

/** Is the process that a task belongs to. */
export interface TaskOwner {
  readonly pid: number
  /** Name of the agent. */
  readonly name: string
  /** undefined for the root of a tree. */
  readonly parent: TaskOwner | undefined
  readonly tree: TaskTree
}

/** Is a process with all its descendants. Shares are counted over it, so that spawning children gains nothing. */
export interface TaskTree {
  /** Pid of the root. */
  readonly id: number
  /** Share among the trees of its tenant; above 0. */
  readonly weight: number
  readonly tenant: Tenant
  /** Number of its processes that have not ended; with 0 nothing more comes of it. */
  readonly living: number
}

/** Is on whose behalf processes run. */
export interface Tenant {
  readonly name: string
  /** Share among the tenants of the kernel; above 0. */
  readonly weight: number
}

/** Is what a running task was served, in tokens; in lanes that do not count tokens each call is one input token. */
export interface Service {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** Is what a running task has had since it last got its slot. */
export interface Slice {
  readonly ms: number
  readonly outputTokens: number
}

/** Describes the lane that a policy is made for. */
export interface LaneInfo {
  /** Such as `llm/main`, `memory`, `storage` or `tool`. */
  readonly id: string
  /** Most calls on the device at once. */
  readonly concurrency: number
  /** How a call that was cut in the middle goes on; `none`, the default, where none is ever cut. */
  readonly resume?: Resume | undefined
}

/**
 * Decides which waiting call of a lane goes next. Every method takes the time, none reads a clock, so that the same
 * object runs in production and in simulation. Each must hold every task it was given until `next` or `remove` returns it.
 */
export interface SchedulingPolicy {
  /** Number of tasks held. */
  readonly size: number
  /** Whether priorities mean nothing to it: a task whose priority changes then keeps its place. Default false. */
  readonly ignoresPriority?: boolean
  /** Takes a task in. */
  enqueue(task: Task, now: number): void
  /** Removes and returns the task to run now; undefined only when empty, or when `wakeAt` says when to ask again. */
  dequeue(now: number): Task | undefined
  /**
   * Returns when a task that is held back may run, if none may now. Only policies that hold tasks back have it: in their
   * lanes no call starts without having been queued, and `dequeue(Infinity)` returns whatever is left.
   */
  wakeAt?(now: number): number | undefined
  /** Takes a task out, wherever it stands. Returns false if the policy does not hold it. */
  remove(task: Task): boolean
  /**
   * Hears that a task got its slot: one that was dequeued, or one that never waited because the lane was idle. Charges
   * its input.
   */
  started?(task: Task, now: number): void
  /** Hears of more service for a running task, as its output streams. The last report corrects estimates, and may be negative. */
  served?(task: Task, service: Service, now: number): void
  /** Hears that a started task is over, however it ended. */
  settled?(task: Task, now: number): void
  /**
   * Says whether a running task should give its slot to one that waits, and go on later. Asked only for tasks that can go
   * on, with all slots taken: as their output grows, as tasks come to wait, and when `quantumMs` is over.
   */
  preempts?(task: Task, slice: Slice, now: number): boolean
  /** Milliseconds on a slot after which `preempts` is to be asked about a task. */
  readonly quantumMs?: number | undefined
  /** Removes and returns a waiting task that can no longer be done in time; the kernel rejects it. */
  shed?(now: number): Task | undefined
  /**
   * Removes and returns the waiting task that it would serve last of the lowest class, if that is below a class; the kernel
   * rejects it to make room for one of that class. Without this method a full lane refuses whoever comes.
   */
  yield?(below: number): Task | undefined
  /** Hears that an owner has ended and makes no more tasks; once for each, children before their parents. */
  forget?(owner: TaskOwner): void
}

/** Is a policy with its settings, immutable; the kernel calls `create` once for each lane. */
export interface PolicyDefinition {
  /** Shown by `stats()`, such as `roundRobin`. */
  readonly name: string
  create(lane: LaneInfo): SchedulingPolicy
}

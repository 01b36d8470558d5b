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
}

/** Describes the lane that a policy is made for. */
export interface LaneInfo {
  /** Such as `llm/main`, `memory`, `storage` or `tool`. */
  readonly id: string
  /** Most calls on the device at once. */
  readonly concurrency: number
}

/**
 * Decides which waiting call of a lane goes next. Every method takes the time, none reads a clock, so that the same
 * object runs in production and in simulation. Each must hold every task it was given until `next` or `remove` returns it.
 */
export interface SchedulingPolicy {
  /** Number of tasks held. */
  readonly size: number
  /** Takes a task in. */
  enqueue(task: Task, now: number): void
  /** Removes and returns the task to run now; undefined only when empty. */
  dequeue(now: number): Task | undefined
  /** Takes a task out, wherever it stands. Returns false if the policy does not hold it. */
  remove(task: Task): boolean
}

/** Is a policy with its settings, immutable; the kernel calls `create` once for each lane. */
export interface PolicyDefinition {
  /** Shown by `stats()`, such as `roundRobin`. */
  readonly name: string
  create(lane: LaneInfo): SchedulingPolicy
}

import { PRIORITY_CLASSES } from '../limits.js'
import { ageingStep, type AgeingOptions } from './ageing.js'
import { chooseClass, ClassBitmap } from './class-bitmap.js'
import type { PolicyDefinition, SchedulingPolicy, Task, TaskOwner } from './policy.js'
import { TaskList } from './task-list.js'

/** Holds the waiting tasks of one agent in one class, and its place in the ring of agents. */
class AgentQueue extends TaskList {
  readonly owner: TaskOwner
  after: AgentQueue | undefined = undefined
  before: AgentQueue | undefined = undefined

  constructor(owner: TaskOwner) {
    super()
    this.owner = owner
  }
}

/** Is one priority class: agents take turns, one task each. */
class AgentRing {
  readonly #queues = new Map<TaskOwner, AgentQueue>()
  #first: AgentQueue | undefined = undefined
  #last: AgentQueue | undefined = undefined

  get empty(): boolean {
    return this.#first === undefined
  }

  push(task: Task): void {
    let queue = this.#queues.get(task.owner)
    if (queue === undefined) {
      queue = new AgentQueue(task.owner)
      this.#queues.set(task.owner, queue)
      this.#append(queue)
    }
    queue.push(task)
  }

  /** Returns the task whose agent has the turn. */
  peek(): Task | undefined {
    return this.#first?.head
  }

  /** Removes a task; the turn of its agent then goes to the next one if `served`. */
  take(task: Task, served: boolean): boolean {
    const queue = this.#queues.get(task.owner)
    if (queue?.remove(task) !== true) return false
    if (queue.size === 0) {
      this.#unlink(queue)
      this.#queues.delete(queue.owner)
    } else if (served) {
      this.#unlink(queue)
      this.#append(queue)
    }
    return true
  }

  #append(queue: AgentQueue): void {
    queue.before = this.#last
    queue.after = undefined
    if (this.#last === undefined) this.#first = queue
    else this.#last.after = queue
    this.#last = queue
  }

  #unlink(queue: AgentQueue): void {
    if (queue.before === undefined) this.#first = queue.after
    else queue.before.after = queue.after
    if (queue.after === undefined) this.#last = queue.before
    else queue.after.before = queue.before
  }
}

/** Keeps the tasks of one class in order of arrival, through a second pair of links in the task. */
class ArrivalList {
  oldest: Task | undefined = undefined
  #newest: Task | undefined = undefined

  push(task: Task): void {
    task.earlier = this.#newest
    task.later = undefined
    if (this.#newest === undefined) this.oldest = task
    else this.#newest.later = task
    this.#newest = task
  }

  remove(task: Task): void {
    if (task.earlier === undefined) this.oldest = task.later
    else task.earlier.later = task.later
    if (task.later === undefined) this.#newest = task.earlier
    else task.later.earlier = task.earlier
    task.earlier = undefined
    task.later = undefined
  }
}

class RoundRobinPolicy implements SchedulingPolicy {
  size = 0
  readonly #ageingMs: number
  readonly #rings = Array.from({ length: PRIORITY_CLASSES }, () => new AgentRing())
  readonly #arrivals = Array.from({ length: PRIORITY_CLASSES }, () => new ArrivalList())
  readonly #bitmap = new ClassBitmap()
  readonly #oldestAt = (priority: number): number =>
    this.#arrivals[priority]?.oldest?.queuedAt ?? Number.POSITIVE_INFINITY

  constructor(ageingMs: number) {
    this.#ageingMs = ageingMs
  }

  enqueue(task: Task): void {
    this.#rings[task.priority]?.push(task)
    this.#arrivals[task.priority]?.push(task)
    this.#bitmap.add(task.priority)
    this.size += 1
  }

  dequeue(now: number): Task | undefined {
    const top = this.#bitmap.highest()
    if (top < 0) return undefined
    const chosen = chooseClass(this.#bitmap, this.#oldestAt, { now, ms: this.#ageingMs })
    const oldest = this.#arrivals[chosen]?.oldest
    const overdue = oldest !== undefined && now - oldest.queuedAt >= this.#ageingMs * PRIORITY_CLASSES
    // A class that won by age is served by age; so is a task that has waited the whole bound within its class.
    const task = chosen !== top || overdue ? oldest : this.#rings[chosen]?.peek()
    if (task !== undefined) this.#take(task, true)
    return task
  }

  remove(task: Task): boolean {
    return this.#take(task, false)
  }

  #take(task: Task, served: boolean): boolean {
    const ring = this.#rings[task.priority]
    if (ring?.take(task, served) !== true) return false
    this.#arrivals[task.priority]?.remove(task)
    if (ring.empty) this.#bitmap.delete(task.priority)
    this.size -= 1
    return true
  }
}

/**
 * Lets the agents of the highest class take turns, one call each; an agent with a thousand calls waiting delays another
 * by one call. A call that waits rises one class every `ageingMs`, and one that waited `8 * ageingMs` goes first.
 * The default of every lane.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an `ageingMs` that is not above 0
 * @example
 * ```ts
 * import { createKernel, roundRobin } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { memory: roundRobin() } })
 * await kernel.close()
 * ```
 */
export function roundRobin(options: AgeingOptions = {}): PolicyDefinition {
  const ageingMs = ageingStep(options)
  return Object.freeze({ name: 'roundRobin', create: () => new RoundRobinPolicy(ageingMs) })
}

import { PRIORITY_CLASSES } from '../../limits.js'
import type { SchedulingPolicy, Task, TaskOwner } from '../policy.js'
import { chooseClass, ClassBitmap } from './class-bitmap.js'
import { TreeLines } from './tree-lines.js'

/** Is how the tasks of one priority class take turns. */
export interface TurnQueue {
  readonly empty: boolean
  push(task: Task, now: number): void
  /** Returns the task whose turn it is; only asked when there is one. */
  peek(now: number): Task | undefined
  /**
   * Removes a task wherever it stands; returns false if it is not there.
   *
   * @param servedAt - when it got its slot; undefined if it left without one
   */
  take(task: Task, servedAt: number | undefined): boolean
}

/**
 * Is what all policies over process trees share: the 8 classes, the highest served first, and ageing across them. What ages
 * is a tree in a class, from when it was last served there. Inside a class a {@link TurnQueue} decides, except over a tree
 * that has waited the whole bound of `8 * ageingMs`: its oldest task goes first, so that no order of turns can starve it.
 */
export class ClassedPolicy<Q extends TurnQueue> implements SchedulingPolicy {
  size = 0
  /** By class. */
  protected readonly queues: readonly Q[]
  readonly #ageingMs: number
  readonly #lines = Array.from({ length: PRIORITY_CLASSES }, () => new TreeLines())
  readonly #bitmap = new ClassBitmap()
  readonly #oldestAt = (priority: number): number => this.#lines[priority]?.since ?? Number.POSITIVE_INFINITY

  constructor(ageingMs: number, makeQueue: () => Q) {
    this.#ageingMs = ageingMs
    this.queues = Array.from({ length: PRIORITY_CLASSES }, makeQueue)
  }

  enqueue(task: Task, now: number): void {
    this.queueOf(task).push(task, now)
    this.#lines[task.priority]?.push(task)
    this.#bitmap.add(task.priority)
    this.size += 1
  }

  dequeue(now: number): Task | undefined {
    const task = this.next(now)
    if (task !== undefined) this.#take(task, now)
    return task
  }

  remove(task: Task): boolean {
    return this.#take(task, undefined)
  }

  /** Returns the task whose turn it is, and leaves it where it is. */
  protected next(now: number): Task | undefined {
    const top = this.#bitmap.highest()
    if (top < 0) return undefined
    const chosen = chooseClass(this.#bitmap, this.#oldestAt, { now, ms: this.#ageingMs })
    return this.#byAge(chosen, now) ? this.#lines[chosen]?.oldest : this.queues[chosen]?.peek(now)
  }

  /** Whether whoever is next has its turn for having waited, not by the order of its class. */
  protected isByAge(now: number): boolean {
    const chosen = chooseClass(this.#bitmap, this.#oldestAt, { now, ms: this.#ageingMs })
    return chosen >= 0 && this.#byAge(chosen, now)
  }

  /** A class that won by age is served by age; so is a tree that has waited the whole bound within its class. */
  #byAge(chosen: number, now: number): boolean {
    return chosen !== this.#bitmap.highest() || now - this.#oldestAt(chosen) >= this.#ageingMs * PRIORITY_CLASSES
  }

  /** Returns the class of a task, raised by what its tree has waited there. */
  protected raised(task: Task, now: number): number {
    const steps = Math.floor((now - this.#oldestAt(task.priority)) / this.#ageingMs)
    return Math.min(PRIORITY_CLASSES - 1, task.priority + Math.max(0, steps))
  }

  /** Gives up the newest task of the tree that was served, or came, last. */
  yield(below: number): Task | undefined {
    const lowest = this.#bitmap.lowest()
    const task = lowest < below ? this.#lines[lowest]?.newest : undefined
    if (task !== undefined) this.#take(task, undefined)
    return task
  }

  forget({ tree }: TaskOwner): void {
    if (tree.living === 0) for (const lines of this.#lines) lines.forget(tree)
  }

  protected queueOf(task: Task): Q {
    return this.queues[task.priority] as Q
  }

  #take(task: Task, servedAt: number | undefined): boolean {
    const queue = this.queueOf(task)
    if (!queue.take(task, servedAt)) return false
    this.#lines[task.priority]?.remove(task, servedAt)
    if (queue.empty) this.#bitmap.delete(task.priority)
    this.size -= 1
    return true
  }
}

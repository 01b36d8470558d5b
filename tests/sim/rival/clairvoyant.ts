import type { PolicyDefinition, SchedulingPolicy, Task } from '@aios/kernel'
import FlatQueue from 'flatqueue'
import type { SimTask } from '../engine/sim-task.js'

/** Is shortest remaining time first over programs: it knows how much each will still ask for, which no real policy can. */
export function clairvoyant(): PolicyDefinition {
  return Object.freeze({ name: 'clairvoyant SRPT', create: () => new Clairvoyant() })
}

class Clairvoyant implements SchedulingPolicy {
  readonly #tasks = new FlatQueue<Task>()

  get size(): number {
    return this.#tasks.length
  }

  enqueue(task: Task): void {
    this.#tasks.push(task, (task as SimTask).owner.tree.remainingMs)
  }

  dequeue(): Task | undefined {
    return this.#tasks.pop()
  }

  remove(): boolean {
    return false
  }
}

import type { Task } from '../policy.js'

/** Keeps tasks in order of arrival through the second pair of links in the task, beside the order of turns. */
export class ArrivalList {
  oldest: Task | undefined = undefined
  newest: Task | undefined = undefined

  push(task: Task): void {
    task.earlier = this.newest
    task.later = undefined
    if (this.newest === undefined) this.oldest = task
    else this.newest.later = task
    this.newest = task
  }

  remove(task: Task): void {
    if (task.earlier === undefined) this.oldest = task.later
    else task.earlier.later = task.later
    if (task.later === undefined) this.newest = task.earlier
    else task.later.earlier = task.earlier
    task.earlier = undefined
    task.later = undefined
  }
}

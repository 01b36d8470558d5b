import type { Task } from './policy.js'

/** Holds the links that policies keep in a task, for tasks that have nothing else to inherit. */
export class LinkedTask implements Pick<Task, 'next' | 'previous' | 'earlier' | 'later' | 'list'> {
  next: Task | undefined = undefined
  previous: Task | undefined = undefined
  earlier: Task | undefined = undefined
  later: Task | undefined = undefined
  list: unknown = undefined
}

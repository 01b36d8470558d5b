import type { Task } from './policy.js'

/** Is a doubly linked list through the tasks themselves: O(1) push, shift and removal, and no memory of its own per task. */
export class TaskList {
  head: Task | undefined = undefined
  tail: Task | undefined = undefined
  size = 0

  /** Appends a task that is in no list. */
  push(task: Task): void {
    task.list = this
    task.previous = this.tail
    task.next = undefined
    if (this.tail === undefined) this.head = task
    else this.tail.next = task
    this.tail = task
    this.size += 1
  }

  /** Puts a task that is in no list before the first one that is younger. */
  insert(task: Task): void {
    if (this.tail === undefined || this.tail.id < task.id) {
      this.push(task)
      return
    }
    let after = this.head as Task
    while (after.id < task.id) after = after.next as Task
    task.list = this
    task.next = after
    task.previous = after.previous
    if (task.previous === undefined) this.head = task
    else task.previous.next = task
    after.previous = task
    this.size += 1
  }

  /** Removes and returns the first task. */
  shift(): Task | undefined {
    const task = this.head
    if (task !== undefined) this.remove(task)
    return task
  }

  /** Removes a task of this list; returns false if it is not in it. */
  remove(task: Task): boolean {
    if (task.list !== this) return false
    if (task.previous === undefined) this.head = task.next
    else task.previous.next = task.next
    if (task.next === undefined) this.tail = task.previous
    else task.next.previous = task.previous
    task.next = undefined
    task.previous = undefined
    task.list = undefined
    this.size -= 1
    return true
  }
}

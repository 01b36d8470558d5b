import type { Syscall } from '../syscall/syscall.js'
import type { Lenders } from './lenders.js'
import type { PriorityInheritance } from './priority-inheritance.js'
import { TaskList } from './task-list.js'

/** Is one conflict key that is held, with those that wait for it, oldest first. */
export class Lock {
  readonly key: string
  holder: Syscall
  readonly waiters = new TaskList()
  /** Counts the waiters by priority; made for the first. */
  lenders: Lenders | undefined = undefined

  constructor(key: string, holder: Syscall) {
    this.key = key
    this.holder = holder
  }
}

/**
 * Keeps the conflict keys of tool calls: exclusive, first come first served. A call takes its keys one by one in sorted
 * order, so that calls that are not nested can never wait in a circle; a nested call passes through what its ancestors hold.
 */
export class LockTable {
  readonly #locks = new Map<string, Lock>()
  readonly #inheritance: Pick<PriorityInheritance, 'begin' | 'end' | 'passed' | 'relieved'>

  /** @param inheritance - hears who waits for whom */
  constructor(inheritance: Pick<PriorityInheritance, 'begin' | 'end' | 'passed' | 'relieved'>) {
    this.#inheritance = inheritance
  }

  /**
   * Takes the keys of a call from where it stopped.
   *
   * @returns the lock it now waits for, or undefined when it holds all
   */
  acquire(call: Syscall): Lock | undefined {
    const extras = call.extras
    if (extras?.keys === undefined) return undefined
    const { keys } = extras
    while (extras.keysHeld < keys.length) {
      const key = keys[extras.keysHeld] as string
      const lock = this.#locks.get(key)
      if (lock === undefined) this.#locks.set(key, new Lock(key, call))
      else if (lock.holder !== call && !isAncestor(lock.holder, call)) {
        lock.waiters.push(call)
        this.#inheritance.begin(call, lock)
        return lock
      }
      extras.keysHeld += 1
    }
    return undefined
  }

  /**
   * Gives back what a call holds, and takes it out of the queue it stands in.
   *
   * @returns the calls that got a key by it and have to go on acquiring
   */
  release(call: Syscall): readonly Syscall[] {
    const extras = call.extras
    if (extras?.keys === undefined) return []
    this.leave(call)
    const awakened: Syscall[] = []
    for (const key of extras.keys) {
      const lock = this.#locks.get(key)
      if (lock?.holder !== call) continue
      const next = lock.waiters.shift() as Syscall | undefined
      if (next === undefined) this.#locks.delete(key)
      else {
        // Counted at once: should the next one be cancelled before it goes on, it gives this key back as well.
        this.#inheritance.end(next)
        lock.holder = next
        next.rare().keysHeld += 1
        this.#inheritance.passed(lock)
        awakened.push(next)
      }
    }
    extras.keysHeld = 0
    this.#inheritance.relieved(call)
    return awakened
  }

  /** Takes a call out of the queue it stands in; returns false if it stands in none. */
  leave(call: Syscall): boolean {
    if (this.awaited(call)?.waiters.remove(call) !== true) return false
    this.#inheritance.end(call)
    return true
  }

  /** Returns the highest priority of those who wait for a key that a call holds; -1 if nobody does. */
  lentTo({ extras }: Syscall): number {
    let highest = -1
    for (let at = 0; at < (extras?.keysHeld ?? 0); at += 1) {
      const lock = this.#locks.get(extras?.keys?.[at] as string)
      if (lock?.holder.extras === extras) highest = Math.max(highest, lock?.lenders?.highest ?? -1)
    }
    return highest
  }

  /** Returns the lock a call waits for. */
  awaited(call: Syscall): Lock | undefined {
    const key = call.extras?.keys?.[call.extras.keysHeld]
    const lock = key === undefined ? undefined : this.#locks.get(key)
    return lock !== undefined && call.list === lock.waiters ? lock : undefined
  }
}

function isAncestor(candidate: Syscall, call: Syscall): boolean {
  for (let at = call.parent; at !== undefined; at = at.parent) if (at === candidate) return true
  return false
}

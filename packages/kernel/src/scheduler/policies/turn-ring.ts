import type { Task } from '../policy.js'
import { TaskList } from '../task-list.js'
import { Chain, type ChainMember } from './chain.js'
import type { TurnQueue } from './classed-policy.js'

/** Is a {@link TurnQueue} with a place in a {@link TurnRing}. */
export interface RingMember extends TurnQueue, ChainMember<RingMember> {}

/** Holds the waiting tasks of one agent, oldest first. */
export class AgentLine extends TaskList implements RingMember {
  after: RingMember | undefined = undefined
  before: RingMember | undefined = undefined

  get empty(): boolean {
    return this.head === undefined
  }

  peek(): Task | undefined {
    return this.head
  }

  take(task: Task): boolean {
    return this.remove(task)
  }
}

/** Lets its members take turns, one task each; the members are made as tasks come, and dropped when none is left. */
export class TurnRing<K> extends Chain<RingMember> implements RingMember {
  after: RingMember | undefined = undefined
  before: RingMember | undefined = undefined
  /** By key; made for the second member: most rings are of a tree with one agent. */
  #members: Map<K, RingMember> | undefined = undefined
  /** Key of the only member while there is no map. */
  #onlyKey: K | undefined = undefined
  readonly #keyOf: (task: Task) => K
  readonly #make: () => RingMember

  constructor(keyOf: (task: Task) => K, make: () => RingMember) {
    super()
    this.#keyOf = keyOf
    this.#make = make
  }

  get empty(): boolean {
    return this.first === undefined
  }

  push(task: Task, now: number): void {
    const key = this.#keyOf(task)
    let member = this.#find(key)
    if (member === undefined) {
      member = this.#make()
      this.#enter(key, member)
      this.append(member)
    }
    member.push(task, now)
  }

  /** Returns the task of the member that has the turn. */
  peek(now: number): Task | undefined {
    return this.first?.peek(now)
  }

  /** Removes a task; if it was served, the turn then goes to the next member. */
  take(task: Task, servedAt: number | undefined): boolean {
    const key = this.#keyOf(task)
    const member = this.#find(key)
    if (member?.take(task, servedAt) !== true) return false
    if (member.empty) {
      this.unlink(member)
      if (this.#members === undefined) this.#onlyKey = undefined
      else this.#members.delete(key)
    } else if (servedAt !== undefined) {
      this.unlink(member)
      this.append(member)
    }
    return true
  }

  #find(key: K): RingMember | undefined {
    if (this.#members !== undefined) return this.#members.get(key)
    return this.#onlyKey === key ? this.first : undefined
  }

  #enter(key: K, member: RingMember): void {
    if (this.#members !== undefined) {
      this.#members.set(key, member)
    } else if (this.#onlyKey === undefined || this.first === undefined) {
      this.#onlyKey = key
    } else {
      this.#members = new Map([
        [this.#onlyKey, this.first],
        [key, member],
      ])
      this.#onlyKey = undefined
    }
  }
}

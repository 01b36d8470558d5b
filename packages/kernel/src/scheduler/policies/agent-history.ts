import type { Task } from '../policy.js'
import { IdleSet } from './idle-set.js'
import { RecentValues } from './recent-values.js'

/** Is what is remembered of the calls of the agents with one name, or of those of one kind among them. */
export class AgentRecord {
  readonly name: string
  /** What is remembered of all calls of these agents, if this is of one kind. */
  readonly whole: AgentRecord | undefined
  readonly values = new RecentValues()
  /** Calls that wait or run. */
  busy = 0

  constructor(name: string, whole?: AgentRecord) {
    this.name = name
    this.whole = whole
  }
}

/** Remembers what calls of each agent, by name, took lately: output tokens, or milliseconds. */
export class AgentHistory {
  readonly #records = new Map<string, AgentRecord>()
  readonly #idle = new IdleSet<AgentRecord>()
  readonly #all = new RecentValues()

  /**
   * Returns the record of the agent of a task that begins to wait or to run.
   *
   * @param kind - if given, the record is of the agent's tasks of this kind
   */
  enter({ owner: { name } }: Pick<Task, 'owner'>, kind?: string): AgentRecord {
    const whole = this.#enter(name)
    return kind === undefined ? whole : this.#enter(JSON.stringify([name, kind]), whole)
  }

  #enter(key: string, whole?: AgentRecord): AgentRecord {
    let record = this.#records.get(key)
    if (record === undefined || record.whole !== whole) {
      record = new AgentRecord(key, whole)
      this.#records.set(key, record)
    }
    if (record.busy === 0) this.#idle.delete(record)
    record.busy += 1
    return record
  }

  /** Is told that a task stopped waiting or running. Of idle records the longest idle is dropped beyond 1,024. */
  leave(record: AgentRecord): void {
    this.#leave(record)
    if (record.whole !== undefined) this.#leave(record.whole)
  }

  #leave(record: AgentRecord): void {
    record.busy -= 1
    if (record.busy > 0) return
    const dropped = this.#idle.add(record)
    if (dropped !== undefined && this.#records.get(dropped.name) === dropped) this.#records.delete(dropped.name)
  }

  /** Remembers what a call took. */
  learn(record: AgentRecord, value: number): void {
    record.values.add(value)
    record.whole?.values.add(value)
    this.#all.add(value)
  }

  /** Returns what a share of such calls does not exceed; of an unknown kind what it is over the agent, then over all; at first 0. */
  expected(record: AgentRecord, share: number): number {
    return record.values.quantile(share) ?? record.whole?.values.quantile(share) ?? this.#all.quantile(share) ?? 0
  }
}

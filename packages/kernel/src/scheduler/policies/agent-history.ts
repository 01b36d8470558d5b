import type { Task } from '../policy.js'
import { RecentValues } from './recent-values.js'

/** Agents without a call whose history is kept: names can be made up without end. */
const IDLE_AGENTS = 1_024

/** Is what is remembered of the calls of the agents with one name. */
export class AgentRecord {
  readonly name: string
  readonly values = new RecentValues()
  /** Calls that wait or run. */
  busy = 0

  constructor(name: string) {
    this.name = name
  }
}

/** Remembers what calls of each agent, by name, took lately: output tokens, or milliseconds. */
export class AgentHistory {
  readonly #records = new Map<string, AgentRecord>()
  readonly #idle = new Set<AgentRecord>()
  readonly #all = new RecentValues()

  /** Returns the record of the agent of a task that begins to wait or to run. */
  enter({ owner: { name } }: Task): AgentRecord {
    let record = this.#records.get(name)
    if (record === undefined) {
      record = new AgentRecord(name)
      this.#records.set(name, record)
    }
    if (record.busy === 0) this.#idle.delete(record)
    record.busy += 1
    return record
  }

  /** Is told that a task stopped waiting or running. Of idle agents the longest idle is dropped beyond 1,024. */
  leave({ owner: { name } }: Task): void {
    const record = this.#records.get(name)
    if (record === undefined) return
    record.busy -= 1
    if (record.busy > 0) return
    this.#idle.add(record)
    if (this.#idle.size <= IDLE_AGENTS) return
    for (const oldest of this.#idle) {
      this.#idle.delete(oldest)
      this.#records.delete(oldest.name)
      return
    }
  }

  /** Remembers what a call took. */
  learn(record: AgentRecord, value: number): void {
    record.values.add(value)
    this.#all.add(value)
  }

  /** Returns what a share of an agent's calls does not exceed; of an unknown agent what it is over all agents, at first 0. */
  expected(record: AgentRecord, share: number): number {
    return record.values.quantile(share) ?? this.#all.quantile(share) ?? 0
  }
}

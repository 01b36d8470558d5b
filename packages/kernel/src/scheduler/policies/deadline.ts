import type { PolicyDefinition, Task } from '../policy.js'
import { ageingStep, checkAgeing, type AgeingOptions } from './ageing.js'
import { AgentHistory, type AgentRecord } from './agent-history.js'
import { ClassedPolicy, type TurnQueue } from './classed-policy.js'
import { TurnHeap, type Turn } from './turn-heap.js'

/** Calls of an agent that must have been seen before one of its own is given up as hopeless. */
const EVIDENCE = 8

/** Is the turn of one task: `key` is the time by which it must have started to be done in time. */
class Appointment implements Turn {
  at = -1
  readonly key: number
  readonly tie: number
  readonly task: Task
  readonly record: AgentRecord
  readonly home: Appointments

  constructor(task: Task, record: AgentRecord, given: { readonly key: number; readonly home: Appointments }) {
    this.key = given.key
    this.tie = task.id
    this.task = task
    this.record = record
    this.home = given.home
  }
}

/** Is one priority class: the task with the least slack goes first. */
class Appointments implements TurnQueue {
  readonly #history: AgentHistory
  readonly #turns = new TurnHeap<Appointment>()

  constructor(history: AgentHistory) {
    this.#history = history
  }

  get empty(): boolean {
    return this.#turns.size === 0
  }

  /** The appointment with the least slack. */
  get first(): Appointment | undefined {
    return this.#turns.first
  }

  push(task: Task): void {
    const record = this.#history.enter(task)
    const appointment = new Appointment(task, record, {
      key: task.dueAt - this.#history.expected(record, 0.5),
      home: this,
    })
    task.list = appointment
    this.#turns.push(appointment)
  }

  peek(): Task | undefined {
    return this.#turns.first?.task
  }

  take(task: Task): boolean {
    const { list } = task
    if (!(list instanceof Appointment) || list.home !== this) return false
    task.list = undefined
    this.#turns.remove(list)
    this.#history.leave(list.record)
    return true
  }
}

class DeadlinePolicy extends ClassedPolicy<Appointments> {
  readonly #history: AgentHistory
  readonly #running = new Map<Task, { readonly record: AgentRecord; readonly since: number }>()

  constructor(options: AgeingOptions) {
    const history = new AgentHistory()
    super(ageingStep(options), () => new Appointments(history))
    this.#history = history
  }

  started(task: Task, now: number): void {
    this.#running.set(task, { record: this.#history.enter(task), since: now })
  }

  settled(task: Task, now: number): void {
    const running = this.#running.get(task)
    if (running === undefined) return
    this.#running.delete(task)
    this.#history.learn(running.record, Math.max(0, now - running.since))
    this.#history.leave(running.record)
  }

  shed(now: number): Task | undefined {
    for (const queue of this.queues) {
      const { first } = queue
      if (first === undefined || !this.#hopeless(first, now)) continue
      this.remove(first.task)
      return first.task
    }
    return undefined
  }

  /** Whether it would be late even if it went at once and were as quick as the quickest tenth of its agent's calls. */
  #hopeless({ task, record }: Appointment, now: number): boolean {
    const least = record.values.count < EVIDENCE ? 0 : this.#history.expected(record, 0.1)
    return task.dueAt <= now + least
  }
}

/**
 * Serves the call with the least slack first: the time left until its deadline, less what calls of agents with its name
 * took lately. Calls without a deadline come after those with one, in order of arrival. A call that would be late even if
 * it went at once and were as quick as the quickest tenth of its agent's last 32 calls is given up before it costs
 * anything, so that under overload some deadlines are kept rather than all missed. Ages like {@link roundRobin}.
 *
 * Source: least slack time first (Mok 1983).
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option or an `ageingMs` that is not above 0
 * @example
 * ```ts
 * import { createKernel, deadline } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { llm: deadline() } })
 * await kernel.close()
 * ```
 */
export function deadline(options: AgeingOptions = {}): PolicyDefinition {
  checkAgeing('deadline', options)
  const given = { ...options }
  return Object.freeze({ name: 'deadline', create: () => new DeadlinePolicy(given) })
}

import type { PolicyDefinition, Service, Task } from '../policy.js'
import { TaskList } from '../task-list.js'
import { ageingStep, checkAgeing, type AgeingOptions } from './ageing.js'
import { AgentHistory, type AgentRecord } from './agent-history.js'
import { ClassedPolicy, type TurnQueue } from './classed-policy.js'
import { TurnHeap, type Turn } from './turn-heap.js'

/** Holds the waiting tasks of one kind of the agents with one name in one class, oldest first. */
class NameQueue extends TaskList implements Turn {
  key = 0
  tie = 0
  at = -1
  readonly record: AgentRecord
  readonly home: NameQueues

  constructor(record: AgentRecord, home: NameQueues) {
    super()
    this.record = record
    this.home = home
  }
}

/** Is one priority class: the name whose calls are expected to be shortest goes first. */
class NameQueues implements TurnQueue {
  readonly #history: AgentHistory
  readonly #queues = new Map<AgentRecord, NameQueue>()
  readonly #turns = new TurnHeap<NameQueue>()

  constructor(history: AgentHistory) {
    this.#history = history
  }

  get empty(): boolean {
    return this.#turns.size === 0
  }

  push(task: Task): void {
    const record = this.#history.enter(task, task.kind)
    let queue = this.#queues.get(record)
    if (queue === undefined) {
      queue = new NameQueue(record, this)
      queue.key = this.#history.expected(record, 0.5)
      queue.tie = task.id
      this.#queues.set(record, queue)
      this.#turns.push(queue)
    }
    queue.push(task)
  }

  peek(): Task | undefined {
    return this.#turns.first?.head
  }

  take(task: Task): boolean {
    const { list } = task
    if (!(list instanceof NameQueue) || list.home !== this) return false
    list.remove(task)
    this.#history.leave(list.record)
    if (list.head === undefined) {
      this.#turns.remove(list)
      this.#queues.delete(list.record)
    } else {
      list.tie = list.head.id
      this.update(list.record)
    }
    return true
  }

  /** Puts the calls of a name in their place after something was learned of it. */
  update(record: AgentRecord): void {
    const queue = this.#queues.get(record)
    if (queue === undefined) return
    queue.key = this.#history.expected(record, 0.5)
    this.#turns.moved(queue)
  }
}

/** Is a call that runs: whose it is, and what it has put out. */
interface Running {
  readonly record: AgentRecord
  outputTokens: number
}

class PredictedShortestPolicy extends ClassedPolicy<NameQueues> {
  readonly #history: AgentHistory
  readonly #running = new Map<Task, Running>()

  constructor(options: AgeingOptions) {
    const history = new AgentHistory()
    super(ageingStep(options), () => new NameQueues(history))
    this.#history = history
  }

  started(task: Task): void {
    this.#running.set(task, { record: this.#history.enter(task, task.kind), outputTokens: 0 })
  }

  served(task: Task, service: Service): void {
    const running = this.#running.get(task)
    if (running !== undefined) running.outputTokens += service.outputTokens
  }

  settled(task: Task): void {
    const running = this.#running.get(task)
    if (running === undefined) return
    this.#running.delete(task)
    // A call that put nothing out failed or was cancelled: it says nothing of how long its agent's calls are.
    if (running.outputTokens > 0) {
      this.#history.learn(running.record, running.outputTokens)
      for (const queue of this.queues) queue.update(running.record)
    }
    this.#history.leave(running.record)
  }
}

/**
 * Serves first what is expected to be shortest: the median output of the last 32 calls of agents with the same name that
 * offered the model the same tools, or answered a result of the same one; of unknown tools that of the agent, of an unknown
 * name that of all. For a local core that serves one call at a time, where a long answer blocks everybody. Among
 * equals the order is that of arrival. Ages like {@link roundRobin}.
 *
 * Source: shortest job first by prediction, as in Clairvoyant, arXiv 2606.07248, but learned from what agents did.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option or an `ageingMs` that is not above 0
 * @example
 * ```ts
 * import { createKernel, predictedShortest } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { 'llm/local': predictedShortest() } })
 * await kernel.close()
 * ```
 */
export function predictedShortest(options: AgeingOptions = {}): PolicyDefinition {
  checkAgeing('predictedShortest', options)
  const given = { ...options }
  return Object.freeze({ name: 'predictedShortest', create: () => new PredictedShortestPolicy(given) })
}

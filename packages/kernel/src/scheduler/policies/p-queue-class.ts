import { AiosError } from '../../error/aios-error.js'
import { DEFAULT_PRIORITY, PRIORITY_CLASSES } from '../../limits.js'
import { checkOptions, option } from '../../option/check-options.js'
import { systemClock } from '../../time/system-clock.js'
import { LinkedTask } from '../linked-task.js'
import type { PolicyDefinition, SchedulingPolicy, Task } from '../policy.js'
import { GuestTable, type GuestOwner } from './guest-table.js'

/** Are the options of `queue.add` of a p-queue whose queue class was made by {@link pQueueClass}. */
export interface PQueueAddOptions {
  /** 0 to 7, 7 first; what lies outside counts as the nearest. Default 3. */
  readonly priority?: number
  /** Name for `setPriority` of the queue. */
  readonly id?: string
  /** Whose work it is; what policies count shares and turns over. Default `default`. */
  readonly agent?: string
  /** On whose behalf. Default `default`. */
  readonly tenant?: string
  /** Time by which it must have ended, on the clock of the queue class. Default none. */
  readonly dueAt?: number
  /** Its input, in tokens. Default 1. */
  readonly inputTokens?: number
}

/** Is a run function of p-queue. */
export type PQueueRun = () => Promise<unknown>

/** Is what p-queue asks of a queue (its type `Queue`). */
export interface PQueueQueue {
  readonly size: number
  enqueue(run: PQueueRun, options?: PQueueAddOptions): void
  dequeue(): PQueueRun | undefined
  filter(options: PQueueAddOptions): PQueueRun[]
  setPriority(id: string, priority: number): void
  remove(run: PQueueRun | string): void
}

/** Is a run that waits, as the policy sees it. */
class QueuedRun extends LinkedTask implements Task {
  readonly id: number
  readonly owner: GuestOwner
  readonly run: PQueueRun
  readonly name: string | undefined
  priority: number
  queuedAt: number
  readonly dueAt: number
  readonly inputTokens: number

  constructor(
    run: PQueueRun,
    options: PQueueAddOptions,
    given: { readonly id: number; readonly owner: GuestOwner; readonly now: number },
  ) {
    super()
    this.run = run
    this.name = options.id
    this.id = given.id
    this.owner = given.owner
    this.queuedAt = given.now
    this.priority = classOf(options.priority)
    this.dueAt = options.dueAt ?? Number.POSITIVE_INFINITY
    this.inputTokens = options.inputTokens ?? 1
  }
}

class PolicyQueue implements PQueueQueue {
  readonly #policy: SchedulingPolicy
  readonly #now: () => number
  readonly #guests: GuestTable
  readonly #byRun = new Map<PQueueRun, QueuedRun>()
  readonly #byId = new Map<string, QueuedRun>()
  #made = 0

  constructor(policy: SchedulingPolicy, now: () => number) {
    this.#policy = policy
    this.#now = now
    this.#guests = new GuestTable((owner) => policy.forget?.(owner))
  }

  get size(): number {
    return this.#policy.size
  }

  enqueue(run: PQueueRun, options: PQueueAddOptions = {}): void {
    const now = this.#now()
    const owner = this.#guests.enter(options.agent ?? 'default', options.tenant ?? 'default')
    const task = new QueuedRun(run, options, { id: (this.#made += 1), owner, now })
    this.#byRun.set(run, task)
    if (task.name !== undefined) this.#byId.set(task.name, task)
    this.#policy.enqueue(task, now)
  }

  /** What it returns tells the policy when the run is over. */
  dequeue(): PQueueRun | undefined {
    const now = this.#now()
    const task = this.#policy.dequeue(now) as QueuedRun | undefined
    if (task === undefined) return undefined
    this.#unname(task)
    this.#policy.started?.(task, now)
    return async () => {
      try {
        return await task.run()
      } finally {
        this.#policy.settled?.(task, this.#now())
        this.#guests.leave(task.owner)
      }
    }
  }

  filter({ priority }: PQueueAddOptions): PQueueRun[] {
    const wanted = classOf(priority)
    return [...this.#byRun.values()].filter((task) => task.priority === wanted).map(({ run }) => run)
  }

  setPriority(id: string, priority: number): void {
    const task = this.#byId.get(id)
    if (task === undefined) throw new ReferenceError(`Expected the id of a run that waits, got "${id}".`)
    this.#policy.remove(task)
    task.priority = classOf(priority)
    this.#policy.enqueue(task, this.#now())
  }

  remove(run: PQueueRun | string): void {
    const task = typeof run === 'string' ? this.#byId.get(run) : this.#byRun.get(run)
    if (task === undefined || !this.#policy.remove(task)) return
    this.#unname(task)
    this.#guests.leave(task.owner)
  }

  #unname(task: QueuedRun): void {
    this.#byRun.delete(task.run)
    if (task.name !== undefined && this.#byId.get(task.name) === task) this.#byId.delete(task.name)
  }
}

function classOf(priority: number | undefined): number {
  if (priority === undefined || Number.isNaN(priority)) return DEFAULT_PRIORITY
  return Math.max(0, Math.min(PRIORITY_CLASSES - 1, Math.trunc(priority)))
}

const OPTIONS = option.object({ now: option.optional(option.function) })

/**
 * Makes a class for the option `queueClass` of p-queue (version 9), which orders its runs by a policy of the kernel. The
 * queue stays flat where p-queue's own, a sorted array, grows slow, and `add` may say whose work a run is. p-queue knows
 * no tokens: each run counts as its `inputTokens`.
 *
 * @param definition - any policy of the kernel
 * @param options - `now`: the clock, in milliseconds; default the system's
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option, or a policy that holds runs back (`fifo` with `batchIntervalMs`)
 * @example
 * ```ts
 * import { pQueueClass, roundRobin, type PQueueAddOptions, type PQueueQueue } from '@aios/kernel'
 * import PQueue, { type QueueAddOptions } from 'p-queue'
 *
 * const queue = new PQueue<PQueueQueue, QueueAddOptions & PQueueAddOptions>({
 *   concurrency: 4,
 *   queueClass: pQueueClass(roundRobin()),
 * })
 * await queue.add(async () => 'done', { agent: 'ada', priority: 5 })
 * ```
 */
export function pQueueClass(
  definition: PolicyDefinition,
  options: { readonly now?: () => number } = {},
): new () => PQueueQueue {
  checkOptions('pQueueClass()', options, OPTIONS)
  if (definition.create({ id: 'p-queue', concurrency: 1 }).wakeAt !== undefined)
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected a policy that holds no run back for pQueueClass(), got ${definition.name} with an interval: p-queue takes an empty answer for an empty queue.`,
    )
  const now = options.now ?? systemClock.now
  return class extends PolicyQueue {
    constructor() {
      super(definition.create({ id: 'p-queue', concurrency: 1 }), now)
    }
  }
}

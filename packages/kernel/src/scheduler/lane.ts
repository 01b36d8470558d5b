import { AiosError } from '../error/aios-error.js'
import { DurationHistogram } from '../event/duration-histogram.js'
import { PUMP_MS, PUMP_STARTS } from '../limits.js'
import { LaneLimit } from '../limiter/lane-limit.js'
import type { RateLimits } from '../limiter/rate-limits.js'
import type { RateSignal } from '../limiter/rate-signal.js'
import { RetryPolicy } from '../limiter/retry-policy.js'
import type { Device } from '../syscall/syscall-row.js'
import { SLOT, STATE, transition, type Syscall } from '../syscall/syscall.js'
import { CoreView } from './core-view.js'
import type { LlmCoreView, Resume } from '../driver/llm-driver.js'
import { SliceWatch, type SlicingPolicy } from '../preemption/slice-watch.js'
import type { LaneInfo, PolicyDefinition, SchedulingPolicy, TaskOwner } from './policy.js'
import { beginService, endService, pauseService } from './served.js'

/** Is what a lane needs of the kernel around it. */
export interface LaneHost {
  now(): number
  defer(callback: () => void): void
  /** Calls back after a time that a call waits; returns how to cancel that. */
  later(delayMs: number, callback: () => void): () => void
  /** Returns a number from 0 to below 1. */
  random(): number
  /** Is told that the provider behind the lane refused, or asked for a pause. */
  limited(lane: Lane, signal: RateSignal): void
  /** Puts a call that has just got a slot on the device; the call gives the slot back by `release`. `now`: the time, if it was just read. */
  begin(call: Syscall, now: number | undefined): void
  /** Goes on where the pump stopped to let others have their turn. */
  resume(lane: Lane): void
  /** Is told when the lane turns a call away (`saturated`), and when it has room again. */
  laneChanged(lane: Lane, saturated: boolean): void
  /** Is told that a slot was given back. */
  released(lane: Lane): void
  /** Ends a call that waits and can no longer be done in time; it is in no queue any more. */
  shed(call: Syscall): void
  /** Is told after a call left the queue, for those who wait for room. */
  laneMoved(lane: Lane): void
}

/** Is how a lane is made. */
export interface LaneSeed {
  readonly id: string
  readonly device: Device
  readonly concurrency: number
  readonly depth: number
  readonly policy: PolicyDefinition
  /** Attempts of one call of a core. */
  readonly maxAttempts?: number | undefined
  /** What the provider behind the device allows. */
  readonly limits?: RateLimits | undefined
  /** How calls that are cut go on. */
  readonly resume?: Resume | undefined
}

/**
 * Is the run queue of one device: a number of slots, and a policy that orders the calls waiting for one. A call that finds
 * a slot free and nobody waiting starts in the same tick.
 */
export class Lane implements LaneInfo {
  readonly id: string
  readonly device: Device
  readonly concurrency: number
  readonly depth: number
  readonly wait = new DurationHistogram()
  readonly turnaround = new DurationHistogram()
  /** Calls that started and have settled, and their time from start to end. */
  readonly service = { calls: 0, ms: 0 }
  readonly resume: Resume
  /** Whether its device was removed; what comes then is refused. */
  removed = false
  running = 0
  started = 0
  rejected = 0
  policyName: string
  #policy: SchedulingPolicy
  #pumping = false
  #deferred = false
  /** Starts by pumps since input and output last had their turn, and when the lane asked to be told of the next one. */
  #starts = 0
  #askedAt: number | undefined = undefined
  #saturated = false
  readonly #host: LaneHost
  /** Made for limits that were given, or when a provider first speaks of its own. */
  #limit: LaneLimit | undefined = undefined
  /** Only where the policy gives slices and calls can be cut. */
  #watch: SliceWatch | undefined = undefined
  /** Decides on further attempts; only where attempts can be repeated. */
  readonly retries: RetryPolicy | undefined
  /** Shows the lane to a router. */
  readonly view: LlmCoreView

  constructor(seed: LaneSeed, host: LaneHost) {
    this.id = seed.id
    this.device = seed.device
    this.concurrency = seed.concurrency
    this.depth = seed.depth
    this.resume = seed.resume ?? 'none'
    this.policyName = seed.policy.name
    this.#policy = seed.policy.create(this)
    this.#host = host
    this.#watch = this.#watchFor(this.#policy)
    const { maxAttempts } = seed
    this.retries =
      seed.device.kind === 'llm' ? new RetryPolicy({ maxAttempts, random: () => host.random() }) : undefined
    if (seed.limits !== undefined) this.#limit = this.#limitBy(seed.limits)
    this.view = new CoreView(this)
  }

  get queued(): number {
    return this.#policy.size + (this.#limit?.waiting ?? 0)
  }

  /** Starts a call, or queues it. Returns an error instead if the lane is at its bound and the call may not pass that. */
  submit(call: Syscall, pastBound: boolean): AiosError | undefined {
    if (this.removed)
      return new AiosError('AIOS_NO_DEVICE', `Device ${this.id} was removed before this call could go on.`)
    const impossible = this.#limit?.refusal(call)
    if (impossible !== undefined) return impossible
    if (this.#mayStartAtOnce(call)) {
      this.#grant(call)
      return undefined
    }
    if (this.queued >= this.depth && !pastBound) return this.#refuse()
    // A call that came straight from the trap begins to wait when it was made: reading the clock costs as much as queueing.
    const queuedAt = call.state === STATE.fresh ? call.createdAt : this.#host.now()
    transition(call, STATE.queued)
    call.queuedAt = queuedAt
    this.#policy.enqueue(call, call.queuedAt)
    // Nobody else may come to start it: with slots free, it waits for its limit alone.
    if (this.#limit !== undefined) this.pump()
    this.#watch?.look()
    return undefined
  }

  /** Whether calls on it may be cut for others. */
  get slices(): boolean {
    return this.#watch !== undefined
  }

  /** Whether calls wait only for a slot, of which none is free. */
  get contended(): boolean {
    return this.#unslotted > 0
  }

  /** Is told that the answer of a call on it grew. */
  progressed(call: Syscall): void {
    this.#watch?.progressed(call)
  }

  /** Is told that a call which was asked for its slot keeps it. */
  stays(call: Syscall): void {
    this.#watch?.stays(call)
  }

  /** Is told what it costs the core that a call was cut for another. */
  owes(call: Syscall, tokens: number): void {
    this.#watch?.owes(call, tokens)
  }

  /** Learns what the provider behind the device said about its limits. */
  observe(signal: RateSignal): void {
    const isPause = signal.kind === 'overload' || signal.retryAfterMs !== undefined
    if (isPause) this.#limit ??= this.#limitBy({})
    this.#limit?.observe(signal, this.#host.now())
    if (isPause) this.#host.limited(this, signal)
  }

  /** Takes a waiting call out. */
  withdraw(call: Syscall): void {
    if (!this.#policy.remove(call) && this.#limit?.withdraw(call, this.#host.now()) !== true) return
    if (this.queued === 0) this.#limit?.rest()
    if (this.queued === 0) this.#watch?.rest()
    this.#moved()
  }

  /** Orders a waiting call anew, after its priority changed. */
  reorder(call: Syscall, change: () => void): void {
    const isQueued = this.#policy.remove(call)
    change()
    // What was set aside has had its turn, and is next anyway.
    if (isQueued) this.#policy.enqueue(call, this.#host.now())
  }

  /** Takes a slot back. The caller pumps when it is done with the call. */
  release(call: Syscall): void {
    this.running -= 1
    this.#watch?.ended(call)
    if (call.served !== undefined) {
      if (call.extras?.context?.snapshot === undefined) endService(call, this.#host.now())
      else pauseService(call, this.#host.now())
    }
    this.#limit?.settle(call, this.#host.now())
    // A lane without a queue has room again when a slot comes free.
    if (this.#saturated && this.depth === 0) this.#moved()
    this.#host.released(this)
  }

  /** Starts waiting calls while slots are free, and lets input and output have their turn now and then. */
  pump(): void {
    if (this.#pumping || this.#deferred || this.queued === 0 || this.running >= this.concurrency) return
    this.#pumping = true
    while (this.queued > 0 && this.running < this.concurrency) {
      const now = this.#host.now()
      if (this.#limit !== undefined && this.running >= this.#limit.slots(this.concurrency, now)) break
      this.#deferred = this.#owesTurn(now)
      if (this.#deferred) break
      if (this.#policy.shed !== undefined) this.#shed(now)
      const call = this.#limit === undefined ? this.#policy.dequeue(now) : this.#limit.next(this.#policy, now)
      if (call === undefined) break
      this.#moved()
      this.#starts += 1
      this.#grant(call as Syscall, now)
    }
    this.#pumping = false
  }

  /** Is told that a process has ended. */
  forget(owner: TaskOwner): void {
    this.#policy.forget?.(owner)
  }

  /** Replaces the policy; the calls that wait move over in the order in which they came. */
  setPolicy(definition: PolicyDefinition): void {
    const next = definition.create(this)
    const now = this.#host.now()
    const waiting: Syscall[] = []
    for (let call = this.#policy.dequeue(now); call !== undefined; call = this.#policy.dequeue(now))
      waiting.push(call as Syscall)
    waiting.sort((a, b) => a.queuedAt - b.queuedAt || a.id - b.id)
    this.#policy = next
    this.policyName = definition.name
    const watched = this.#watch?.running ?? []
    this.#watch?.rest()
    this.#watch = this.#watchFor(next)
    for (const call of watched) this.#watch?.began(call)
    for (const call of waiting) next.enqueue(call, now)
    this.pump()
  }

  /** Gives up what can no longer be done in time, before it costs a slot. */
  #shed(now: number): void {
    for (let call = this.#policy.shed?.(now); call !== undefined; call = this.#policy.shed?.(now)) {
      this.#moved()
      this.#host.shed(call as Syscall)
    }
  }

  #limitBy(limits: RateLimits): LaneLimit {
    return new LaneLimit(limits, {
      id: this.id,
      later: (delayMs, callback) => this.#host.later(delayMs, callback),
      wake: () => {
        this.#host.resume(this)
      },
    })
  }

  #mayStartAtOnce(call: Syscall): boolean {
    if (this.running >= this.concurrency || this.queued > 0 || this.#pumping) return false
    const limit = this.#limit
    if (limit === undefined) return true
    const now = this.#host.now()
    return this.running < limit.slots(this.concurrency, now) && limit.admits(call, now)
  }

  #grant(call: Syscall, now?: number): void {
    this.running += 1
    this.started += 1
    call.slot = SLOT.own
    if (call.extras?.attempts === undefined) this.retries?.called(now ?? this.#host.now())
    if (this.#policy.started !== undefined) beginService(this.#policy, call, now ?? call.createdAt)
    this.#watch?.began(call)
    this.#host.begin(call, now)
  }

  /** Calls that wait for nothing but a slot. */
  get #unslotted(): number {
    return this.running >= this.concurrency && (this.#limit?.waiting ?? 0) === 0 ? this.#policy.size : 0
  }

  #watchFor(policy: SchedulingPolicy): SliceWatch | undefined {
    if (policy.preempts === undefined || this.resume === 'none') return undefined
    return new SliceWatch(policy as SlicingPolicy, {
      resume: this.resume,
      now: () => this.#host.now(),
      later: (delayMs, callback) => this.#host.later(delayMs, callback),
      waiting: () => this.#unslotted,
    })
  }

  /**
   * Whether input and output have waited long enough. Counted over pumps: a device that answers with promises that are
   * already kept is pumped from microtask to microtask, and no turn of the event loop comes between them by itself. So
   * every 64 starts the lane asks to be told of the next turn, and stops only if that is long in coming.
   */
  #owesTurn(now: number): boolean {
    if (this.#starts === 0 || (this.#starts & 63) !== 0) return false
    if (this.#askedAt !== undefined) return this.#starts >= PUMP_STARTS || now - this.#askedAt > PUMP_MS
    this.#askedAt = now
    this.#host.defer(() => {
      this.#turned()
    })
    return false
  }

  #turned(): void {
    this.#starts = 0
    this.#askedAt = undefined
    if (!this.#deferred) return
    this.#deferred = false
    this.#host.resume(this)
  }

  #refuse(): AiosError {
    this.rejected += 1
    if (!this.#saturated) {
      this.#saturated = true
      this.#host.laneChanged(this, true)
    }
    return new AiosError(
      'AIOS_QUEUE_FULL',
      `Lane ${this.id} already has ${this.depth} calls waiting. Await kernel.ready('${this.id}') before calling, or raise the depth of the device.`,
      {
        details: { lane: this.id, depth: this.depth },
        retryAfterMs: this.#timeToDrain(),
      },
    )
  }

  /** Time in which what waits now will have been served, by Little's law: queue length over throughput. Unknown before the first call ended. */
  #timeToDrain(): number | undefined {
    const { calls, ms } = this.service
    return calls > 0 ? Math.ceil((this.queued * ms) / calls / this.concurrency) : undefined
  }

  #moved(): void {
    if (this.#saturated && this.queued <= this.depth / 2) {
      this.#saturated = false
      this.#host.laneChanged(this, false)
    }
    this.#host.laneMoved(this)
  }
}

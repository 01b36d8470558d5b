import { AiosError } from '../error/aios-error.js'
import { DurationHistogram } from '../event/duration-histogram.js'
import { MOST_PASSED_OVER, PUMP_MS, PUMP_STARTS } from '../limits.js'
import { CostEstimate } from '../limiter/cost-estimate.js'
import type { BreakerOptions } from '../limiter/breaker.js'
import { LaneBreaker } from '../limiter/lane-breaker.js'
import { LaneLimit } from '../limiter/lane-limit.js'
import type { RateLimits } from '../limiter/rate-limits.js'
import type { RateSignal } from '../limiter/rate-signal.js'
import { RetryPolicy } from '../limiter/retry-policy.js'
import type { Device } from '../syscall/syscall-row.js'
import { SLOT, STATE, transition, type Syscall } from '../syscall/syscall.js'
import { Batch } from './batch/batch.js'
import type { BatchRows } from './batch/batch-row.js'
import { Batcher } from './batch/batcher.js'
import { CoreView } from './core-view.js'
import type { LlmCoreView, Resume } from '../driver/llm-driver.js'
import { SliceWatch, type SlicingPolicy } from '../preemption/slice-watch.js'
import type { LaneHost, LaneSeed } from './lane-host.js'
import type { LaneInfo, PolicyDefinition, SchedulingPolicy, TaskOwner } from './policy.js'
import { PolicyAlarm } from './policy-alarm.js'
import { beginService, endService, pauseService } from './served.js'
import { ServiceTimes } from './service-times.js'

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
  /** Calls that started and have settled. */
  readonly service = new ServiceTimes()
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
  /** Set while the policy holds back all that waits. */
  readonly #alarm: PolicyAlarm
  #saturated = false
  readonly #host: LaneHost
  /** Made for limits that were given, or when a provider first speaks of its own. */
  #limit: LaneLimit | undefined = undefined
  /** Only where the policy gives slices and calls can be cut. */
  #watch: SliceWatch | undefined = undefined
  #costs: CostEstimate | undefined = undefined
  /** Made where the device serves a syscall in batches. */
  readonly #batcher: Batcher | undefined = undefined
  /** Decides on further attempts; only where attempts can be repeated. */
  readonly retries: RetryPolicy | undefined
  readonly #breaker: LaneBreaker | undefined
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
    this.#alarm = new PolicyAlarm(this, host)
    this.#watch = this.#watchFor(this.#policy)
    const { maxAttempts } = seed
    this.retries =
      seed.device.kind === 'llm' ? new RetryPolicy({ maxAttempts, random: () => host.random() }) : undefined
    if (seed.limits !== undefined) this.#limit = this.#limitBy(seed.limits)
    if (seed.device.kind === 'llm' && seed.breaker !== false) this.#breaker = this.#breakerBy(seed.breaker ?? {})
    if (seed.batches !== undefined && seed.batches.size > 0) this.#batcher = this.#batch(seed.batches)
    this.view = new CoreView(this)
  }

  /** Guesses what calls will use, for all limits that count it. */
  get costs(): CostEstimate {
    return (this.#costs ??= new CostEstimate())
  }

  /** Whether what waits does so for the limits of the provider, with slots free. */
  get limited(): boolean {
    return this.#limit !== undefined && this.running < this.concurrency
  }

  /** Whether the core was found down, and only probes are sent. */
  get tripped(): boolean {
    return this.#breaker?.tripped === true
  }

  get queued(): number {
    return this.#policy.size + (this.#limit?.waiting ?? 0) + (this.#batcher?.size ?? 0)
  }

  /** Calls that wait for the provider or a slot, not only for others to share it with. */
  get backlog(): number {
    const batcher = this.#batcher
    return batcher === undefined ? this.queued : this.queued - batcher.size + batcher.backlog(this.#host.now())
  }

  /** Starts a call, or queues it. Returns an error instead if that is hopeless, or the lane full and the call may not pass its bound. */
  submit(call: Syscall, pastBound: boolean): AiosError | undefined {
    if (this.removed)
      return new AiosError('AIOS_NO_DEVICE', `Device ${this.id} was removed before this call could go on.`)
    const impossible =
      this.#limit?.refusal(call) ??
      (call.dueAt < Number.POSITIVE_INFINITY && call.extras?.context === undefined ? this.#tooLate(call) : undefined)
    if (impossible !== undefined) return impossible
    if (this.tripped) {
      const down = this.#refusalWhileDown()
      if (down !== undefined) return down
    }
    if (this.#mayStartAtOnce(call)) {
      this.#grant(call)
      return undefined
    }
    if (this.queued >= this.depth && !pastBound && !this.#mayGather(call) && !this.#makeRoom(call))
      return this.#refuse()
    // A call that came straight from the trap begins to wait when it was made: reading the clock costs as much as queueing.
    const queuedAt = call.state === STATE.fresh ? call.createdAt : this.#host.now()
    transition(call, STATE.queued)
    call.queuedAt = queuedAt
    this.#policy.enqueue(call, call.queuedAt)
    // Nobody else may come to start it: with slots free, it waits for its limit, its policy, a recovery or its batch alone.
    if (this.#limit !== undefined || this.#batcher !== undefined || this.#policy.wakeAt !== undefined || this.tripped)
      this.pump()
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

  /** Whether a waiting call is in a batch that fills. */
  gathers(call: Syscall): boolean {
    return this.#batcher?.holds(call) === true
  }

  /** Learns what the provider behind the device said about its limits. */
  observe(signal: RateSignal, call: Syscall): void {
    const isPause = signal.kind === 'overload' || signal.retryAfterMs !== undefined
    const tells = signal.remainingRequests !== undefined || signal.remainingTokens !== undefined
    if (isPause || tells) this.#limit ??= this.#limitBy({})
    const others = Math.max(0, this.running - (call.slot === SLOT.own ? 1 : 0))
    this.#limit?.observe(signal, { call, others }, this.#host.now())
    if (isPause) this.#host.limited(this, signal)
  }

  /** Hears how an attempt of a call ended, whether the kernel waits for it or not. */
  heard(call: Syscall, fulfilled: boolean, value: unknown): void {
    if (this.#breaker === undefined || call.startedAt === undefined) return
    if (fulfilled) this.#breaker.succeeded()
    else this.#breaker.failed(call, value)
  }

  /** Takes a waiting call out. */
  withdraw(call: Syscall): void {
    const isHere =
      this.#policy.remove(call) || this.#limit?.withdraw(call, this.#host.now()) === true || this.#leaveBatch(call)
    if (!isHere) return
    if (this.queued === 0) {
      this.#watch?.rest()
      this.#alarm.clear()
    }
    this.#moved()
  }

  /** Orders a waiting call anew, after its priority changed. */
  reorder(call: Syscall, change: () => void): void {
    const isQueued = this.#policy.ignoresPriority !== true && this.#policy.remove(call)
    change()
    // What was set aside has had its turn, and is next anyway.
    if (isQueued) this.#policy.enqueue(call, this.#host.now())
  }

  /** Serves a call in a batch of its own, on the slot of the call that it is nested in; undefined if its row has no batches. */
  alone(call: Syscall): Promise<unknown> | undefined {
    return this.#batcher?.alone(call)
  }

  /** Takes a slot back. The caller pumps when it is done with the call. */
  release(call: Syscall): void {
    if (call.extras?.batch?.leave(call) !== false) this.running -= 1
    this.#watch?.ended(call)
    if (call.extras?.served !== undefined) {
      if (call.extras.context?.snapshot === undefined) endService(call, this.#host.now())
      else pauseService(call, this.#host.now())
    }
    this.#limit?.settle(call, this.#host.now())
    this.#costs?.settled(call)
    this.#breaker?.released(call)
    // A lane without a queue has room again when a slot comes free.
    if (this.#saturated && this.depth === 0) this.#moved()
    this.#host.released(this)
  }

  /** Starts waiting calls while slots are free, and lets input and output have their turn now and then. */
  pump(): void {
    if (this.#pumping || this.#deferred || this.queued === 0) return
    this.#pumping = true
    while (this.queued > 0 && this.running < this.concurrency) {
      const now = this.#host.now()
      if (this.tripped && this.#isDown(now)) break
      if (this.#limit !== undefined && this.running >= this.#limit.slots(this.concurrency, now)) break
      this.#deferred = this.#owesTurn(now)
      if (this.#deferred) break
      if (this.#policy.shed !== undefined) this.#shed(now)
      const next = this.#batcher === undefined ? this.#next(now) : this.#gather(this.#batcher, now)
      if (next === undefined) {
        this.#alarm.set(this.#policy.wakeAt?.(now), now)
        break
      }
      this.#moved()
      if (next instanceof Batch) {
        this.#launch(next, now)
        continue
      }
      this.#starts += 1
      this.#grant(next, now)
    }
    // Who waits while a probe is out has to be told when that takes too long.
    if (this.tripped && this.queued > 0) this.#isDown(this.#host.now())
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
    const until = this.#policy.wakeAt === undefined ? now : Number.POSITIVE_INFINITY
    this.#alarm.clear()
    for (let call = this.#policy.dequeue(until); call !== undefined; call = this.#policy.dequeue(until))
      waiting.push(call as Syscall)
    for (const call of this.#batcher?.surrender() ?? []) {
      this.#limit?.settle(call, now)
      waiting.push(call)
    }
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

  /** Returns the error of a call that comes when it is too late to wait for the core, unless it is to probe it. */
  #refusalWhileDown(): AiosError | undefined {
    const now = this.#host.now()
    const isNext = this.running < this.concurrency && this.queued === 0 && this.#breaker?.admits(now) === true
    return isNext ? undefined : this.#breaker?.refusal(now)
  }

  /** Whether nothing may start because the core is down; then calls wait for the next probe, or not any more. */
  #isDown(now: number): boolean {
    const breaker = this.#breaker
    if (breaker === undefined || (breaker.admits(now) && this.running < this.concurrency)) return false
    const error = breaker.refusal(now)
    if (error === undefined) breaker.ringWhenDue(now)
    else this.#refuseAll(error, now)
    return true
  }

  #refuseAll(error: AiosError, now: number): void {
    const waiting: Syscall[] = this.#limit?.drain() ?? []
    for (let call = this.#policy.dequeue(now); call !== undefined; call = this.#policy.dequeue(now))
      waiting.push(call as Syscall)
    this.#moved()
    for (const call of waiting) this.#host.refuse(call, error)
  }

  #breakerBy(options: BreakerOptions): LaneBreaker {
    const host = this.#host
    return new LaneBreaker(options, {
      id: this.id,
      later: (delayMs, callback) => host.later(delayMs, callback),
      now: () => host.now(),
      wake: () => {
        host.resume(this)
      },
      tripped: (failures, errorCode) => {
        host.tripped(this, failures, errorCode)
      },
      recovered: (downMs) => {
        host.recovered(this, downMs)
      },
    })
  }

  #limitBy(limits: RateLimits): LaneLimit {
    return new LaneLimit(limits, {
      id: this.id,
      costs: this.costs,
      later: (delayMs, callback) => this.#host.later(delayMs, callback),
      wake: () => {
        this.#host.resume(this)
      },
    })
  }

  #mayStartAtOnce(call: Syscall): boolean {
    if (this.running >= this.concurrency || this.backlog > 0 || this.#pumping) return false
    if (this.#policy.wakeAt !== undefined || this.#batcher?.takes(call) === true) return false
    if (this.tripped && this.#breaker?.admits(this.#host.now()) !== true) return false
    const limit = this.#limit
    if (limit === undefined) return true
    const now = this.#host.now()
    return this.running < limit.slots(this.concurrency, now) && limit.admits(call, now)
  }

  #next(now: number): Syscall | undefined {
    const limit = this.#limit
    return limit === undefined ? (this.#policy.dequeue(now) as Syscall | undefined) : limit.next(this.#policy, now)
  }

  #batch(rows: BatchRows): Batcher {
    return new Batcher(rows, {
      later: (delayMs, callback) => this.#host.later(delayMs, callback),
      wake: () => {
        this.#host.resume(this)
      },
    })
  }

  /** Whether a call only waits for others to share a slot with, so that no bound is on it. */
  #mayGather(call: Syscall): boolean {
    return this.#batcher?.takes(call) === true && this.running < this.concurrency && this.backlog === 0
  }

  #gather(batcher: Batcher, now: number): Batch | Syscall | undefined {
    const policy = this.#policy
    const source = {
      // What is passed over has reserved its share of the limits already, and should not keep it for long.
      reach: this.#limit === undefined ? MOST_PASSED_OVER : 1,
      next: () => this.#next(now),
      joined: (call: Syscall) => {
        // Charged now: else one caller would fill the batch before the policy hears of its first call.
        if (policy.started !== undefined) beginService(policy, call, now)
      },
    }
    return batcher.next(source, now)
  }

  /** Takes a call out of a batch that fills; nothing of it remains. */
  #leaveBatch(call: Syscall): boolean {
    const now = this.#host.now()
    if (this.#batcher?.withdraw(call, now) !== true) return false
    endService(call, now)
    this.#limit?.settle(call, now)
    return true
  }

  /** Starts all members of a batch on one slot. */
  #launch(batch: Batch, now: number): void {
    this.running += 1
    const starts = this.#starts + batch.members.size
    // A batch may pass a multiple of 64, on which the lane asks for a turn.
    this.#starts = starts >> 6 > this.#starts >> 6 ? starts & ~63 : starts
    for (let call = batch.members.shift(); call !== undefined; call = batch.members.shift()) {
      batch.admit(call as Syscall)
      this.#start(call as Syscall, now)
    }
    if (batch.launch()) return
    this.running -= 1
    this.#host.released(this)
  }

  #grant(call: Syscall, now?: number): void {
    this.running += 1
    this.#start(call, now)
  }

  #start(call: Syscall, now?: number): void {
    this.started += 1
    call.slot = SLOT.own
    this.#breaker?.started(call)
    if (call.extras?.attempts === undefined) this.retries?.called(now ?? this.#host.now())
    // A member of a batch was charged for as it joined.
    if (this.#policy.started !== undefined && call.extras?.batch === undefined)
      beginService(this.#policy, call, now ?? call.createdAt)
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

  /** Says so if not even the quickest call of late would have been done in the time that a call has left. */
  #tooLate(call: Syscall): AiosError | undefined {
    const now = call.state === STATE.fresh ? call.createdAt : this.#host.now()
    const leftMs = call.dueAt - now
    const shortestMs = this.service.shortest(now)
    if (leftMs >= shortestMs) return undefined
    return new AiosError(
      'AIOS_DEADLINE_EXCEEDED',
      `${call.row.name} has ${leftMs} ms left, and the quickest of the last calls of ${this.id} took ${shortestMs} ms: it was not started. Give it more time.`,
      { details: { lane: this.id, leftMs, shortestMs } },
    )
  }

  /** Has a waiting call of a lower class give way to a call; returns false if none does. */
  #makeRoom({ priority }: Syscall): boolean {
    const call = this.#policy.yield?.(priority) as Syscall | undefined
    if (call === undefined) return false
    if (call.underSlot) {
      // Somebody on a device waits for it, whom the bound does not concern.
      this.#policy.enqueue(call, this.#host.now())
      return false
    }
    this.#host.refuse(call, this.#refuse('It gave way to a call of a higher class.'))
    return true
  }

  #refuse(why = ''): AiosError {
    this.rejected += 1
    if (!this.#saturated) {
      this.#saturated = true
      this.#host.laneChanged(this, true)
    }
    return new AiosError(
      'AIOS_QUEUE_FULL',
      `Lane ${this.id} already has ${this.depth} calls waiting. ${why}${why && ' '}Await kernel.ready('${this.id}') before calling, or raise the depth of the device.`,
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

  /** Nobody waits: nothing has to happen at any time. */
  #rest(): void {
    this.#limit?.rest()
    this.#breaker?.rest()
  }

  #moved(): void {
    if (this.queued === 0) this.#rest()
    if (this.#saturated && this.queued <= this.depth / 2) {
      this.#saturated = false
      this.#host.laneChanged(this, false)
    }
    this.#host.laneMoved(this)
  }
}

import type { AiosError } from '../error/aios-error.js'
import { DurationHistogram } from '../event/duration-histogram.js'
import type { Resume } from '../driver/llm-driver.js'
import type { LlmCoreView } from '../driver/llm-router.js'
import { LaneGate } from '../limiter/lane-gate.js'
import { MOST_PASSED_OVER } from '../limits.js'
import { UnreadStreams, type ReadLane } from '../preemption/unread-streams.js'
import { SliceWatch, type SlicingPolicy } from '../preemption/slice-watch.js'
import type { Device } from '../syscall/syscall-row.js'
import { SLOT, STATE, transition, type Syscall } from '../syscall/syscall.js'
import { Alarm } from '../time/alarm.js'
import { Batch } from './batch/batch.js'
import { Batcher } from './batch/batcher.js'
import { CoreView } from './core-view.js'
import { GatedSide } from './gated-side.js'
import type { LaneHost, LaneSeed } from './lane-host.js'
import { LoopTurns } from './loop-turns.js'
import type { LaneInfo, PolicyDefinition, SchedulingPolicy, TaskOwner } from './policy.js'
import { queueFull, removed, tooLate } from './refusal.js'
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
  /** How calls that are cut go on. */
  readonly resume: Resume
  readonly wait = new DurationHistogram()
  readonly turnaround = new DurationHistogram()
  /** Calls that started and have settled, and their time from start to end. */
  readonly service = new ServiceTimes()
  /** Stands before the provider of a core; other devices have none. */
  readonly gate: LaneGate | undefined
  /** Watches slices, where the policy gives some and calls can be cut. */
  slices: SliceWatch | undefined = undefined
  /** Reads streams that nobody reads; only lanes of cores have streams. */
  readonly unread: UnreadStreams | undefined
  /** Shows the lane to a router. */
  readonly view: LlmCoreView
  /** Whether its device was removed; what comes then is refused. */
  removed = false
  running = 0
  started = 0
  rejected = 0
  policyName: string
  #policy: SchedulingPolicy
  #pumping = false
  #saturated = false
  readonly #host: LaneHost
  readonly #turns: LoopTurns
  /** Rings when a call that the policy holds back may run. */
  readonly #alarm: Alarm
  /** Made where the device serves a syscall in batches. */
  readonly #batcher: Batcher | undefined = undefined

  constructor(seed: LaneSeed, host: LaneHost) {
    this.id = seed.id
    this.device = seed.device
    this.concurrency = seed.concurrency
    this.depth = seed.depth
    this.resume = seed.resume ?? 'none'
    this.policyName = seed.policy.name
    this.#policy = seed.policy.create(this)
    this.#host = host
    const wake = (): void => {
      host.resume(this)
    }
    const later: LaneHost['later'] = (delayMs, callback) => host.later(delayMs, callback)
    this.#turns = new LoopTurns({
      defer: (callback) => {
        host.defer(callback)
      },
      goOn: wake,
    })
    this.#alarm = new Alarm(later, wake)
    this.gate = seed.device.kind === 'llm' ? new LaneGate(new GatedSide(this, host), seed) : undefined
    this.unread = seed.device.kind === 'llm' ? new UnreadStreams(this.#reading()) : undefined
    if (seed.batches !== undefined && seed.batches.size > 0) this.#batcher = new Batcher(seed.batches, { later, wake })
    this.slices = this.#slicesOf(this.#policy)
    this.view = new CoreView(this)
  }

  get queued(): number {
    return this.#policy.size + (this.gate?.waiting ?? 0) + (this.#batcher?.size ?? 0)
  }

  /** Calls that wait for the provider or a slot, not only for others to share it with. */
  get backlog(): number {
    const batcher = this.#batcher
    return batcher === undefined ? this.queued : this.queued - batcher.size + batcher.backlog(this.#host.now())
  }

  /** Calls that wait for nothing but a slot, of which none is free. */
  get unslotted(): number {
    if (this.running < this.concurrency || this.gate?.holdsBack === true) return 0
    return this.#policy.size
  }

  /** Starts a call, or queues it. Returns an error instead if that is hopeless, or the lane full and the call may not pass its bound. */
  submit(call: Syscall, pastBound: boolean): AiosError | undefined {
    const hopeless = this.removed ? removed(this) : (this.gate?.refusal(call) ?? this.#lateness(call))
    if (hopeless !== undefined) return hopeless
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
    // Nobody else may come to start it: with slots free, it waits for its provider, its policy or its batch alone.
    if (this.gate?.holds === true || this.#batcher !== undefined || this.#policy.wakeAt !== undefined) this.pump()
    this.slices?.look()
    this.unread?.look()
    return undefined
  }

  /** Whether a waiting call is in a batch that fills. */
  gathers(call: Syscall): boolean {
    return this.#batcher?.holds(call) === true
  }

  /** Takes a waiting call out. */
  withdraw(call: Syscall): void {
    if (!this.#policy.remove(call) && this.gate?.withdraw(call) !== true && !this.#leaveBatch(call)) return
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
    this.slices?.ended(call)
    if (call.served !== undefined) {
      if (call.extras?.context?.snapshot === undefined) endService(call, this.#host.now())
      else pauseService(call, this.#host.now())
    }
    this.gate?.settle(call, this.#host.now())
    // A lane without a queue has room again when a slot comes free.
    if (this.#saturated && this.depth === 0) this.#moved()
    this.#host.released(this)
  }

  /** Starts waiting calls while slots are free, and lets input and output have their turn now and then. */
  pump(): void {
    if (this.#pumping || this.#turns.waiting || this.queued === 0) return
    this.#pumping = true
    while (this.queued > 0 && this.running < this.concurrency) {
      const now = this.#host.now()
      if (this.gate?.holds === true && !this.gate.isOpen(now)) break
      if (this.#turns.isDue(now)) break
      if (this.#policy.shed !== undefined) this.#shed(now)
      const next = this.#batcher === undefined ? this.#next(now) : this.#gather(this.#batcher, now)
      if (next === undefined) {
        this.#watchPolicy(now)
        break
      }
      this.#moved()
      if (next instanceof Batch) this.#launch(next, now)
      else {
        this.#turns.started(1)
        this.#grant(next, now)
      }
    }
    // Who waits while a core is down has to be told when that takes too long.
    if (this.gate?.tripped === true && this.queued > 0) this.#giveUp(this.gate)
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
    const waiting = this.#unqueue()
    for (const call of this.#batcher?.surrender() ?? []) {
      this.gate?.settle(call, now)
      waiting.push(call)
    }
    waiting.sort((a, b) => a.queuedAt - b.queuedAt || a.id - b.id)
    this.#policy = next
    this.policyName = definition.name
    const running = this.slices?.running ?? []
    this.slices?.rest()
    this.slices = this.#slicesOf(next)
    for (const call of running) this.slices?.began(call)
    for (const call of waiting) next.enqueue(call, now)
    this.pump()
  }

  #slicesOf(policy: SchedulingPolicy): SliceWatch | undefined {
    if (policy.preempts === undefined || this.resume === 'none') return undefined
    return new SliceWatch(policy as SlicingPolicy, { ...this.#reading(), resume: this.resume })
  }

  /** Shows the lane to those who look after streams on it. */
  #reading(): ReadLane {
    return {
      now: () => this.#host.now(),
      later: (delayMs, callback) => this.#host.later(delayMs, callback),
      waiting: () => this.unslotted,
    }
  }

  /** Only calls with a deadline pay for this, and none that was begun already. */
  #lateness(call: Syscall): AiosError | undefined {
    if (call.dueAt === Number.POSITIVE_INFINITY || call.extras?.context !== undefined) return undefined
    return tooLate(this, call, () => this.#host.now())
  }

  #mayStartAtOnce(call: Syscall): boolean {
    if (this.running >= this.concurrency || this.backlog > 0 || this.#pumping) return false
    if (this.#policy.wakeAt !== undefined || this.#batcher?.takes(call) === true) return false
    return this.gate?.admits(call) !== false
  }

  /** Whether a call only waits for others to share a slot with, so that no bound is on it. */
  #mayGather(call: Syscall): boolean {
    return this.#batcher?.takes(call) === true && this.running < this.concurrency && this.backlog === 0
  }

  #next(now: number): Syscall | undefined {
    return this.gate === undefined
      ? (this.#policy.dequeue(now) as Syscall | undefined)
      : this.gate.next(this.#policy, now)
  }

  #gather(batcher: Batcher, now: number): Batch | Syscall | undefined {
    const policy = this.#policy
    const source = {
      // What is passed over has reserved its share of the limits already, and should not keep it for long.
      reach: this.gate?.limits === true ? 1 : MOST_PASSED_OVER,
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
    this.gate?.settle(call, now)
    return true
  }

  /** Starts all members of a batch on one slot. */
  #launch(batch: Batch, now: number): void {
    this.running += 1
    this.#turns.started(batch.members.size)
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
    this.gate?.started(call, now ?? call.createdAt)
    // A member of a batch was charged for as it joined.
    if (this.#policy.started !== undefined && call.extras?.batch === undefined)
      beginService(this.#policy, call, now ?? call.createdAt)
    this.slices?.began(call)
    this.#host.begin(call, now)
  }

  /** Wakes when the policy lets go of what it holds back. */
  #watchPolicy(now: number): void {
    const at = this.#policy.wakeAt?.(now)
    if (at !== undefined) this.#alarm.ringAt(at, now)
  }

  /** Gives up what can no longer be done in time, before it costs a slot. */
  #shed(now: number): void {
    for (let call = this.#policy.shed?.(now); call !== undefined; call = this.#policy.shed?.(now)) {
      this.#moved()
      this.#host.shed(call as Syscall)
    }
  }

  /** Rejects all who wait for a core that has been down for too long. */
  #giveUp(gate: LaneGate): void {
    const error = gate.givesUp(this.#host.now())
    if (error === undefined) return
    const waiting = [...gate.drain(), ...this.#unqueue(), ...(this.#batcher?.drain() ?? [])]
    this.#moved()
    for (const call of waiting) this.#host.refuse(call, error)
  }

  /** Takes all calls out of the policy, also those that it holds back. */
  #unqueue(): Syscall[] {
    const now = this.#policy.wakeAt === undefined ? this.#host.now() : Number.POSITIVE_INFINITY
    const waiting: Syscall[] = []
    for (let call = this.#policy.dequeue(now); call !== undefined; call = this.#policy.dequeue(now))
      waiting.push(call as Syscall)
    this.#alarm.rest()
    return waiting
  }

  /** Has a waiting call of a lower class give way to a call; returns false if none does. */
  #makeRoom({ priority }: Syscall): boolean {
    const call = this.#policy.yield?.(priority) as Syscall | undefined
    if (call === undefined) return false
    if (call.underSlot || call.extras?.context !== undefined) {
      // Somebody on a device waits for it, or it has begun: the bound does not concern it.
      this.#policy.enqueue(call, this.#host.now())
      return false
    }
    this.#host.refuse(call, this.#refuse('It gave way to a call of a higher class.'))
    return true
  }

  #refuse(why?: string): AiosError {
    this.rejected += 1
    if (!this.#saturated) {
      this.#saturated = true
      this.#host.laneChanged(this, true)
    }
    return queueFull(this, why)
  }

  #moved(): void {
    if (this.queued === 0) {
      this.gate?.rest()
      this.slices?.rest()
      this.unread?.rest()
      this.#alarm.rest()
    }
    if (this.#saturated && this.queued <= this.depth / 2) {
      this.#saturated = false
      this.#host.laneChanged(this, false)
    }
    this.#host.laneMoved(this)
  }
}

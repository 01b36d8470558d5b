import type { PolicyDefinition, SchedulingPolicy } from '@aios/kernel'
import { hostedModel } from '../workload/program.js'
import type { LaneHost, LaneLike } from './lane-like.js'
import type { SimOwner, SimTask } from './sim-task.js'

/** Output tokens after which the policy is told of them, and asked. */
const STEP = 32

/** Is a call on a slot. */
interface Run {
  readonly since: number
  /** Output tokens that it had before. */
  readonly before: number
}

/**
 * Is the lane of a core that saves its state: it gives out slots as the kernel's lanes do, and asks the policy, as a running
 * answer grows, whether that should give its slot to one that waits. Saving and restoring take `switchMs` each, on the slot.
 */
export class SlicedLane implements LaneLike {
  readonly #policy: SchedulingPolicy
  readonly #slots: number
  readonly #switchMs: number
  readonly #host: LaneHost
  readonly #running = new Map<SimTask, Run>()
  /** Output tokens of the calls that were cut. */
  readonly #written = new Map<SimTask, number>()
  #busy = 0
  cuts = 0

  constructor(definition: PolicyDefinition, { slots, switchMs }: { slots: number; switchMs: number }, host: LaneHost) {
    this.#policy = definition.create({ id: 'llm/sim', concurrency: slots, resume: 'state' })
    this.#slots = slots
    this.#switchMs = switchMs
    this.#host = host
  }

  submit(task: SimTask, now: number): void {
    if (this.#busy < this.#slots && this.#policy.size === 0) this.#grant(task, now)
    else this.#policy.enqueue(task, now)
  }

  settle(task: SimTask, now: number): void {
    const run = this.#running.get(task) as Run
    this.#running.delete(task)
    this.#written.delete(task)
    this.#policy.served?.(task, { inputTokens: 0, outputTokens: task.call.output - this.#told(task, run, now) }, now)
    this.#policy.settled?.(task, now)
    this.#busy -= 1
  }

  pump(now: number): void {
    while (this.#busy < this.#slots && this.#policy.size > 0) {
      const task = this.#policy.dequeue(now) as SimTask | undefined
      if (task === undefined) return
      this.#grant(task, now)
    }
  }

  forget(owner: SimOwner): void {
    this.#policy.forget?.(owner)
  }

  #grant(task: SimTask, now: number): void {
    this.#busy += 1
    this.#policy.started?.(task, now)
    const before = this.#written.get(task) ?? 0
    const isNew = !this.#written.has(task)
    const since = now + (isNew ? 0 : this.#switchMs)
    const run = { since, before }
    this.#running.set(task, run)
    if (isNew) this.#host.begin(task, now)
    this.#look(task, run, since)
  }

  /** Lets the answer grow by a step, and then looks whether it goes on. */
  #look(task: SimTask, run: Run, now: number): void {
    const { output } = task.call
    const next = this.#told(task, run, now) + STEP
    if (next >= output) {
      this.#host.finish(task, this.#timeOf(task, run, output))
      return
    }
    this.#host.at(this.#timeOf(task, run, next), (then) => {
      this.#policy.served?.(task, { inputTokens: 0, outputTokens: STEP }, then)
      const slice = { ms: then - run.since, outputTokens: next - run.before }
      const contended = this.#busy >= this.#slots && this.#policy.size > 0
      if (contended && this.#policy.preempts?.(task, slice, then) === true) this.#cut(task, next, then)
      else this.#look(task, run, then)
    })
  }

  #cut(task: SimTask, written: number, now: number): void {
    this.cuts += 1
    this.#running.delete(task)
    this.#written.set(task, written)
    task.resumed = true
    this.#policy.settled?.(task, now)
    this.#host.at(now + this.#switchMs, (then) => {
      this.#busy -= 1
      this.#policy.enqueue(task, then)
      this.pump(then)
    })
  }

  /** Output tokens that the policy was told of: whole steps. */
  #told(task: SimTask, run: Run, now: number): number {
    const { call } = task
    const perToken = (hostedModel(call) - hostedModel({ ...call, output: 0 })) / Math.max(1, call.output)
    const prefill = run.before === 0 && task.resumed === false ? hostedModel({ ...call, output: 0 }) : 0
    const grown = Math.max(0, Math.floor((now - run.since - prefill) / perToken + 1e-6))
    return run.before + Math.min(call.output - run.before, Math.floor(grown / STEP) * STEP)
  }

  /** When the answer has so many tokens. */
  #timeOf(task: SimTask, run: Run, tokens: number): number {
    const { call } = task
    const whole = hostedModel({ ...call, output: tokens })
    const begun = task.resumed ? hostedModel({ ...call, output: run.before }) : 0
    return run.since + whole - begun
  }
}

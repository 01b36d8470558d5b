import type { PolicyDefinition, SchedulingPolicy } from '@aios/kernel'
import type { LaneHost, LaneLike } from './lane-like.js'
import type { SimOwner, SimTask } from './sim-task.js'

/** Is the lane of a simulated core: it gives out slots exactly as the kernel's lanes do, over the same policy objects. */
export class SimLane implements LaneLike {
  readonly #policy: SchedulingPolicy
  readonly #slots: number
  readonly #host: LaneHost
  #running = 0
  #wakesAt: number | undefined = undefined

  constructor(definition: PolicyDefinition, slots: number, host: LaneHost) {
    this.#policy = definition.create({ id: 'llm/sim', concurrency: slots })
    this.#slots = slots
    this.#host = host
  }

  submit(task: SimTask, now: number): void {
    const holdsBack = this.#policy.wakeAt !== undefined
    if (!holdsBack && this.#running < this.#slots && this.#policy.size === 0) this.#grant(task, now)
    else this.#policy.enqueue(task, now)
    if (holdsBack) this.pump(now)
  }

  settle(task: SimTask, now: number): void {
    this.#policy.served?.(task, { inputTokens: 0, outputTokens: task.call.output }, now)
    this.#policy.settled?.(task, now)
    this.#running -= 1
  }

  pump(now: number): void {
    while (this.#running < this.#slots && this.#policy.size > 0) {
      const task = this.#policy.dequeue(now) as SimTask | undefined
      if (task === undefined) {
        this.#sleep(now)
        return
      }
      this.#grant(task, now)
    }
  }

  /** Asks to be woken when a task that the policy holds back may run. */
  #sleep(now: number): void {
    const at = this.#policy.wakeAt?.(now)
    if (at === undefined || at === this.#wakesAt) return
    this.#wakesAt = at
    this.#host.at(at, (then) => {
      this.#wakesAt = undefined
      this.pump(then)
    })
  }

  forget(owner: SimOwner): void {
    this.#policy.forget?.(owner)
  }

  #grant(task: SimTask, now: number): void {
    this.#running += 1
    this.#policy.started?.(task, now)
    this.#host.start(task, now)
  }
}

import type { Slice, Task } from '../policy.js'
import { ClassedPolicy, type TurnQueue } from './classed-policy.js'

/** Is how long a turn is: the one or the other. */
export interface Quantum {
  readonly quantumMs?: number | undefined
  readonly quantumTokens?: number | undefined
}

/** Lets tasks take turns; one that has had its quantum gives its slot to one that waits, if that is no less urgent. */
export class TurnPolicy extends ClassedPolicy<TurnQueue> {
  readonly quantumMs: number | undefined
  readonly #tokens: number

  constructor(ageingMs: number, { quantumMs, quantumTokens }: Quantum, makeQueue: () => TurnQueue) {
    super(ageingMs, makeQueue)
    this.quantumMs = quantumMs
    this.#tokens = quantumTokens ?? Number.POSITIVE_INFINITY
  }

  preempts(task: Task, slice: Slice, now: number): boolean {
    if (slice.ms < (this.quantumMs ?? Number.POSITIVE_INFINITY) && slice.outputTokens < this.#tokens) return false
    const next = this.next(now)
    return next !== undefined && this.raised(next, now) >= task.priority
  }
}

import type { CoreRequest } from '../driver/chat.js'
import type { LlmDriver, Resume } from '../driver/llm-driver.js'
import { RecentQuantile } from '../limiter/recent-quantile.js'
import type { SchedulingPolicy, Slice } from '../scheduler/policy.js'
import type { Syscall } from '../syscall/syscall.js'
import { Alarm, type Later } from '../time/alarm.js'

/** Is what a {@link SliceWatch} needs of its lane. */
export interface SlicedLane {
  readonly resume: Resume
  now(): number
  readonly later: Later
  /** Calls that wait for nothing but a slot. */
  waiting(): number
}

/** Is a policy that gives slices. */
export type SlicingPolicy = SchedulingPolicy & Required<Pick<SchedulingPolicy, 'preempts'>>

/** Cuts after which an answer that has to be told to its core again is left to run out. */
const MOST_PREFIX_CUTS = 3
/** A cut pays if what is left to generate takes this many times longer than the cut. */
const LEAST_GAIN = 3
/** Tokens that a core reads in the time in which it writes one, at least. */
const READ_PER_WRITTEN = 4

/** Watches the calls on a lane for slices that are over while others wait, and asks those calls to give their slots back. */
export class SliceWatch {
  readonly #lane: SlicedLane
  readonly #policy: SlicingPolicy
  readonly #running = new Set<Syscall>()
  /** Those that were asked and have not left yet. */
  readonly #leaving = new Set<Syscall>()
  readonly #outputs = new RecentQuantile(4)
  /** Rings when a slice is over. */
  readonly #alarm: Alarm
  /** What cutting a call costs its core: counted for whoever gets the slot. */
  #debt: { readonly call: Syscall; readonly tokens: number } | undefined = undefined

  constructor(policy: SlicingPolicy, lane: SlicedLane) {
    this.#policy = policy
    this.#lane = lane
    this.#alarm = new Alarm(lane.later, () => {
      this.look()
    })
  }

  /** The calls that have a slot. */
  get running(): readonly Syscall[] {
    return [...this.#running]
  }

  /** Is told that a call got a slot. */
  began(call: Syscall): void {
    this.#settleDebt(call)
    this.#running.add(call)
    this.look()
  }

  /** Is told that a call gave its slot back. */
  ended(call: Syscall): void {
    this.#running.delete(call)
    this.#leaving.delete(call)
    const output = call.extras?.usage?.output.total
    if (output !== undefined) this.#outputs.learn(output)
  }

  /** Is told that a call which was asked for its slot keeps it. */
  stays(call: Syscall): void {
    this.#leaving.delete(call)
  }

  /** Is told what it costs the core that a call was cut for another. */
  owes(call: Syscall, tokens: number): void {
    this.#debt = { call, tokens }
  }

  /** Is told that the answer of a call grew. */
  progressed(call: Syscall): void {
    if (this.#lane.waiting() > this.#leaving.size) this.#ask(call, this.#lane.now())
  }

  /** Looks for calls whose slice is over, as many as there are calls that wait. */
  look(): void {
    if (this.#lane.waiting() <= this.#leaving.size) return
    const now = this.#lane.now()
    for (const call of this.#running) {
      this.#ask(call, now)
      if (this.#lane.waiting() <= this.#leaving.size) return
    }
    this.#setAlarm(now)
  }

  /** Forgets the alarm: nobody waits any more. */
  rest(): void {
    this.#alarm.rest()
  }

  #ask(call: Syscall, now: number): void {
    if (this.#leaving.has(call)) return
    const slice = sliceOf(call, now)
    if (slice === undefined || !this.#policy.preempts(call, slice, now) || !this.#pays(call, slice)) return
    if (call.extras?.device?.askToLeave('slice') === true) this.#leaving.add(call)
  }

  /** Whether what is left of an answer is worth a cut. */
  #pays(call: Syscall, slice: Slice): boolean {
    const { context, device } = call.extras ?? {}
    const done = device?.generation.tokens ?? 0
    const left = this.#leftOf(call, done)
    if (this.#lane.resume === 'prefix') {
      const again = ((call.row.inputTokens?.(call) ?? 0) + done) / READ_PER_WRITTEN
      return (context?.slices ?? 1) <= MOST_PREFIX_CUTS && left > LEAST_GAIN * again
    }
    // Saving and restoring take about as long as each other.
    const switchMs = 2 * (context?.savingMs ?? 0)
    return switchMs === 0 || (left * slice.ms) / slice.outputTokens >= LEAST_GAIN * switchMs
  }

  /** Guesses how many tokens an answer still needs: one that outgrew the guess needs as many again. */
  #leftOf(call: Syscall, done: number): number {
    const core = call.device as LlmDriver
    const { maxOutputTokens } = call.request as CoreRequest
    const most = maxOutputTokens ?? core.maxOutputTokens ?? Number.POSITIVE_INFINITY
    return Math.min(Math.max(0, most - done), Math.max(this.#outputs.guess(most) - done, done))
  }

  #settleDebt(call: Syscall): void {
    const debt = this.#debt
    this.#debt = undefined
    if (debt === undefined || debt.call === call) return
    const service = { inputTokens: debt.tokens, outputTokens: 0 }
    call.served?.policy.served?.(call, service, this.#lane.now())
  }

  /** Wakes up when the next slice is over. */
  #setAlarm(now: number): void {
    const { quantumMs } = this.#policy
    if (quantumMs === undefined) return
    let at = Number.POSITIVE_INFINITY
    for (const { startedAt } of this.#running) {
      const end = (startedAt ?? now) + quantumMs
      if (end > now) at = Math.min(at, end)
    }
    if (at < Number.POSITIVE_INFINITY) this.#alarm.ringAt(at, now)
  }
}

/** Returns what a call has had of its slot; undefined while it has not begun to answer, or cannot be cut. */
function sliceOf(call: Syscall, now: number): Slice | undefined {
  const { startedAt, extras } = call
  const outputTokens = extras?.device?.sliceTokens
  if (startedAt === undefined || outputTokens === undefined || outputTokens <= 0) return undefined
  return { ms: now - startedAt, outputTokens }
}

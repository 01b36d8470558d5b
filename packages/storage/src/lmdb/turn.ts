import type { Clock } from '@aios/kernel/driver'
import { namesOf, type Table } from './gate.js'

/** Milliseconds of the turns at a store. */
export const TURN = {
  /** Between two looks whether it came free, at first and when it takes long. */
  pollMs: 1,
  slowPollMs: 5,
  /** Waiting that takes long. */
  slowAfterMs: 200,
  /** How long one that had it lets those go first who waited; one of them may be stopped. */
  yieldMs: 20,
  /** Most that a write or an opening waits. */
  waitMs: 5_000,
} as const

/** Steps of whoever waits, and of whoever claims. */
const WAITING = 1
const CLAIMING = 2

/** Is the only one that may write to a store, or open it, among all processes. */
export class Turn {
  readonly #table: Table
  readonly #clock: Clock
  readonly #pid: number
  #steps = 0
  #isHeld = false
  /** Those who waited when this process let go, and until when they go first. */
  #first: { readonly pids: Set<number>; readonly until: number } | undefined = undefined

  constructor(table: Table, clock: Clock, pid: number = process.pid) {
    this.#table = table
    this.#clock = clock
    this.#pid = pid
  }

  /** Whether this process has it. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Whether another process waits for it. */
  isWanted(): boolean {
    return this.#waiting().length > 0
  }

  /**
   * Takes it if that can be done now. If not, others see that this process waits, until it has it or {@link Turn.letGo} is
   * called. Whoever sees no other claim after its own has it: of two who claim, at least the second sees the first. If
   * both see each other, the one with the higher number steps back.
   */
  tryTake(): boolean {
    if (this.#isHeld) return true
    if (this.#steps < CLAIMING) {
      const isFirstTry = this.#steps === 0 && this.#first === undefined
      this.#stepTo(WAITING)
      if (!isFirstTry && !this.#isFree()) return false
      this.#stepTo(CLAIMING)
    }
    const rivals = this.#table.neighbours().filter(({ stand }) => stand === 'claims')
    this.#isHeld = rivals.length === 0
    if (rivals.some(({ pid }) => pid < this.#pid)) this.#stepTo(WAITING)
    if (this.#isHeld) this.#first = undefined
    return this.#isHeld
  }

  /**
   * Waits for it.
   *
   * @returns false if it could not be had in that time
   */
  async take(waitMs: number = TURN.waitMs): Promise<boolean> {
    const began = this.#clock.now()
    while (!this.tryTake()) {
      const waited = this.#clock.now() - began
      if (waited >= waitMs) {
        this.#stepTo(0)
        return false
      }
      await this.#pause(waited < TURN.slowAfterMs ? TURN.pollMs : TURN.slowPollMs)
    }
    return true
  }

  /** Lets it go, or no longer waits; those who wait now go first. */
  letGo(): void {
    if (this.#isHeld) {
      const pids = new Set(this.#waiting())
      this.#first = pids.size === 0 ? undefined : { pids, until: this.#clock.now() + TURN.yieldMs }
    }
    this.#isHeld = false
    this.#stepTo(0)
  }

  /** Says which processes keep the turn from this one, or else use the store. */
  who(): string {
    const others = this.#table.neighbours()
    const claiming = others.filter(({ stand }) => stand === 'claims')
    return namesOf(claiming.length > 0 ? claiming : others)
  }

  /** Only politeness depends on it; what is wrong with the table is learned by whoever takes the turn. */
  #waiting(): readonly number[] {
    try {
      return this.#table.neighbours().flatMap(({ pid, stand }) => (stand === 'apart' ? [] : [pid]))
    } catch {
      return []
    }
  }

  /** Whether nobody claims it, and whoever waited longer had it. */
  #isFree(): boolean {
    const others = this.#table.neighbours()
    if (this.#first !== undefined) {
      const { pids, until } = this.#first
      for (const pid of pids) if (others.find((other) => other.pid === pid)?.stand !== 'waits') pids.delete(pid)
      if (pids.size === 0 || this.#clock.now() >= until) this.#first = undefined
    }
    return this.#first === undefined && !others.some(({ stand }) => stand === 'claims')
  }

  #stepTo(steps: number): void {
    for (; this.#steps < steps; this.#steps += 1) this.#table.step()
    if (this.#steps > steps) this.#table.stepBack(steps)
    this.#steps = steps
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(delayMs, () => {
        resolve()
      })
    })
  }
}

import { createKernel, ramRecords, readRun, replay, type Clock } from '@aios/kernel'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { IdleWatch } from '../../../packages/kernel/src/journal/idle-watch.js'
import { TimerWheel } from '../../../packages/kernel/src/time/timer-wheel.js'

/** Is the clock of a process that stands still for a second before every turn: timers are late, and come before all else. */
class StallingClock implements Clock {
  #now = 1_000
  #timers: { readonly dueAt: number; readonly callback: () => void }[] = []
  #deferred: (() => void)[] = []

  now(): number {
    return this.#now
  }

  after(delayMs: number, callback: () => void): { ref: () => void; cancel: () => void } {
    const timer = { dueAt: this.#now + delayMs, callback }
    this.#timers.push(timer)
    return {
      ref: () => undefined,
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
      },
    }
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback)
  }

  async turn(): Promise<void> {
    this.#now += 1_000
    const due = this.#timers.filter(({ dueAt }) => dueAt <= this.#now)
    this.#timers = this.#timers.filter((timer) => !due.includes(timer))
    for (const { callback } of due) callback()
    const deferred = this.#deferred
    this.#deferred = []
    for (const callback of deferred) callback()
    await setImmediate()
  }
}

function watching(clock: Clock) {
  const seen = { isBusy: false, idle: 0 }
  const watch = new IdleWatch({
    wheel: new TimerWheel(clock),
    idleMs: 100,
    isBusy: () => seen.isBusy,
    onIdle: () => (seen.idle += 1),
  })
  return { watch, seen }
}

describe('IdleWatch', () => {
  it('tells once when nothing happened in four turns, however long they were', async () => {
    const clock = new StallingClock()
    const { watch, seen } = watching(clock)
    watch.restart()
    const told: number[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      await clock.turn()
      told.push(seen.idle)
    }
    expect(told).toEqual([0, 0, 0, 1, 1, 1])
  })

  it('says nothing after it was stopped, nor where something is about to happen', async () => {
    const clock = new StallingClock()
    const stopped = watching(clock)
    stopped.watch.restart()
    stopped.watch.stop()
    stopped.watch.stop()
    const busy = watching(clock)
    busy.watch.restart()
    busy.seen.isBusy = true
    for (let turn = 0; turn < 6; turn += 1) await clock.turn()
    expect([stopped.seen.idle, busy.seen.idle]).toEqual([0, 0])
    busy.seen.isBusy = false
    busy.watch.restart()
    for (let turn = 0; turn < 4; turn += 1) await clock.turn()
    expect(busy.seen.idle).toBe(1)
  })
})

describe('a replay in a process that stands still now and then', () => {
  it('goes through the run all the same, also while its agent waits for something of its own', async () => {
    const records = ramRecords()
    const kernel = await createKernel({ records, journal: true })
    const waits: (() => Promise<void>)[] = []
    const agent = async (sys: ReturnType<typeof kernel.sys>) => {
      const first = await sys.clock.now()
      for (const wait of waits) await wait()
      return [first, await sys.clock.now()]
    }
    const value = await kernel.run(agent, undefined, { runId: 'r' })
    const journal = await readRun(records, 'r')
    await kernel.close()

    const clock = new StallingClock()
    let isOver = false
    for (let count = 0; count < 3; count += 1) waits.push(() => setImmediate())
    const replayed = replay(journal, agent, { clock, idleMs: 100 }).finally(() => (isOver = true))
    for (let turn = 0; turn < 50 && !isOver; turn += 1) await clock.turn()
    expect(await replayed).toMatchObject({ outcome: 'fulfilled', value })
  })
})

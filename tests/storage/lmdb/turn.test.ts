import { virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import type { Neighbour, Table } from '../../../packages/storage/src/lmdb/gate.js'
import { TURN, Turn } from '../../../packages/storage/src/lmdb/turn.js'

/** Is the table of several processes that are all here. */
class Ground {
  readonly clock = virtualClock()
  readonly steps = new Map<number, number>()
  readonly dead = new Set<number>()
  /** Called before a process looks. */
  beforeLook: (pid: number) => void = () => undefined

  turn(pid: number): Turn {
    this.steps.set(pid, 0)
    const table: Table = {
      neighbours: () => {
        this.beforeLook(pid)
        const others = [...this.steps].filter(([other]) => other !== pid && !this.dead.has(other))
        return others.map(([other, steps]): Neighbour => ({
          pid: other,
          use: 'process',
          stand: steps === 0 ? 'apart' : steps === 1 ? 'waits' : 'claims',
        }))
      },
      step: () => void this.steps.set(pid, (this.steps.get(pid) ?? 0) + 1),
      stepBack: (left) => void this.steps.set(pid, left),
    }
    return new Turn(table, this.clock, pid)
  }

  /** Lets time pass, step by step. */
  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 1) await this.clock.advance(1)
  }
}

describe('the turn at a store', () => {
  it('is had at once by whoever is alone, and by the next when it is let go', async () => {
    const ground = new Ground()
    const [one, two] = [ground.turn(1), ground.turn(2)]
    expect(one.tryTake()).toBe(true)
    expect(one.tryTake()).toBe(true)
    const taking = two.take()
    await ground.pass(10)
    expect([one.isHeld, two.isHeld]).toEqual([true, false])
    expect(one.isWanted()).toBe(true)
    one.letGo()
    await ground.pass(2)
    expect(await taking).toBe(true)
    expect([one.isHeld, two.isHeld]).toEqual([false, true])
    expect(one.who()).toBe('process 2')
  })

  it('is never had by two, whoever looks when, and both get it when they claim at the same moment', async () => {
    for (const [first, second] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const ground = new Ground()
      const [one, two] = [ground.turn(first), ground.turn(second)]
      let isSecond = false
      // The other claims between the claim of this one and its look.
      ground.beforeLook = (pid) => {
        if (pid !== first || isSecond) return
        isSecond = true
        expect(two.tryTake()).toBe(false)
      }
      const got = one.tryTake()
      expect([got, two.isHeld].filter(Boolean).length).toBeLessThanOrEqual(1)
      const taking = [one.take(), two.take()]
      await ground.pass(3)
      const [holder, waiter] = one.isHeld ? [one, two] : [two, one]
      expect([holder.isHeld, waiter.isHeld]).toEqual([true, false])
      holder.letGo()
      await ground.pass(3)
      expect(await Promise.all(taking)).toEqual([true, true])
      expect([holder.isHeld, waiter.isHeld]).toEqual([false, true])
    }
  })

  it('goes to those who waited before whoever had it takes it again, but not for ever', async () => {
    const ground = new Ground()
    const [one, two] = [ground.turn(1), ground.turn(2)]
    one.tryTake()
    expect(two.tryTake()).toBe(false)
    one.letGo()
    expect(one.tryTake()).toBe(false)
    expect(two.tryTake()).toBe(true)
    expect(one.tryTake()).toBe(false)
    two.letGo()
    expect(two.tryTake()).toBe(false)
    // That one was stopped where it waits.
    await ground.pass(TURN.yieldMs)
    expect(two.tryTake()).toBe(true)
  })

  it('comes free when the process that has it is gone', async () => {
    const ground = new Ground()
    const [one, two] = [ground.turn(1), ground.turn(2)]
    one.tryTake()
    const taking = two.take()
    await ground.pass(300)
    ground.dead.add(1)
    await ground.pass(TURN.slowPollMs)
    expect(await taking).toBe(true)
    expect(two.who()).toBe('no other process')
  })

  it('is given up by whoever waits too long, who then keeps nobody waiting', async () => {
    const ground = new Ground()
    const [one, two, three] = [ground.turn(2), ground.turn(1), ground.turn(3)]
    one.tryTake()
    const taking = [two.take(100), three.take()]
    await ground.pass(110)
    expect(await taking[0]).toBe(false)
    expect(ground.steps.get(1)).toBe(0)
    expect(three.who()).toBe('process 2')
    await ground.pass(TURN.waitMs)
    expect(await taking[1]).toBe(false)
    one.letGo()
    expect(three.tryTake()).toBe(true)
    expect(two.who()).toBe('process 3')
    three.letGo()
    expect(two.who()).toBe('processes 2, 3')
  })

  it('is kept, and let go, by whoever cannot see who waits', () => {
    const ground = new Ground()
    const one = ground.turn(1)
    one.tryTake()
    ground.beforeLook = () => {
      throw new Error('no table')
    }
    expect(one.isWanted()).toBe(false)
    one.letGo()
    expect(ground.steps.get(1)).toBe(0)
    expect(() => one.tryTake()).toThrow('no table')
  })
})

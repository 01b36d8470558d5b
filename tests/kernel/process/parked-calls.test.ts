import type { SyscallOptions } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, reply } from '../fake-drivers.js'
import { start, startChild, testBed } from '../test-bed.js'
import { ask, bed } from './budget-asking.js'

describe('the turn of parked calls', () => {
  /** As many parked calls as are looked at together, whose core is busy; behind them one whose core is free. */
  async function crowd(options: SyscallOptions = {}) {
    const make = (id: string, concurrency: number) => heldCore({ id, estimate: () => 10, limits: { concurrency } })
    const [x, y] = [make('x', 1), make('y', 2)]
    const kernel = await testBed({ llm: [x, y] })
    const [a, other] = [await start(kernel, { budget: { tokens: 60 } }), await start(kernel)]
    const behind = await startChild(kernel, a.sys, { detached: true })
    ask(a.sys, 'holder', { out: 50, model: 'y' })
    // The core of these is free while they are parked, and busy when they may go on.
    for (let n = 0; n < 64; n += 1) ask(a.sys, String(n), { out: 50, model: 'x', ...options })
    ask(behind.sys, 'behind', { out: 50, model: 'y' })
    ask(other.sys, 'busy', { model: 'x' })
    y.held.succeed('holder', reply(0, 0))
    await kernel.clock.settle()
    expect([x.held.running, y.held.running, kernel.stats().lanes[0]!.queued]).toEqual([['busy'], [], 64])
    return { kernel, a, y: y.held }
  }

  it('goes on when they are cancelled while they queue for a slot', async () => {
    const { kernel, y } = await crowd({ deadlineMs: 10 })
    await kernel.clock.advance(10)
    expect(y.running).toEqual(['behind'])
  })

  it('goes on when their process is suspended', async () => {
    const { kernel, a, y } = await crowd()
    a.process.suspend()
    await kernel.clock.settle()
    expect(y.running).toEqual(['behind'])
  })

  it('goes beyond the calls that are looked at together', async () => {
    const { held, sys, finish, kernel } = await bed({ tokens: 60 }, { limits: { concurrency: 200 } })
    ask(sys, 'holder', { out: 50 })
    for (let n = 0; n < 150; n += 1) ask(sys, String(n), { out: 50 })
    await finish('holder', 0)
    for (let n = 0; n < 150; n += 1) await finish(String(n), 0)
    expect([held.started.length, held.started.at(-1), kernel.stats().outstanding]).toEqual([151, '149', 0])
  })

  it('reaches all of a crowd that can never fit any more', async () => {
    const { kernel, sys, finish } = await bed({ tokens: 60 }, { limits: { concurrency: 500 } })
    ask(sys, 'holder', { out: 50 })
    const crowd = Array.from({ length: 300 }, (_, n) => ask(sys, String(n), { out: 50 }))
    await finish('holder', 100)
    expect(new Set(crowd.map(({ outcome }) => outcome))).toEqual(new Set(['AIOS_BUDGET_EXCEEDED']))
    expect(kernel.stats().outstanding).toBe(0)
  })
})

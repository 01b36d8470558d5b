import type { Sys } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldTools, watch } from '../fake-drivers.js'
import { start, testBed } from '../test-bed.js'

const use = (sys: Sys, as: string, ...keys: string[]) => watch(sys.tool.call({ name: 'hold', input: { as, keys } }))

async function bed(concurrency = 8) {
  const tools = heldTools({ limits: { concurrency } })
  const kernel = await testBed({ tools })
  const [a, b, c] = [await start(kernel), await start(kernel), await start(kernel)]
  const finish = async (label: string) => {
    tools.held.succeed(label)
    await kernel.clock.settle()
  }
  return { kernel, tools: tools.held, a, b, c, finish }
}

describe('conflict keys', () => {
  it('are exclusive: calls with the same key run one after another, in the order they came', async () => {
    const { tools, a, b, c, finish } = await bed()
    use(a.sys, 'a', 'k')
    use(b.sys, 'b', 'k')
    use(c.sys, 'c', 'k')
    expect(tools.running).toEqual(['a'])
    await finish('a')
    expect(tools.running).toEqual(['b'])
    await finish('b')
    expect(tools.running).toEqual(['c'])
  })

  it('do not stop calls with other keys or none', async () => {
    const { tools, a, b, c } = await bed()
    use(a.sys, 'a', 'k')
    use(b.sys, 'b', 'other')
    use(c.sys, 'c')
    expect(tools.running).toEqual(['a', 'b', 'c'])
  })

  it('are no lane: a call that waits for a key takes no slot and no place in the queue', async () => {
    const { kernel, tools, a, b, c } = await bed(2)
    use(a.sys, 'a', 'k')
    use(b.sys, 'b', 'k')
    use(c.sys, 'c')
    expect(tools.running).toEqual(['a', 'c'])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 2, queued: 0 })
  })

  it('are taken in sorted order, so that calls that are not nested cannot wait in a circle', async () => {
    const { tools, a, b, finish } = await bed()
    const first = use(a.sys, 'a', 'x', 'y')
    const second = use(b.sys, 'b', 'y', 'x')
    expect(tools.running).toEqual(['a'])
    await finish('a')
    await finish('b')
    expect([first.outcome, second.outcome]).toEqual(['fulfilled', 'fulfilled'])
  })

  it('hold a key while waiting for a later one, and none before it', async () => {
    const { tools, a, b, c, finish } = await bed()
    use(a.sys, 'a', 'm')
    use(b.sys, 'b', 'z', 'm', 'c')
    use(c.sys, 'late', 'c')
    use(c.sys, 'free', 'z')
    expect(tools.running).toEqual(['a', 'free'])
    await finish('a')
    expect(tools.running).toEqual(['free'])
    await finish('free')
    expect(tools.running).toEqual(['b'])
    await finish('b')
    expect(tools.running).toEqual(['late'])
  })

  it('count once where a tool names one twice', async () => {
    const { tools, a, b, finish } = await bed()
    use(a.sys, 'a', 'k', 'k')
    use(b.sys, 'b', 'k')
    expect(tools.running).toEqual(['a'])
    await finish('a')
    expect(tools.running).toEqual(['b'])
  })

  it('are free again after a failure', async () => {
    const { kernel, tools, a, b } = await bed()
    use(a.sys, 'a', 'k')
    use(b.sys, 'b', 'k')
    tools.fail('a', new Error('no'))
    await kernel.clock.settle()
    expect(tools.running).toEqual(['b'])
  })

  it('are re-entrant along the chain: a nested call passes through what its ancestors hold', async () => {
    const { tools, a, b, finish } = await bed()
    use(a.sys, 'a', 'k')
    use(b.sys, 'b', 'k')
    const nested = use(tools.call('a').sys, 'nested', 'k', 'more')
    use(tools.call('nested').sys, 'innermost', 'k')
    expect(tools.running).toEqual(['a', 'nested', 'innermost'])
    await finish('innermost')
    await finish('nested')
    expect([nested.outcome, tools.running]).toEqual(['fulfilled', ['a']])
    await finish('a')
    expect(tools.running).toEqual(['b'])
  })

  it('are kept for a cancelled call until its driver lets go of it', async () => {
    const { kernel, tools, a, b, finish } = await bed()
    use(a.sys, 'a', 'k')
    use(b.sys, 'b', 'k')
    a.process.kill()
    await kernel.clock.settle()
    expect(tools.running).toEqual(['a'])
    await finish('a')
    expect(tools.running).toEqual(['b'])
  })

  it('are taken from a driver that does not let go within limits.abandonAfterMs', async () => {
    const { kernel, tools, a, b } = await bed()
    use(a.sys, 'a', 'k')
    use(b.sys, 'b', 'k')
    a.process.kill()
    await kernel.clock.advance(4_999)
    expect(tools.running).toEqual(['a'])
    await kernel.clock.advance(1)
    expect(tools.running).toEqual(['a', 'b'])
  })
})

describe('a waiting call that is cancelled', () => {
  it('leaves the queue of its key', async () => {
    const { kernel, tools, a, b, c, finish } = await bed()
    use(a.sys, 'a', 'k')
    use(b.sys, 'b', 'k')
    use(c.sys, 'c', 'k')
    b.process.kill()
    await finish('a')
    expect(tools.running).toEqual(['c'])
    expect(kernel.stats().outstanding).toBe(1)
  })

  it('gives back the keys it had, to the next in line', async () => {
    const { kernel, tools, a, b, c } = await bed()
    use(a.sys, 'a', 'y')
    use(b.sys, 'b', 'x', 'y')
    use(c.sys, 'c', 'x')
    expect(tools.running).toEqual(['a'])
    b.process.kill()
    await kernel.clock.settle()
    expect(tools.running).toEqual(['a', 'c'])
  })

  it('gives back keys that it got while it waited for a slot', async () => {
    const { kernel, tools, a, b, c, finish } = await bed(1)
    use(a.sys, 'a')
    const queued = use(b.sys, 'b', 'k')
    use(c.sys, 'c', 'k')
    b.process.kill()
    await kernel.clock.settle()
    await finish('a')
    expect([queued.outcome, tools.running]).toEqual(['AIOS_PROCESS_KILLED', ['c']])
  })

  it('does not keep a key that it was handed at the moment it was cancelled', async () => {
    const { kernel, tools, a, b, c, finish } = await bed(1)
    use(a.sys, 'a')
    // Killing b frees the key of its first call for its second, which is being killed as well.
    use(b.sys, 'b1', 'k')
    use(b.sys, 'b2', 'k')
    b.process.kill()
    await kernel.clock.settle()
    use(c.sys, 'c', 'k')
    await finish('a')
    expect(tools.running).toEqual(['c'])
  })

  it('gives back the keys of a call that its full lane turned away', async () => {
    const tools = heldTools({ limits: { concurrency: 1, depth: 0 } })
    const kernel = await testBed({ tools })
    const a = await start(kernel)
    use(a.sys, 'a')
    const refused = use(a.sys, 'refused', 'k')
    tools.held.succeed('a')
    await kernel.clock.settle()
    use(a.sys, 'next', 'k')
    expect([refused.outcome, tools.held.running]).toEqual(['AIOS_QUEUE_FULL', ['next']])
  })
})

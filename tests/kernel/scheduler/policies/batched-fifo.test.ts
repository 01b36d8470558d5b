import { fifo, priority, pQueueClass } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldMemory, watch } from '../../fake-drivers.js'
import { start, testBed } from '../../test-bed.js'

const bed = async () => {
  const memory = heldMemory({ limits: { concurrency: 2 } })
  const kernel = await testBed({ memory, policies: { memory: fifo({ batchIntervalMs: 100 }) } })
  const { sys, process } = await start(kernel)
  const ask = (content: string) => watch(sys.memory.add({ content }))
  return { kernel, memory: memory.held, ask, process }
}

describe('fifo with an interval', () => {
  it('releases what arrived in it together and in order, though slots are free before', async () => {
    const { kernel, memory, ask } = await bed()
    for (const label of ['a', 'b', 'c']) ask(label)
    await kernel.clock.advance(99)
    expect(memory.started).toEqual([])
    await kernel.clock.advance(1)
    expect(memory.started).toEqual(['a', 'b'])
    ask('d')
    memory.succeed('a')
    memory.succeed('b')
    await kernel.clock.settle()
    expect(memory.started).toEqual(['a', 'b', 'c'])
    await kernel.clock.advance(99)
    expect(memory.started).toEqual(['a', 'b', 'c'])
    await kernel.clock.advance(1)
    expect(memory.started).toEqual(['a', 'b', 'c', 'd'])
  })

  it('counts anew from the first call that finds the queue empty', async () => {
    const { kernel, memory, ask } = await bed()
    ask('a')
    await kernel.clock.advance(130)
    ask('b')
    await kernel.clock.advance(99)
    expect(memory.started).toEqual(['a'])
    await kernel.clock.advance(1)
    expect(memory.started).toEqual(['a', 'b'])
  })

  it('leaves no timer behind when all that waited is given up', async () => {
    const { kernel, ask, process } = await bed()
    ask('a')
    process.kill()
    await kernel.clock.settle()
    expect(kernel.clock.pending).toBe(0)
  })

  it('hands over all that it holds back when the lane gets another policy', async () => {
    const { kernel, memory, ask } = await bed()
    ask('a')
    ask('b')
    kernel.setPolicy('memory', priority())
    expect(memory.started).toEqual(['a', 'b'])
    expect(kernel.clock.pending).toBe(0)
  })

  it('is fifo without one by default, and with 0', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory, policies: { memory: fifo({ batchIntervalMs: 0 }) } })
    const { sys } = await start(kernel)
    void watch(sys.memory.add({ content: 'a' }))
    expect(memory.held.running).toEqual(['a'])
  })

  it.each([-1, NaN, Infinity, '5'])('refuses an interval of %o', (batchIntervalMs) => {
    expect(() => fifo({ batchIntervalMs: batchIntervalMs as number })).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
    )
  })

  it('is refused by a p-queue, which would take what is held back for lost', () => {
    expect(() => pQueueClass(fifo({ batchIntervalMs: 5 }))).toThrow(/holds no run back/)
  })
})

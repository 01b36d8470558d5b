import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory } from '../fake-drivers.js'
import { testBed } from '../test-bed.js'

describe('the lanes of a kernel', () => {
  it('are one for each core, and one each for memory, storage and tools', async () => {
    const kernel = await testBed({ llm: [heldCore({ id: 'a' }), heldCore({ id: 'b' })], memory: heldMemory() })
    expect(kernel.stats().lanes.map(({ lane }) => lane)).toEqual(['llm/a', 'llm/b', 'memory'])
  })

  it('are all cores under the name llm', async () => {
    const kernel = await testBed({ llm: [heldCore({ id: 'a' }), heldCore({ id: 'b' })], memory: heldMemory() })
    kernel.setPolicy('llm', { name: 'mine', create: (lane) => ({ ...fake, lane }) })
    expect(kernel.stats().lanes.map(({ policy }) => policy)).toEqual(['mine', 'mine', 'roundRobin'])
    kernel.setPolicy('llm/b', { name: 'other', create: () => fake })
    expect(kernel.stats().lanes.map(({ policy }) => policy)).toEqual(['mine', 'other', 'roundRobin'])
  })

  it('are named in the error when one is not there', async () => {
    const kernel = await testBed({ memory: heldMemory() })
    const noLane = expect.objectContaining({ code: 'AIOS_NO_DEVICE' })
    expect(() => {
      kernel.setPolicy('llm', { name: 'x', create: () => fake })
    }).toThrow(noLane)
    await expect(kernel.ready('storage')).rejects.toThrow('Expected a lane among memory, got "storage".')
    const empty = await testBed()
    await expect(empty.ready('memory')).rejects.toThrow('Expected a lane among (none), got "memory".')
  })

  it('give a call to the core that was added first, and to the next when that is gone', async () => {
    const [a, b] = [heldCore({ id: 'a' }), heldCore({ id: 'b' })]
    const kernel = await testBed({ llm: [a, b] })
    const ask = (content: string) =>
      void kernel
        .sys()
        .llm.chat({ messages: [{ role: 'user', content }] })
        .catch(() => 0)
    ask('1')
    a.held.fail('1', new Error('no'))
    await kernel.clock.settle()
    await kernel.devices.remove('llm/a')
    ask('2')
    expect([a.held.started, b.held.started]).toEqual([['1'], ['2']])
  })
})

const fake = { size: 0, enqueue: () => undefined, dequeue: () => undefined, remove: () => false }

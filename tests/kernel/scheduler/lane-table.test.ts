import { fifo, priority } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory, reply, watch } from '../fake-drivers.js'
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

  it('have the policy that was set last for all cores, also those that are added later', async () => {
    const named = (name: string) => ({ ...fifo(), name })
    const policies = { llm: named('boot'), 'llm/b': named('boot of b'), memory: named('boot of memory') }
    const kernel = await testBed({ llm: heldCore({ id: 'a' }), memory: heldMemory(), policies })
    const shown = () => kernel.stats().lanes.map(({ lane, policy }) => `${lane} ${policy}`)
    await kernel.devices.add(heldCore({ id: 'b' }))
    expect(shown()).toEqual(['llm/a boot', 'memory boot of memory', 'llm/b boot of b'])
    kernel.setPolicy('llm', named('all'))
    await kernel.devices.remove('llm/b')
    for (const id of ['b', 'c']) await kernel.devices.add(heldCore({ id }))
    expect(shown()).toEqual(['llm/a all', 'memory boot of memory', 'llm/b all', 'llm/c all'])
  })

  it('have the policy that was set last for one of them, also with another device', async () => {
    const named = (name: string) => ({ ...fifo(), name })
    const kernel = await testBed({ llm: heldCore({ id: 'a' }), memory: heldMemory() })
    for (const lane of ['llm', 'llm/a', 'memory']) kernel.setPolicy(lane, named(`of ${lane}`))
    for (const lane of ['llm/a', 'memory']) await kernel.devices.remove(lane)
    for (const device of [heldMemory(), heldCore({ id: 'a' }), heldCore({ id: 'b' })]) await kernel.devices.add(device)
    expect(kernel.stats().lanes.map(({ policy }) => policy)).toEqual(['of memory', 'of llm/a', 'of llm'])
  })

  it('that are added later are ordered by it', async () => {
    const kernel = await testBed({ llm: heldCore({ id: 'a' }) })
    kernel.setPolicy('llm', priority())
    await kernel.devices.remove('llm/a')
    const late = heldCore({ id: 'late', limits: { concurrency: 1 } })
    await kernel.devices.add(late)
    for (const [content, level] of [
      ['first', 0],
      ['low', 1],
      ['high', 6],
    ] as const) {
      void watch(kernel.sys().llm.chat({ messages: [{ role: 'user', content }] }, { priority: level }))
    }
    late.held.succeed('first', reply(1, 1))
    await kernel.clock.settle()
    expect(late.held.started).toEqual(['first', 'high'])
  })

  it('keep their policies when one is set for a lane that is not there', async () => {
    const kernel = await testBed({ memory: heldMemory() })
    expect(() => {
      kernel.setPolicy('llm', fifo())
    }).toThrow(expect.objectContaining({ code: 'AIOS_NO_DEVICE' }))
    await kernel.devices.add(heldCore({ id: 'a' }))
    expect(kernel.stats().lanes.map(({ policy }) => policy)).toEqual(['roundRobin', 'hybrid'])
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

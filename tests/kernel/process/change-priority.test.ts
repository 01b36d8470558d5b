import { recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldMemory, watch } from '../fake-drivers.js'
import { row, start, testBed } from '../test-bed.js'

const one = { concurrency: 1 }

describe('setPriority', () => {
  it('changes the order of the calls that wait and of the next ones', async () => {
    const memory = heldMemory({ limits: one })
    const kernel = await testBed({ memory })
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(b.sys.memory.add({ content: 'b1' }))
    void watch(b.sys.memory.add({ content: 'b2' }))
    void watch(a.sys.memory.add({ content: 'a1' }))
    a.process.setPriority(7)
    void watch(a.sys.memory.add({ content: 'a2' }))
    for (const content of ['b1', 'a1', 'a2']) {
      memory.held.succeed(content)
      await kernel.clock.settle()
    }
    expect(memory.held.started).toEqual(['b1', 'a1', 'a2', 'b2'])
    expect(row(kernel, a.process.pid).priority).toBe(7)
  })

  it('changes the priority of calls that wait for something other than a slot', async () => {
    const memory = heldMemory({ limits: one })
    const kernel = await testBed({ memory })
    const [a, b] = [await start(kernel), await start(kernel)]
    a.process.suspend()
    void watch(a.sys.memory.add({ content: 'a' }))
    a.process.setPriority(5)
    void watch(b.sys.memory.add({ content: 'b1' }))
    void watch(b.sys.memory.add({ content: 'b2' }))
    a.process.resume()
    memory.held.succeed('b1')
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['a'])
  })

  it('tells so once, and says nothing where nothing changes', async () => {
    const kernel = await testBed()
    const events = recordEvents(kernel, 'process:priority-changed')
    const a = await start(kernel)
    a.process.setPriority(3)
    a.process.setPriority(5)
    a.process.setPriority(5)
    a.process.kill()
    a.process.setPriority(1)
    expect(events.all.map(({ data }) => data)).toEqual([{ pid: 1, parentPid: 0, name: 'agent', at: 0, priority: 5 }])
    expect(row(kernel, 1).priority).toBe(5)
  })

  it('refuses what is no priority', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    for (const wrong of [8, -1, 1.5, '3']) {
      expect(() => {
        a.process.setPriority(wrong as 0)
      }).toThrow(/from 0 to 7/)
    }
    expect(row(kernel, 1).priority).toBe(3)
  })
})

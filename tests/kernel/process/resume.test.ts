import type { Kernel } from '@aios/kernel'
import { recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldMemory, heldTools, watch } from '../fake-drivers.js'
import { start, startChild, testBed } from '../test-bed.js'

describe('resume', () => {
  it('goes on however often suspend was called, and does nothing to a process that runs', async () => {
    const kernel = await testBed()
    const events = recordEvents(kernel, 'process:suspended', 'process:resumed')
    const a = await start(kernel)
    a.process.resume()
    a.process.suspend()
    a.process.suspend()
    expect(a.process.state).toBe('suspended')
    a.process.resume()
    expect(a.process.state).toBe('sleeping')
    expect(events.names).toEqual(['process:suspended', 'process:resumed'])
    expect(events.all[0]!.data).toEqual({ pid: 1, parentPid: 0, name: 'agent', at: 0 })
  })

  it('sets no timer where nothing is to be timed, also for a child that is killed at that very moment', async () => {
    const killer: { kernel?: Kernel } = {}
    const memory = heldMemory({ onCall: (label) => (label === 'kill' ? killer.kernel!.killAll() : undefined) })
    const kernel = await testBed({ memory })
    killer.kernel = kernel
    const a = await start(kernel)
    await startChild(kernel, a.sys, { budget: { wallMs: 1_000 } })
    a.process.suspend()
    expect(kernel.clock.pending).toBe(0)
    a.process.resume()
    expect(kernel.clock.pending).toBe(1)
    a.process.suspend()
    void watch(a.sys.memory.add({ content: 'kill' }))
    a.process.resume()
    expect(kernel.ps().map(({ state }) => state)).toEqual(['exited', 'exited'])
    // Only the driver that keeps the call is being waited for.
    expect(kernel.stats().lanes[0]!.running).toBe(1)
    memory.held.succeed('kill')
    await kernel.clock.settle()
    expect(kernel.clock.pending).toBe(0)
  })

  it('lets a descendant go on only when no process above it is suspended', async () => {
    const tools = heldTools()
    const kernel = await testBed({ tools })
    const a = await start(kernel)
    // Only kernel.spawn gives a handle, so the child is made inside a tool.
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    const children: ReturnType<typeof kernel.spawn>[] = []
    tools.held.inside('t', () => children.push(kernel.spawn(() => new Promise(() => undefined), undefined)))
    const child = children[0]!
    expect(child.parentPid).toBe(a.process.pid)
    a.process.suspend()
    child.suspend()
    a.process.resume()
    expect([a.process.state, child.state]).toEqual(['running', 'suspended'])
    a.process.suspend()
    child.resume()
    expect(child.state).toBe('suspended')
    a.process.resume()
    expect(child.state).toBe('sleeping')
  })

  it('does nothing to a process that has ended', async () => {
    const kernel = await testBed()
    const events = recordEvents(kernel, 'process:suspended', 'process:resumed')
    const [a, b] = [await start(kernel), await start(kernel)]
    b.process.suspend()
    for (const { process } of [a, b]) process.kill()
    a.process.suspend()
    b.process.resume()
    expect([a.process.state, b.process.state, events.names]).toEqual(['exited', 'exited', ['process:suspended']])
  })
})

import { recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldMemory, heldTools, noteOf, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'

describe('what a child has from its parent', () => {
  it('takes the priority of its parent unless it is given one; the default is 3', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const b = await start(kernel, { priority: 6 })
    const c = await startChild(kernel, b.sys)
    const d = await startChild(kernel, c.sys, { priority: 1 })
    expect([a.process.pid, b.process.pid, c.pid, d.pid].map((pid) => row(kernel, pid).priority)).toEqual([3, 6, 6, 1])
  })

  it('draws on the budget of its parent when it has none of its own', async () => {
    const kernel = await testBed()
    const a = await start(kernel, { budget: { calls: 2 } })
    const b = await startChild(kernel, a.sys)
    await b.sys.agent.send({ to: a.process.pid, message: 1 })
    await expect(b.sys.agent.send({ to: a.process.pid, message: 2 })).rejects.toMatchObject({
      code: 'AIOS_BUDGET_EXCEEDED',
      details: { pid: a.process.pid },
    })
  })

  it('is spawned suspended when its parent is', async () => {
    const tools = heldTools()
    const kernel = await testBed({ tools })
    const a = await start(kernel)
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    a.process.suspend()
    const b = await startChild(kernel, tools.held.call('t').sys)
    expect(row(kernel, b.pid).state).toBe('suspended')
    a.process.resume()
    expect(row(kernel, b.pid).state).toBe('sleeping')
  })
})

describe('the memory namespace of a process', () => {
  const spaces = async (...options: readonly object[]) => {
    const memory = heldMemory({ onCall: (_label, { namespace }) => noteOf(namespace) })
    const kernel = await testBed({ memory })
    const seen: string[] = []
    for (const each of options) {
      const { sys } = await start(kernel, each)
      seen.push((await sys.memory.add({ content: 'x' })).content)
    }
    return seen
  }

  it('is the given one, else the name, else default', async () => {
    expect(await spaces({ name: 'n', namespace: 's' }, { name: 'n' }, {})).toEqual(['s', 'n', 'default'])
  })

  it('is default for kernel.sys() without options', async () => {
    const memory = heldMemory({ onCall: (_label, { namespace }) => noteOf(namespace) })
    const kernel = await testBed({ memory })
    expect((await kernel.sys().memory.add({ content: 'x' })).content).toBe('default')
  })

  it('stays that of its parent for a child that only has a name out of reach', async () => {
    const kernel = await testBed()
    const a = await start(kernel, { name: 'a' })
    const b = await startChild(kernel, a.sys, { name: 'b' })
    expect(row(kernel, b.pid)).toMatchObject({ name: 'b', namespace: 'a' })
  })

  it('is the name of a child if its parent was granted that', async () => {
    const kernel = await testBed()
    const a = await start(kernel, { name: 'a', grants: { memory: ['team-*'] } })
    const b = await startChild(kernel, a.sys, { name: 'team-b' })
    expect(row(kernel, b.pid).namespace).toBe('team-b')
  })

  it('cannot be named by a child whose parent cannot reach it', async () => {
    const kernel = await testBed()
    const a = await start(kernel, { name: 'a' })
    const spawned = a.sys.agent.spawn({ agent: () => null, namespace: 'b' })
    await expect(spawned).rejects.toMatchObject({ code: 'AIOS_ACCESS_DENIED' })
    await expect(spawned).rejects.toThrow(/"b".*"a", and nothing/)
    expect(kernel.ps()).toHaveLength(1)
  })

  it('can be the same for a parent and its child', async () => {
    const kernel = await testBed()
    const a = await start(kernel, { name: 'a' })
    const b = await startChild(kernel, a.sys, { name: 'b', namespace: 'a' })
    expect(row(kernel, b.pid).namespace).toBe('a')
  })
})

describe('a detached child', () => {
  it('belongs to the root', async () => {
    const kernel = await testBed()
    const events = recordEvents(kernel, 'process:spawned', 'process:exited')
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys, { detached: true })
    expect(row(kernel, b.pid).parentPid).toBe(0)
    b.returns()
    await kernel.clock.settle()
    expect(events.all.slice(-2).map(({ data }) => (data as { parentPid: number }).parentPid)).toEqual([0, 0])
  })

  it('outlives its parent and is still charged to it', async () => {
    const memory = heldMemory({ onCall: noteOf })
    const kernel = await testBed({ memory })
    const a = await start(kernel, { budget: { calls: 3 } })
    const b = await startChild(kernel, a.sys, { detached: true, namespace: 'default' })
    a.returns()
    await kernel.clock.settle()
    expect([a.process.state, row(kernel, b.pid).state]).toEqual(['exited', 'sleeping'])
    await b.sys.memory.add({ content: 'one' })
    await b.sys.memory.add({ content: 'two' })
    await expect(b.sys.memory.add({ content: 'three' })).rejects.toMatchObject({
      code: 'AIOS_BUDGET_EXCEEDED',
      details: { pid: a.process.pid, kind: 'calls', used: 3 },
    })
    expect(a.process.usage.calls).toBe(3)
  })

  it('survives the kill of its parent, with its own children', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys, { detached: true })
    const c = await startChild(kernel, b.sys)
    a.process.kill()
    expect([b.pid, c.pid].map((pid) => row(kernel, pid).state)).toEqual(['sleeping', 'sleeping'])
  })

  it('is not suspended with its parent', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys, { detached: true })
    a.process.suspend()
    expect([a.process.state, row(kernel, b.pid).state]).toEqual(['suspended', 'sleeping'])
    a.process.resume()
    expect(row(kernel, b.pid).state).toBe('sleeping')
  })

  it('has no more grants than its parent', async () => {
    const tools = heldTools()
    const kernel = await testBed({ tools })
    const a = await start(kernel, { grants: { tools: [] } })
    const b = await startChild(kernel, a.sys, { detached: true, grants: { tools: ['*'] } })
    const call = b.sys.tool.call({ name: 'hold', input: { as: 't' } })
    await expect(call).rejects.toMatchObject({ code: 'AIOS_ACCESS_DENIED' })
  })
})

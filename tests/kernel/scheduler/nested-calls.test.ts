/** Calls made under a call that holds a slot: they run on that slot, one at a time, and end with what they are under. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Sys } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory, heldTools, noteOf, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'

const one = { concurrency: 1 }
const use = (sys: Sys, as: string, ...keys: string[]) => watch(sys.tool.call({ name: 'hold', input: { as, keys } }))

/** A process with a tool call on the only slot of the tool lane. */
async function underTool(limits: { readonly concurrency: number; readonly depth?: number } = one) {
  const [tools, memory] = [heldTools({ limits }), heldMemory({ limits: one })]
  const kernel = await testBed({ tools, memory })
  const a = await start(kernel)
  const host = use(a.sys, 'host')
  return { kernel, tools: tools.held, memory: memory.held, a, host, sys: tools.held.call('host').sys }
}

describe('a call under a slot-holder', () => {
  it('runs on its slot of that lane, also at concurrency 1', async () => {
    const { kernel, tools, host, sys } = await underTool()
    const nested = use(sys, 'nested')
    expect([tools.running, kernel.stats().lanes[1]]).toEqual([
      ['host', 'nested'],
      expect.objectContaining({ lane: 'tool', running: 1, queued: 0 }),
    ])
    tools.succeed('nested', 1)
    await kernel.clock.settle()
    tools.succeed('host', 2)
    await kernel.clock.settle()
    expect([nested.value, host.value]).toEqual([
      { name: 'local/hold', output: 1 },
      { name: 'local/hold', output: 2 },
    ])
  })

  it('runs one at a time and in order', async () => {
    const { kernel, tools, sys } = await underTool({ concurrency: 4 })
    for (const as of ['1', '2', '3']) use(sys, as)
    const starts: (readonly string[])[] = []
    for (const as of ['1', '2', '3']) {
      starts.push(tools.running)
      tools.succeed(as)
      await kernel.clock.settle()
    }
    expect(starts).toEqual([
      ['host', '1'],
      ['host', '2'],
      ['host', '3'],
    ])
  })

  it('says what it waits for while another one has the slot', async () => {
    const { kernel, sys } = await underTool()
    use(sys, '1')
    use(sys, '2')
    expect(row(kernel, 1).calls.map(({ state, waitsFor }) => [state, waitsFor])).toEqual([
      ['running', undefined],
      ['running', undefined],
      ['waiting', '3 waits for the slot of call 1, held by 2'],
    ])
  })

  it('runs on the slot of the nearest call above it', async () => {
    const { kernel, tools, sys } = await underTool()
    use(sys, 'inner')
    const innermost = use(tools.call('inner').sys, 'innermost')
    use(sys, 'second')
    expect(tools.running).toEqual(['host', 'inner', 'innermost'])
    tools.succeed('innermost')
    await kernel.clock.settle()
    expect([innermost.outcome, tools.running]).toEqual(['fulfilled', ['host', 'inner']])
    tools.succeed('inner')
    await kernel.clock.settle()
    expect(tools.running).toEqual(['host', 'second'])
  })

  it('runs there also through a process that the tool spawned by syscall', async () => {
    const { kernel, tools, sys } = await underTool()
    const child = await startChild(kernel, sys)
    use(child.sys, 'child')
    use(sys, 'own')
    expect(tools.running).toEqual(['host', 'child'])
    tools.succeed('child')
    await kernel.clock.settle()
    expect(tools.running).toEqual(['host', 'own'])
  })

  it('runs there also through kernel.run and kernel.sys inside a tool, which become its children', async () => {
    const { kernel, tools, a } = await underTool()
    let ran: unknown
    tools.inside('host', () => {
      ran = watch(kernel.run((sys) => sys.tool.call({ name: 'hold', input: { as: 'run' } }), undefined, { name: 'c' }))
      use(kernel.sys(), 'sys')
    })
    await kernel.clock.settle()
    expect(tools.running).toEqual(['host', 'sys'])
    tools.succeed('sys')
    await kernel.clock.settle()
    expect(tools.running).toEqual(['host', 'run'])
    tools.succeed('run', 'ok')
    await kernel.clock.settle()
    expect(ran).toMatchObject({ value: { output: 'ok' } })
    expect(row(kernel, 2)).toMatchObject({ name: 'c', parentPid: a.process.pid, outcome: 'fulfilled' })
    expect(kernel.ps()).toHaveLength(2)
  })

  it('is of the tool of its own kernel only: another kernel makes a process of its own root', async () => {
    const { tools } = await underTool()
    const other = await testBed({ memory: heldMemory({ onCall: noteOf }) })
    let pid: Promise<number> | undefined
    tools.inside('host', () => {
      pid = other.run((sys) => sys.pid, undefined)
    })
    expect(await pid).toBe(1)
    expect(row(other, 1).parentPid).toBe(0)
  })

  it('runs in the async context of the tool that made it, also after it waited', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const tools = heldTools({
      limits: one,
      onCall: (label) => {
        seen.push([label, storage.getStore()])
        return undefined
      },
    })
    const kernel = await testBed({ tools })
    const a = await start(kernel)
    use(a.sys, 'host')
    const { sys } = tools.held.call('host')
    storage.run('first', () => use(sys, '1'))
    storage.run('second', () => use(sys, '2'))
    tools.held.succeed('1')
    await kernel.clock.settle()
    expect(seen).toEqual([
      ['host', undefined],
      ['1', 'first'],
      ['2', 'second'],
    ])
  })

  it('passes the bound of another lane', async () => {
    const [tools, memory] = [heldTools(), heldMemory({ limits: { concurrency: 1, depth: 0 } })]
    const kernel = await testBed({ tools, memory })
    const a = await start(kernel)
    use(a.sys, 'host')
    void watch(a.sys.memory.add({ content: 'first' }))
    const outside = watch(a.sys.memory.add({ content: 'outside' }))
    const nested = watch(tools.held.call('host').sys.memory.add({ content: 'nested' }))
    await kernel.clock.settle()
    expect([outside.outcome, nested.outcome]).toEqual(['AIOS_QUEUE_FULL', 'pending'])
    memory.held.succeed('first')
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['nested'])
  })

  it('is as urgent as the call it is made under, unless another process makes it', async () => {
    const [tools, memory] = [heldTools(), heldMemory({ limits: one })]
    const kernel = await testBed({ tools, memory })
    const a = await start(kernel)
    void watch(a.sys.memory.add({ content: 'busy' }))
    void watch(a.sys.memory.add({ content: 'outside' }, { priority: 6 }))
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }, { priority: 7 }))
    const { sys } = tools.held.call('t')
    const child = await startChild(kernel, sys)
    void watch(child.sys.memory.add({ content: 'child' }))
    void watch(sys.memory.add({ content: 'nested' }))
    for (const content of ['busy', 'nested', 'outside']) {
      memory.held.succeed(content)
      await kernel.clock.settle()
    }
    expect(memory.held.started).toEqual(['busy', 'nested', 'outside', 'child'])
  })

  it('is not one of a detached process: that goes through the lanes like any other', async () => {
    const { kernel, tools, sys } = await underTool()
    const child = await startChild(kernel, sys, { detached: true })
    const call = use(child.sys, 'detached')
    expect([tools.running, kernel.stats().lanes[1]!.queued]).toEqual([['host'], 1])
    tools.succeed('host')
    await kernel.clock.settle()
    expect([tools.running, call.outcome]).toEqual([['detached'], 'pending'])
  })
})

describe('when the call above ends', () => {
  it('cancels the nested calls that were not awaited, so that nobody runs beside the slot', async () => {
    const { kernel, tools, memory, a, sys } = await underTool()
    const nested = [use(sys, 'running'), use(sys, 'waiting'), watch(sys.memory.add({ content: 'elsewhere' }))]
    use(a.sys, 'next')
    tools.succeed('host')
    await kernel.clock.settle()
    expect(nested.map(({ outcome }) => outcome)).toEqual(Array(3).fill('AIOS_PROCESS_EXITED'))
    expect([tools.aborted, memory.aborted, tools.started]).toEqual([
      ['running'],
      ['elsewhere'],
      ['host', 'running', 'next'],
    ])
  })

  it('cancels them also when it failed', async () => {
    const { kernel, tools, sys } = await underTool()
    const nested = use(sys, 'nested')
    tools.fail('host', new Error('no'))
    await kernel.clock.settle()
    expect(nested.outcome).toBe('AIOS_PROCESS_EXITED')
  })

  it('rejects later ones with AIOS_PROCESS_EXITED, which says to await nested calls', async () => {
    const { kernel, tools, sys } = await underTool()
    tools.succeed('host')
    await kernel.clock.settle()
    await expect(sys.memory.add({ content: 'late' })).rejects.toMatchObject({ code: 'AIOS_PROCESS_EXITED' })
    await expect(sys.memory.add({ content: 'late' })).rejects.toThrow(/Call 1 \(tool\.call\).*Await nested calls/)
  })

  it('gives those up with its reason when it was cancelled, and later ones too', async () => {
    const { kernel, tools, a, host } = await underTool()
    const controller = new AbortController()
    tools.succeed('host')
    await kernel.clock.settle()
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }, { signal: controller.signal }))
    const { sys } = tools.call('t')
    const nested = watch(sys.memory.add({ content: 'nested' }))
    controller.abort('enough')
    await kernel.clock.settle()
    expect([host.outcome, nested.error]).toEqual(['fulfilled', 'enough'])
    await expect(sys.memory.add({ content: 'late' })).rejects.toBe('enough')
  })

  it('lets a process that the tool spawned go on, now through the lanes like any other', async () => {
    const { kernel, tools, a, sys } = await underTool()
    const child = await startChild(kernel, sys)
    const kept = watch(child.sys.memory.add({ content: 'kept' }))
    tools.succeed('host')
    await kernel.clock.settle()
    expect(kept.outcome).toBe('pending')
    use(a.sys, 'other')
    const later = use(child.sys, 'child')
    expect([later.outcome, tools.running, kernel.stats().lanes[1]!.queued]).toEqual(['pending', ['other'], 1])
    tools.succeed('other')
    await kernel.clock.settle()
    expect(tools.running).toEqual(['child'])
    child.returns('end')
    expect(await a.sys.agent.wait({ pid: child.pid })).toBe('end')
  })
})

describe('the slot of a call that was given up', () => {
  it('goes to the next nested call when one that has it is cancelled', async () => {
    const { kernel, tools, sys } = await underTool()
    const controller = new AbortController()
    void watch(sys.tool.call({ name: 'hold', input: { as: '1' } }, { signal: controller.signal }))
    use(sys, '2')
    controller.abort()
    await kernel.clock.settle()
    expect(tools.running).toEqual(['host', '1'])
    tools.succeed('1')
    await kernel.clock.settle()
    expect(tools.running).toEqual(['host', '2'])
  })

  it('skips a nested call that was cancelled while it waited', async () => {
    const { kernel, tools, sys } = await underTool()
    const controller = new AbortController()
    use(sys, '1')
    const second = watch(sys.tool.call({ name: 'hold', input: { as: '2' } }, { signal: controller.signal }))
    use(sys, '3')
    controller.abort('no')
    tools.succeed('1')
    await kernel.clock.settle()
    expect([second.error, tools.running]).toEqual(['no', ['host', '3']])
  })

  it('is not lost when the next nested call is cancelled at the very moment it gets it', async () => {
    const controller = new AbortController()
    const tools = heldTools({
      limits: { concurrency: 2 },
      onCall: (label) => (label === 'locked' ? controller.abort('now') : undefined),
    })
    const kernel = await testBed({ tools })
    const [a, b] = [await start(kernel), await start(kernel)]
    use(a.sys, 'host')
    const { sys } = tools.held.call('host')
    use(sys, '1', 'k')
    void watch(sys.tool.call({ name: 'hold', input: { as: '2' } }, { signal: controller.signal }))
    use(sys, '3')
    // Runs as soon as 1 gives its key back: before 2 gets the slot, and cancels it.
    use(b.sys, 'locked', 'k')
    tools.held.succeed('1')
    await kernel.clock.settle()
    expect(tools.held.started).toEqual(['host', '1', 'locked', '3'])
  })
})

describe('a call of a composite', () => {
  it('holds no slot: callAll runs its calls through the lane, as many at once as there are slots', async () => {
    const tools = heldTools({ limits: { concurrency: 2 } })
    const kernel = await testBed({ tools })
    const a = await start(kernel)
    const calls = ['1', '2', '3'].map((id) => ({ id, name: 'hold', input: { as: id } }))
    const all = watch(a.sys.tool.callAll({ calls }))
    expect([tools.held.running, kernel.stats().lanes[0]!.queued]).toEqual([['1', '2'], 1])
    tools.held.fail('2', new Error('no'))
    await kernel.clock.settle()
    tools.held.succeed('3', 3)
    tools.held.succeed('1', 1)
    await kernel.clock.settle()
    expect(all.value).toMatchObject([
      { id: '1', status: 'fulfilled', output: 1 },
      { id: '2', status: 'rejected', error: { code: 'AIOS_DRIVER_FAILED' } },
      { id: '3', status: 'fulfilled', output: 3 },
    ])
  })

  it('runs on the slot of the tool that makes the composite', async () => {
    const { kernel, tools, sys } = await underTool()
    const calls = ['1', '2'].map((id) => ({ id, name: 'hold', input: { as: id } }))
    const all = watch(sys.tool.callAll({ calls }))
    expect(tools.running).toEqual(['host', '1'])
    tools.succeed('1')
    await kernel.clock.settle()
    tools.succeed('2')
    await kernel.clock.settle()
    expect(all.value).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }])
  })
})

it('lets a tool ask a core, under the caller: its pid, budget and grants', async () => {
  const [tools, llm] = [heldTools(), heldCore({ limits: one })]
  const kernel = await testBed({ tools, llm })
  const a = await start(kernel, { name: 'a', budget: { calls: 3 }, grants: { models: ['main'] } })
  use(a.sys, 't')
  const { sys } = tools.held.call('t')
  const ask = (model?: string) =>
    watch(sys.llm.chat({ messages: [{ role: 'user', content: 'q' }], ...(model !== undefined && { model }) }))
  ask()
  expect(llm.held.call('q')).toMatchObject({ pid: a.process.pid, agent: 'a' })
  const [denied, third] = [ask('other'), ask()]
  await kernel.clock.settle()
  expect([denied.outcome, third.outcome]).toEqual(['AIOS_NO_DEVICE', 'AIOS_BUDGET_EXCEEDED'])
})

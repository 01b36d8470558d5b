import { describe, expect, it } from 'vitest'
import { AiosError, fifo, roundRobin, type LlmDriver, type Priority, type ToolDriver } from '@aios/kernel'
import { createTestKernel, type TestKernel } from '@aios/kernel/testing'
import { ask } from '../preemption/ground.js'
import { engine } from './ground.js'

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: unknown) => (error as { code: string }).code,
  )

/** Asks as somebody of a class, and lets the call come to its lane. */
function asker(kernel: TestKernel, who: { name: string; priority: Priority; tenant?: string }) {
  const sys = kernel.sys(who)
  return () => codeOf(sys.llm.chat(ask('Tell me.')))
}

describe('a call that gives way to one of a higher class', () => {
  it('gives its place in the limits of its tenant back', async () => {
    await using kernel = await createTestKernel({
      llm: engine('state', { depth: 1 }),
      policies: { llm: roundRobin() },
      tenants: { free: { limits: { concurrency: 1 } } },
    })
    const running = asker(kernel, { name: 'one', priority: 3 })()
    const low = asker(kernel, { name: 'two', priority: 0, tenant: 'free' })
    const gaveWay = low()
    const high = asker(kernel, { name: 'three', priority: 5 })()
    await kernel.clock.settle()
    expect(await gaveWay).toBe('AIOS_QUEUE_FULL')
    await kernel.clock.runAll()
    const next = low()
    await kernel.clock.runAll()
    expect(kernel.stats().outstanding).toBe(0)
    expect(await Promise.all([running, high, next])).toEqual(['ok', 'ok', 'ok'])
  })

  it('gives its conflict key back', async () => {
    const tools = {
      ...{ kind: 'tool', id: 'tools', limits: { concurrency: 1, depth: 1 }, list: () => [] },
      resolve: (name: string) => ({ name, description: 'Waits.', inputSchema: { type: 'object' } }),
      prepare: (name: string) => ({
        conflictKeys: name === 'local/keyed' ? ['key'] : [],
        run: () => new Promise<string>((resolve) => kernel.clock.after(100, () => resolve('done'))),
      }),
    } as unknown as ToolDriver
    const kernel = await createTestKernel({ tools, policies: { tool: roundRobin() } })
    const call = (name: string, priority: Priority, tool: string): Promise<string> =>
      codeOf(kernel.sys({ name, priority }).tool.call({ name: `local/${tool}`, input: {} }))
    const running = call('one', 3, 'free')
    const gaveWay = call('two', 0, 'keyed')
    await kernel.clock.settle()
    const high = call('three', 5, 'free')
    await kernel.clock.settle()
    expect(await gaveWay).toBe('AIOS_QUEUE_FULL')
    await kernel.clock.runAll()
    const next = call('four', 3, 'keyed')
    await kernel.clock.runAll()
    expect(kernel.stats().outstanding).toBe(0)
    expect(await Promise.all([running, high, next])).toEqual(['ok', 'ok', 'ok'])
    await kernel.close()
  })
})

describe('a call that waits for a core which stays down', () => {
  it('gives its place in the limits of its tenant back when it is rejected', async () => {
    let isDown = true
    const llm: LlmDriver = {
      ...{ kind: 'llm', id: 'main', model: 'm' },
      limits: { concurrency: 1, maxAttempts: 1, breaker: { failures: 1, openMs: 200, giveUpMs: 100 } },
      chat: () => {
        if (isDown) throw new AiosError('AIOS_LLM_SERVER', 'It is down.')
        return { parts: [], finish: { unified: 'stop' }, usage: { input: {}, output: {} } }
      },
    }
    await using kernel = await createTestKernel({
      llm,
      policies: { llm: fifo() },
      tenants: { free: { limits: { concurrency: 1 } } },
    })
    await asker(kernel, { name: 'one', priority: 3 })()
    const waiting = asker(kernel, { name: 'two', priority: 3, tenant: 'free' })
    const first = waiting()
    await kernel.clock.advance(150)
    expect(await first).toBe('AIOS_LLM_SERVER')
    isDown = false
    await kernel.clock.advance(10_000)
    const next = waiting()
    await kernel.clock.runAll()
    expect(kernel.stats().outstanding).toBe(0)
    expect(await next).toBe('ok')
  })
})

import { fairShare, fifo, hybrid, priority, roundRobin } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldMemory, heldStorage, watch } from '../fake-drivers.js'
import { start, testBed } from '../test-bed.js'

const full = async (policy = priority()) => {
  const memory = heldMemory({ limits: { concurrency: 1, depth: 2 } })
  const kernel = await testBed({ memory, policies: { memory: policy } })
  const { sys } = await start(kernel)
  const ask = (content: string, urgency = 3) => watch(sys.memory.add({ content }, { priority: urgency as 0 }))
  ask('first')
  return { kernel, memory: memory.held, ask }
}

describe('a full lane', () => {
  it.each([priority(), roundRobin(), hybrid(), fairShare()])(
    'gives up the newest call of the lowest class for one of a higher class: $name',
    async (policy) => {
      const { kernel, ask } = await full(policy)
      const [older, newer] = [ask('older', 1), ask('newer', 1)]
      await kernel.clock.advance(10)
      const urgent = ask('urgent', 5)
      await kernel.clock.settle()
      expect([older.state, newer.state, urgent.state]).toEqual(['pending', 'rejected', 'pending'])
      expect(newer.outcome).toBe('AIOS_QUEUE_FULL')
      expect(String(newer.error)).toMatch(/already has 2 calls waiting\. It gave way to a call of a higher class\./)
      expect(kernel.stats().lanes[0]).toMatchObject({ queued: 2, rejected: 1 })
    },
  )

  it('refuses a call of the lowest class that waits, or of a lower one', async () => {
    const { kernel, ask } = await full()
    const [low, high] = [ask('low', 2), ask('high', 5)]
    const [equal, lower] = [ask('equal', 2), ask('lower', 1)]
    await kernel.clock.settle()
    expect([low.state, high.state, equal.outcome, lower.outcome]).toEqual([
      'pending',
      'pending',
      'AIOS_QUEUE_FULL',
      'AIOS_QUEUE_FULL',
    ])
  })

  it('refuses whoever comes under a policy that knows no classes', async () => {
    const { kernel, ask } = await full(fifo())
    const [low] = [ask('low', 0), ask('other', 0)]
    const urgent = ask('urgent', 7)
    await kernel.clock.settle()
    expect([low.state, urgent.outcome]).toEqual(['pending', 'AIOS_QUEUE_FULL'])
  })

  it('does not give up a call that somebody on a device waits for', async () => {
    const memory = heldMemory({ limits: { concurrency: 1, depth: 1 } })
    const storage = heldStorage()
    const kernel = await testBed({ memory, storage, policies: { memory: priority() } })
    const { sys } = await start(kernel)
    void watch(sys.memory.add({ content: 'first' }))
    void watch(sys.storage.read({ path: 'outer' }))
    const { sys: within } = storage.held.call('outer')
    const inner = watch(within.memory.add({ content: 'inner' }, { priority: 0 }))
    const urgent = watch(sys.memory.add({ content: 'urgent' }, { priority: 7 }))
    await kernel.clock.settle()
    expect([inner.state, urgent.outcome]).toEqual(['pending', 'AIOS_QUEUE_FULL'])
    expect(kernel.stats().lanes[0]).toMatchObject({ queued: 1 })
  })
})

describe('a call with a deadline', () => {
  const served = async (times: number, ms: number) => {
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    for (let n = 0; n < times; n += 1) {
      void watch(sys.memory.add({ content: `${n}` }))
      await kernel.clock.advance(ms + n)
      memory.held.succeed(`${n}`)
      await kernel.clock.settle()
    }
    const ask = (deadlineMs: number) => watch(sys.memory.add({ content: `in ${deadlineMs}` }, { deadlineMs }))
    return { kernel, memory: memory.held, ask }
  }

  it('is refused when it leaves less than the quickest of the last calls took', async () => {
    const { kernel, memory, ask } = await served(16, 100)
    const [late, just] = [ask(99), ask(100)]
    await kernel.clock.settle()
    expect([late.outcome, just.state]).toEqual(['AIOS_DEADLINE_EXCEEDED', 'pending'])
    expect(String(late.error)).toMatch(/has 99 ms left, and the quickest of the last calls of memory took 100 ms/)
    expect(memory.running).toEqual(['in 100'])
  })

  it('is let in while fewer than 16 calls were measured', async () => {
    const { kernel, ask } = await served(15, 100)
    const late = ask(1)
    await kernel.clock.settle()
    expect(late.state).toBe('pending')
  })

  it('is judged by the last 64 calls', async () => {
    const { kernel, ask } = await served(80, 10)
    const [late, just] = [ask(25), ask(26)]
    await kernel.clock.settle()
    expect([late.outcome, just.state]).toEqual(['AIOS_DEADLINE_EXCEEDED', 'pending'])
  })

  it('is let in again a minute after the last measurement, so that a device may show that it has become quicker', async () => {
    const { kernel, ask } = await served(16, 100)
    await kernel.clock.advance(60_000)
    const still = ask(99)
    await kernel.clock.advance(1)
    const again = ask(99)
    await kernel.clock.settle()
    expect([still.outcome, again.state]).toEqual(['AIOS_DEADLINE_EXCEEDED', 'pending'])
  })
})

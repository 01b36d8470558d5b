import { describe, expect, it } from 'vitest'
import { roundRobin } from '@aios/kernel'
import type { LlmDriver } from '@aios/kernel/driver'
import { createTestKernel } from '@aios/kernel/testing'
import { ASK, spoken, streamingCore } from '../syscall/cores.js'

const core = (concurrency = 1): LlmDriver => ({
  ...streamingCore(() => spoken('one', 'two', 'three')),
  limits: { concurrency },
})

describe('a stream that nobody reads', () => {
  it('gives its slot up within a second when others wait, and keeps its parts for its consumer', async () => {
    await using kernel = await createTestKernel({ llm: core() })
    const unread = kernel.sys({ name: 'hostile' }).llm.stream(ASK)
    const other = kernel.sys({ name: 'other' }).llm.chat(ASK)
    await kernel.clock.advance(999)
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1, queued: 1 })
    await kernel.clock.advance(1)
    expect((await other).text).toBe('onetwothree')
    expect((await other).meta.waitMs).toBe(1_000)
    const texts: string[] = []
    for await (const part of unread) if (part.type === 'text-delta') texts.push(part.text)
    expect(texts).toEqual(['one', 'two', 'three'])
    expect(kernel.clock.pending).toBe(0)
  })

  it('is one of many: all slots come free', async () => {
    await using kernel = await createTestKernel({ llm: core(4), policies: { llm: roundRobin() } })
    const hostile = kernel.sys({ name: 'hostile' })
    const streams = Array.from({ length: 20 }, () => hostile.llm.stream(ASK))
    const other = kernel.sys({ name: 'other' }).llm.chat(ASK)
    await kernel.clock.advance(2_000)
    expect((await other).meta.waitMs).toBeLessThanOrEqual(1_000)
    await kernel.clock.advance(5_000)
    expect(kernel.stats().lanes[0]).toMatchObject({ queued: 0 })
    const results = Promise.all(streams.map(({ result }) => result))
    await kernel.clock.runAll()
    expect((await results).map(({ text }) => text)).toEqual(Array.from({ length: 20 }, () => 'onetwothree'))
    expect(kernel.clock.pending).toBe(0)
  })

  it('is left alone while nobody waits, and while its consumer reads', async () => {
    let pulled = 0
    const llm = {
      ...streamingCore(function* () {
        for (const part of spoken(...'abcdefgh')) {
          pulled += 1
          yield part
        }
      }),
      limits: { concurrency: 1 },
    }
    await using kernel = await createTestKernel({ llm })
    const parts = kernel.sys().llm.stream(ASK)[Symbol.asyncIterator]()
    await parts.next()
    await kernel.clock.advance(10_000)
    expect(pulled).toBe(1)
    await parts.next()
    const other = kernel.sys().llm.chat(ASK)
    await kernel.clock.advance(900)
    await parts.next()
    await kernel.clock.advance(900)
    expect(pulled).toBe(3)
    await kernel.clock.advance(200)
    expect(pulled).toBeGreaterThan(10)
    await other
    await parts.return?.()
  })
})

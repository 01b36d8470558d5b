import { describe, expect, it } from 'vitest'
import { hybrid, roundRobin } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { tokenEngine } from '@aios/llm/testing'
import { ask, heard, textOf } from './ground.js'

describe.each(['state', 'prefix'] as const)('slices on a core that goes on from its %s', (resume) => {
  it('gives two answers turns of so many tokens each, and every text is as it would have been', async () => {
    const engine = tokenEngine({ resume, tokens: 60, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine, policies: { llm: roundRobin({ quantumTokens: 20 }) } })
    const events = recordEvents(kernel, 'syscall:preempted', 'context:saved', 'context:restored', 'syscall:settled')
    const [one, two] = await Promise.all([
      kernel.sys({ name: 'one' }).llm.chat(ask('Tell me of the kernel.')),
      kernel.sys({ name: 'two' }).llm.chat(ask('Tell me of the queue.')),
    ])
    expect(one.text).toBe(engine.answerTo(ask('Tell me of the kernel.')))
    expect(two.text).toBe(engine.answerTo(ask('Tell me of the queue.')))
    const cuts = events.of('syscall:preempted')
    expect(cuts.map(({ slice }) => slice)).toEqual(expect.arrayContaining([1, 2]))
    expect(events.of('context:restored')).toHaveLength(cuts.length)
    expect(events.of('syscall:settled').map(({ slices }) => slices)).toEqual(resume === 'state' ? [4, 4] : [3, 3])
  })

  it('shows a consumer one start, one finish and one block', async () => {
    const engine = tokenEngine({ resume, tokens: 60, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine, policies: { llm: roundRobin({ quantumTokens: 20 }) } })
    const [parts] = await Promise.all([
      heard(kernel.sys({ name: 'one' }).llm.stream(ask('Tell me.'))),
      kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.')),
    ])
    const types = parts.map(({ type }) => type)
    expect(types.filter((type) => type !== 'text-delta')).toEqual(['start', 'text-start', 'text-end', 'finish'])
    expect(new Set(parts.flatMap((part) => (part.type === 'text-delta' ? [part.id] : []))).size).toBe(1)
    expect(textOf(parts)).toBe(engine.answerTo(ask('Tell me.')))
  })

  it('cuts by time, also while the consumer is slow', async () => {
    const engine = tokenEngine({ resume, tokens: 40, tokenMs: 10, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine, policies: { llm: roundRobin({ quantumMs: 100 }) } })
    const events = recordEvents(kernel, 'syscall:preempted')
    const both = Promise.all([
      heard(kernel.sys({ name: 'one' }).llm.stream(ask('Tell me.'))),
      heard(kernel.sys({ name: 'two' }).llm.stream(ask('Tell me more.'))),
    ])
    await kernel.clock.runAll()
    const [one, two] = await both
    expect(textOf(one)).toBe(engine.answerTo(ask('Tell me.')))
    expect(textOf(two)).toBe(engine.answerTo(ask('Tell me more.')))
    expect(events.of('syscall:preempted').length).toBeGreaterThanOrEqual(4)
  })

  it('never cuts when nobody waits', async () => {
    const engine = tokenEngine({ resume, tokens: 40, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine, policies: { llm: roundRobin({ quantumTokens: 5 }) } })
    const events = recordEvents(kernel, 'syscall:preempted')
    await kernel.sys().llm.chat(ask('Tell me.'))
    expect(events.names).toEqual([])
  })

  it('never cuts JSON', async () => {
    const engine = tokenEngine({ resume, tokens: 40, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine, policies: { llm: roundRobin({ quantumTokens: 5 }) } })
    const events = recordEvents(kernel, 'syscall:preempted')
    const json = { ...ask('Tell me.'), responseFormat: { type: 'json' as const } }
    await Promise.all([kernel.sys({ name: 'one' }).llm.chat(json), kernel.sys({ name: 'two' }).llm.chat(json)])
    expect(events.names).toEqual([])
  })

  it('cuts a process that is suspended in the middle of its answer, frees the slot, and goes on when it is resumed', async () => {
    const engine = tokenEngine({ resume, tokens: 40, tokenMs: 10, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine })
    const process = kernel.spawn(async (sys) => (await sys.llm.chat(ask('Tell me.'))).text, undefined)
    await kernel.clock.advance(105)
    process.suspend()
    await kernel.clock.advance(100)
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0, queued: 0 })
    const other = kernel.sys({ name: 'other' }).llm.chat(ask('And you?'))
    await kernel.clock.runAll()
    expect((await other).text).toBe(engine.answerTo(ask('And you?')))
    const before = engine.generated
    process.resume()
    await kernel.clock.runAll()
    expect(await process.result).toBe(engine.answerTo(ask('Tell me.')))
    expect(engine.generated - before).toBeLessThan(40)
  })
})

describe('what a cut costs', () => {
  it('is nothing on a core that saves its state', async () => {
    const engine = tokenEngine({ tokens: 60, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine, policies: { llm: roundRobin({ quantumTokens: 20 }) } })
    const [one] = await Promise.all([
      kernel.sys({ name: 'one' }).llm.chat(ask('Tell me.')),
      kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.')),
    ])
    expect(one.usage).toMatchObject({ output: { total: 60 }, overhead: 0 })
    expect(engine.generated).toBe(120)
  })

  it('is shown as overhead where the answer is told again, and is in no total', async () => {
    const engine = tokenEngine({ resume: 'prefix', tokens: 60, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine, policies: { llm: roundRobin({ quantumTokens: 20 }) } })
    const [one] = await Promise.all([
      kernel.sys({ name: 'one' }).llm.chat(ask('Tell me.')),
      kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.')),
    ])
    expect(one.usage.output.total).toBe(60)
    expect(one.usage.overhead).toBeGreaterThan(20)
  })
})

describe('hybrid on a core that saves its state', () => {
  it('lets a short program pass a long one that runs', async () => {
    const engine = tokenEngine({ tokens: 6_000, tokenMs: 1, limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: engine, policies: { llm: hybrid() } })
    const long = kernel.sys({ name: 'long' }).llm.chat(ask('Tell me all.'))
    await kernel.clock.advance(4_000)
    const short = kernel.sys({ name: 'short' }).llm.chat({ ...ask('In brief?'), maxOutputTokens: 10 })
    await kernel.clock.advance(200)
    expect((await short).meta.waitMs).toBeLessThan(100)
    await kernel.clock.runAll()
    expect((await long).text).toBe(engine.answerTo(ask('Tell me all.')))
  })
})

import type { LlmDriver } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import { lognormal, scriptedCore, tokenEngine, withLatency, type LatencyOptions } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'

const REQUEST = { messages: [{ role: 'user' as const, content: 'Count.' }] }

async function executionMs(
  options: LatencyOptions,
  core: LlmDriver = scriptedCore(['one two three four']),
): Promise<number> {
  const kernel = await createTestKernel({ llm: withLatency(core, options) })
  const answer = kernel.sys().llm.chat(REQUEST)
  await kernel.clock.advance(600_000)
  const { meta } = await answer
  await kernel.close()
  return meta.executionMs
}

describe('withLatency()', () => {
  it('takes the time to the first token, and that of the others after it', async () => {
    expect(await executionMs({ ttftMs: 300 })).toBe(300)
    expect(await executionMs({ ttftMs: 300, tokensPerSecond: 10 })).toBe(600)
    expect(await executionMs({ tokensPerSecond: 2 }, scriptedCore([{ text: 'a', usage: { output: 21 } }]))).toBe(10_000)
    expect(await executionMs({ ttftMs: 5 }, scriptedCore([{ text: 'a', latencyMs: 20 }]))).toBe(25)
  })

  it('delivers each piece of a stream in its time', async () => {
    const kernel = await createTestKernel({
      llm: withLatency(scriptedCore(['one two three']), { ttftMs: 100, tokensPerSecond: 100 }),
    })
    const times: number[] = []
    const reading = (async () => {
      for await (const part of kernel.sys().llm.stream(REQUEST))
        if (part.type === 'text-delta') times.push(kernel.clock.now())
    })()
    await kernel.clock.advance(1_000)
    await reading
    expect(times).toEqual([100, 110, 120])
    await kernel.close()
  })

  it('lets ten minutes pass in the time a test takes', async () => {
    const started = performance.now()
    expect(await executionMs({ ttftMs: 600_000 })).toBe(600_000)
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('draws the same times for the same seed, whatever they are drawn from', async () => {
    const options = { ttftMs: lognormal(300, 0.4), tokensPerSecond: 60, jitter: 0.2 }
    const [first, again, other] = [
      await executionMs({ ...options, seed: 7 }),
      await executionMs({ ...options, seed: 7 }),
      await executionMs({ ...options, seed: 8 }),
    ]
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  it('keeps jitter within its share', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const ms = await executionMs({ ttftMs: 1_000, jitter: 0.2, seed })
      expect(Math.abs(ms - 1_000)).toBeLessThanOrEqual(200)
    }
  })

  it('lets go at once when the call ends', async () => {
    const core = scriptedCore(['one two'], { repeat: true })
    const kernel = await createTestKernel({ llm: withLatency(core, { ttftMs: 60_000 }) })
    const late = kernel
      .sys()
      .llm.chat(REQUEST, { deadlineMs: 1_000 })
      .catch((error: unknown) => error)
    await kernel.clock.advance(1_000)
    expect(await late).toMatchObject({ code: 'AIOS_DEADLINE_EXCEEDED' })
    const stream = kernel.sys().llm.stream(REQUEST)
    stream.result.catch(() => undefined)
    const parts = stream[Symbol.asyncIterator]()
    const first = parts.next()
    await kernel.clock.settle()
    await parts.return?.()
    await first.catch(() => undefined)
    await kernel.clock.settle()
    expect(core.running).toBe(0)
    await kernel.close()
    expect(kernel.clock.pending).toBe(0)
  })

  it('keeps what a core is and can, and leaves it to be cut and gone on with', async () => {
    const engine = tokenEngine({ resume: 'state' })
    const wrapped = withLatency(engine, { ttftMs: 1 })
    expect(wrapped).toMatchObject({ id: engine.id, model: engine.model, resume: 'state' })
    expect(typeof wrapped.save).toBe('function')
    expect(withLatency(scriptedCore([], { contextWindow: 9, limits: { rpm: 1 } }), {})).toMatchObject({
      contextWindow: 9,
      limits: { rpm: 1 },
    })
  })

  it('refuses what it does not know', () => {
    const core = scriptedCore([])
    expect(() => withLatency(core, { ttft: 3 } as never)).toThrow(/ttft/)
    expect(() => withLatency(core, { jitter: 2 })).toThrow(/jitter/)
    expect(() => withLatency({} as never, {})).toThrow(/Expected a core/)
    expect(() => lognormal(0, 1)).toThrow(/lognormal/)
    const batched = {
      kind: 'llm',
      id: 'b',
      model: 'b',
      batches: { 'llm.chat': { run: () => undefined } },
    } as unknown as LlmDriver
    expect(() => withLatency(batched, {})).toThrow(/batches/)
  })
})

describe('lognormal()', () => {
  it('has half of its draws below the median, and a long tail', () => {
    let state = 1
    const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
    const draws = Array.from({ length: 4_000 }, () => lognormal(300, 0.4)(random))
    const below = draws.filter((ms) => ms < 300).length / draws.length
    const far = draws.filter((ms) => ms > 300 * Math.exp(1.645 * 0.4)).length / draws.length
    expect(below).toBeGreaterThan(0.46)
    expect(below).toBeLessThan(0.54)
    expect(far).toBeGreaterThan(0.03)
    expect(far).toBeLessThan(0.07)
  })
})

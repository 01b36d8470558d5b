import { AiosError, type ErrorCode, type KernelEvents, type LlmDriver, type SyscallRecord } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { reply, watch } from '../fake-drivers.js'
import { testBed } from '../test-bed.js'

const ask = { messages: [{ role: 'user' as const, content: 'a' }] }
const failure = (code: ErrorCode, options = {}): AiosError => new AiosError(code, 'It failed.', options)

/** Is a core that fails so often before it answers. */
function failing(times: number, error = failure('AIOS_LLM_SERVER')): LlmDriver & { calls: number } {
  const core: LlmDriver & { calls: number } = {
    kind: 'llm',
    id: 'main',
    model: 'm',
    calls: 0,
    limits: { concurrency: 1 },
    chat: () => {
      core.calls += 1
      if (core.calls <= times) throw error
      return reply(5, 2)
    },
  }
  return core
}

describe('a call whose core fails in passing', () => {
  it('is made again after a pause, and tells of every attempt', async () => {
    const core = failing(2)
    const kernel = await testBed({ llm: core, random: () => 0.5 })
    const retried: KernelEvents['syscall:retried'][] = []
    const settled: SyscallRecord[] = []
    kernel.on('syscall:retried', (fact) => void retried.push(fact))
    kernel.on('syscall:settled', (record) => void settled.push(record))
    const call = watch(kernel.sys().llm.chat(ask))
    await kernel.clock.advance(249)
    expect(core.calls).toBe(1)
    await kernel.clock.advance(501)
    expect(core.calls).toBe(3)
    const answer = await kernel.sys().llm.chat(ask)
    expect(answer.meta.attempts).toHaveLength(1)
    expect(call.state).toBe('fulfilled')
    expect(retried.map(({ attempt, errorCode, delayMs }) => [attempt, errorCode, delayMs])).toEqual([
      [1, 'AIOS_LLM_SERVER', 250],
      [2, 'AIOS_LLM_SERVER', 500],
    ])
    expect(settled[0]!.attempts.map(({ errorCode }) => errorCode)).toEqual([
      'AIOS_LLM_SERVER',
      'AIOS_LLM_SERVER',
      undefined,
    ])
  })

  it('rejects with the error of its fourth attempt', async () => {
    const core = failing(99)
    const kernel = await testBed({ llm: core })
    const call = watch(kernel.sys().llm.chat(ask))
    await kernel.clock.advance(10_000)
    expect(core.calls).toBe(4)
    expect(AiosError.is(call.error, 'AIOS_LLM_SERVER')).toBe(true)
  })

  it('rejects at once where trying again cannot help, or not in time', async () => {
    const auth = failing(99, failure('AIOS_LLM_AUTH'))
    const one = await testBed({ llm: auth })
    await expect(one.sys().llm.chat(ask)).rejects.toThrow('It failed.')
    expect(auth.calls).toBe(1)
    const slow = failing(99, failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 5_000 }))
    const two = await testBed({ llm: slow })
    await expect(two.sys().llm.chat(ask, { deadlineMs: 4_000 })).rejects.toThrow('It failed.')
    expect(slow.calls).toBe(1)
  })

  it('holds no slot while it waits', async () => {
    const core = failing(1, failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 5_000 }))
    const kernel = await testBed({ llm: core })
    const first = watch(kernel.sys().llm.chat(ask))
    await kernel.clock.settle()
    await kernel.sys().llm.chat(ask)
    expect(first.state).toBe('pending')
    expect(kernel.stats().lanes[0]!.running).toBe(0)
    await kernel.clock.advance(5_000)
    expect(first.state).toBe('fulfilled')
  })

  it('gives its budget back while it waits, and is charged for what answered', async () => {
    const core = failing(1, failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 5_000 }))
    const kernel = await testBed({ llm: core })
    const sys = kernel.sys({ budget: { tokens: 4_300 } })
    const first = watch(sys.llm.chat(ask))
    await kernel.clock.settle()
    await sys.llm.chat(ask)
    await kernel.clock.advance(5_000)
    expect(first.state).toBe('fulfilled')
  })

  it('can be given up while it waits, and leaves no timer', async () => {
    const core = failing(99, failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 5_000 }))
    const kernel = await testBed({ llm: core })
    const given = new AbortController()
    const call = watch(kernel.sys().llm.chat(ask, { signal: given.signal }))
    await kernel.clock.settle()
    expect(kernel.ps()[0]!.calls[0]!.waitsFor).toBe('1 waits for its next attempt')
    given.abort('enough')
    await kernel.clock.settle()
    expect(kernel.clock.pending).toBe(0)
    await kernel.clock.advance(60_000)
    expect(call.error).toBe('enough')
    expect(core.calls).toBe(1)
  })

  it('is not made again where its core allows one attempt', async () => {
    const core = failing(1)
    const kernel = await testBed({ llm: { ...core, limits: { maxAttempts: 1 } } })
    const call = watch(kernel.sys().llm.chat(ask))
    await kernel.clock.settle()
    expect(call.outcome).toBe('AIOS_LLM_SERVER')
  })

  it('rejects with AIOS_NO_DEVICE if its core is removed meanwhile', async () => {
    const core = failing(1)
    const kernel = await testBed({ llm: core, random: () => 0.5 })
    const call = watch(kernel.sys().llm.chat(ask))
    await kernel.clock.settle()
    await kernel.devices.remove('llm/main')
    await kernel.clock.advance(1_000)
    expect([call.outcome, core.calls]).toEqual(['AIOS_NO_DEVICE', 1])
  })

  it('does not bury a core that fails for ever', async () => {
    const core = failing(1e9)
    const llm = Object.assign(core, { limits: { concurrency: 1, breaker: false as const } })
    const kernel = await testBed({ llm })
    const sys = kernel.sys()
    const calls = Array.from({ length: 100 }, () => watch(sys.llm.chat(ask)))
    await kernel.clock.advance(59_000)
    expect(calls.every(({ state }) => state === 'rejected')).toBe(true)
    expect(core.calls).toBeLessThanOrEqual(120)
    expect(core.calls).toBeGreaterThan(100)
  })

  it('is made again by a core that only streams', async () => {
    let calls = 0
    const kernel = await testBed({
      llm: {
        kind: 'llm',
        id: 'main',
        model: 'm',
        async *stream() {
          calls += 1
          if (calls === 1) throw failure('AIOS_LLM_OVERLOADED')
          yield { type: 'start' as const }
          yield { type: 'finish' as const, finish: { unified: 'stop' as const }, usage: reply(5, 2).usage }
        },
      },
    })
    const call = watch(kernel.sys().llm.chat(ask))
    await kernel.clock.advance(1_000)
    expect([call.state, calls]).toEqual(['fulfilled', 2])
  })
})

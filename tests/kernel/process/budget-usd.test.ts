import { describe, expect, it } from 'vitest'
import { reply } from '../fake-drivers.js'
import { ask, bed } from './budget-asking.js'

describe('usd', () => {
  const price = { inputUsdPerMTok: 1_000_000, outputUsdPerMTok: 2_000_000 }

  it('reject with AIOS_BUDGET_UNPRICED when the core declares no price', async () => {
    const { kernel, sys } = await bed({ usd: 1 })
    const call = ask(sys, 'x')
    await kernel.clock.settle()
    expect(call.error).toMatchObject({ code: 'AIOS_BUDGET_UNPRICED', message: /Process 1 .*give the core a price/ })
  })

  it('ask nothing of a core without price where only tokens are bounded', async () => {
    const { held, sys } = await bed({ tokens: 100 })
    ask(sys, 'x')
    expect(held.running).toEqual(['x'])
  })

  it('clip the output to what is left, and count what was really used', async () => {
    const { kernel, llm, sys, a } = await bed({ usd: 30 }, { price })
    ask(sys, 'one', { out: 100 })
    expect(llm.requests.get('one')!.maxOutputTokens).toBe(10)
    llm.held.succeed('one', reply(4, 3))
    await kernel.clock.settle()
    expect([a.process.usage.costUsd, kernel.stats().costUsd]).toEqual([10, 10])
    ask(sys, 'two', { out: 100 })
    expect(llm.requests.get('two')!.maxOutputTokens).toBe(5)
  })

  it('reject what cannot be paid even alone, and say so', async () => {
    const { kernel, sys } = await bed({ usd: 9 }, { price })
    const call = ask(sys, 'x')
    await kernel.clock.settle()
    expect(call.outcome).toBe('AIOS_BUDGET_EXCEEDED')
    expect((call.error as Error).message).toMatch(/has used 0\.000000 of 9 US dollars/)
  })

  it('park what will be affordable when others settle', async () => {
    const { held, sys, finish } = await bed({ usd: 30 }, { price })
    ask(sys, 'one', { out: 10 })
    ask(sys, 'two', { out: 10 })
    expect(held.running).toEqual(['one'])
    await finish('one', 0)
    expect(held.running).toEqual(['two'])
  })

  it('bound nothing but the input where output is free', async () => {
    const { llm, sys } = await bed({ usd: 10 }, { price: { inputUsdPerMTok: 1_000_000, outputUsdPerMTok: 0 } })
    ask(sys, 'x', { out: 77 })
    expect(llm.requests.get('x')!.maxOutputTokens).toBe(77)
  })

  it('hold together with tokens: the smaller bound wins', async () => {
    const { llm, sys } = await bed({ usd: 30, tokens: 14 }, { price })
    ask(sys, 'x', { out: 100 })
    expect(llm.requests.get('x')!.maxOutputTokens).toBe(4)
  })

  it('leave no crumbs of a reservation behind', async () => {
    const odd = { inputUsdPerMTok: 0.1, outputUsdPerMTok: 0.3 }
    const { llm, sys, finish } = await bed({ usd: 1 }, { price: odd, limits: { concurrency: 50 } })
    for (let n = 0; n < 30; n += 1) ask(sys, String(n), { out: 7 })
    for (let n = 0; n < 30; n += 1) await finish(String(n), 0)
    const all = Math.floor((1 - 10 * 1e-7) / 3e-7)
    ask(sys, 'last', { out: 10_000_000 })
    expect(llm.requests.get('last')!.maxOutputTokens).toBe(all)
  })
})

import { createKernel, type Agent, type Kernel } from '@aios/kernel'
import { openai, type OpenAiOptions } from '@aios/llm/openai'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { json, providerPool, type Play } from '../core/provider.js'
import { completion } from './completions.js'

const { provided, closeAll } = providerPool()
const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
  await closeAll()
})

const AGENTS = 20
const CALLS_EACH = 3
/** The provider's window begins with the first request in it. */
const WINDOW_MS = 1_000
/** Milliseconds that an answer takes; a refusal takes none. */
const THINKING_MS = 150

/**
 * Refuses, by its own clock, whatever goes beyond so much in a window, and tells what is left like OpenAI does, unless it
 * is silent: then it says only how long to wait when it refuses.
 */
function strictProvider(
  perWindow: number,
  isSilent: boolean,
): {
  readonly play: Play
  readonly refusals: () => number
  /** Refusals after its first window. */
  readonly lateRefusals: () => number
  readonly served: () => number
} {
  let refusals = 0
  let lateRefusals = 0
  let served = 0
  let used = 0
  let windows = 0
  let openedAt = Number.NEGATIVE_INFINITY
  const play: Play = async (response) => {
    const now = performance.now()
    if (now - openedAt >= WINDOW_MS) {
      openedAt = now
      used = 0
      windows += 1
    }
    const leftMs = Math.ceil(openedAt + WINDOW_MS - now)
    const isRefused = used >= perWindow
    if (!isRefused) used += 1
    const told = {
      'x-ratelimit-limit-requests': String(perWindow),
      'x-ratelimit-remaining-requests': String(perWindow - used),
      'x-ratelimit-reset-requests': `${leftMs}ms`,
    }
    const headers = isSilent ? {} : told
    if (isRefused) {
      refusals += 1
      if (windows > 1) lateRefusals += 1
      const error = { message: 'Slow down.', code: 'rate_limit_exceeded' }
      return json(response, { error }, { status: 429, headers: { ...headers, 'retry-after-ms': String(leftMs) } })
    }
    await pause(THINKING_MS)
    served += 1
    json(response, completion({ content: 'Done.' }), { headers })
  }
  return { play, refusals: () => refusals, lateRefusals: () => lateRefusals, served: () => served }
}

/** Returns how many attempts each of its calls took. */
const asker: Agent<number, number[]> = async (sys, calls) => {
  const attempts: number[] = []
  for (let n = 0; n < calls; n += 1) {
    const reply = await sys.llm.chat({ messages: [{ role: 'user', content: `Step ${n}` }] })
    attempts.push(reply.meta.attempts.length)
  }
  return attempts
}

/** Runs all agents at once against a strict provider. */
async function fanOut(perWindow: number, limits: OpenAiOptions['limits'], isSilent = false) {
  const provider = strictProvider(perWindow, isSilent)
  const { baseURL } = await provided(provider.play)
  const kernel = await createKernel({ llm: openai('test-1', { baseURL, apiKey: 'sk-kernel', limits }) })
  kernels.push(kernel)
  const runs = Array.from({ length: AGENTS }, () => kernel.run(asker, CALLS_EACH))
  const attempts = (await Promise.all(runs)).flat()
  return { attempts, refusals: provider.refusals(), lateRefusals: provider.lateRefusals(), served: provider.served() }
}

describe('openai() before a provider that enforces its limit by the second', () => {
  it('is never refused with limits that keep to it', async () => {
    // 5 at once and 25 a second: at most 30 leave in any second, and 600 ms of unequal delay still make no more than 45.
    const limits = { concurrency: AGENTS, rpm: 1_500, burst: 1 / 300 }
    const { attempts, refusals, served } = await fanOut(45, limits)
    expect({ refusals, served, mostAttempts: Math.max(...attempts) }).toEqual({
      refusals: 0,
      served: AGENTS * CALLS_EACH,
      mostAttempts: 1,
    })
  })

  it('is refused without limits by one that does not tell what is left, then pauses as a whole, and still gets every answer', async () => {
    const { attempts, refusals, served } = await fanOut(36, { concurrency: AGENTS }, true)
    expect(refusals).toBeGreaterThan(0)
    expect(served).toBe(AGENTS * CALLS_EACH)
    // Without the pause the others would run into refusals too, more than there may be retries for.
    expect(attempts.filter((count) => count === 2)).toHaveLength(refusals)
    // Nobody comes back before the provider serves again.
    expect(Math.max(...attempts)).toBe(2)
  })

  it('is held to what its provider tells, without limits of its own', async () => {
    const { attempts, refusals, served, lateRefusals } = await fanOut(12, { concurrency: AGENTS })
    expect(served).toBe(AGENTS * CALLS_EACH)
    // Those that were on their way before anybody knew, and no more.
    expect({ refusals, lateRefusals }).toEqual({ refusals: AGENTS - 12, lateRefusals: 0 })
    expect(Math.max(...attempts)).toBe(2)
  }, 20_000)

  it('is never refused if it hears from its provider before that has to refuse', async () => {
    const { refusals, served } = await fanOut(12, { concurrency: 6 })
    expect({ refusals, served }).toEqual({ refusals: 0, served: AGENTS * CALLS_EACH })
  }, 20_000)
})

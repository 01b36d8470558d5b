import { describe, expect, it } from 'vitest'
import { Limiter } from '../../../packages/kernel/src/limiter/limiter.js'
import { bucketProvider, calendarProvider, rollingProvider, type MinuteLimits, type Provider } from './provider.js'

const LIMITS: MinuteLimits = { rpm: 600, tpm: 600_000 }
const MINUTE = 60_000
const PROGRAMS = 200
const CALLS = 20

/** Is a seeded generator (Lehmer): the same ground on every machine. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

interface Step {
  readonly at: number
  readonly order: number
  run(now: number): void
}

/** Runs what is planned in order of time. */
class Plan {
  readonly #steps: Step[] = []
  #order = 0

  add(at: number, run: (now: number) => void): void {
    const step = { at, order: (this.#order += 1), run }
    let index = this.#steps.length
    while (index > 0 && this.#steps[index - 1]!.at < at) index -= 1
    // The earliest is last; of equal times the one planned first.
    while (index > 0 && this.#steps[index - 1]!.at === at) index -= 1
    this.#steps.splice(index, 0, step)
  }

  run(): void {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) step.run(step.at)
  }
}

interface Outcome {
  readonly finished: number
  readonly rejected: number
  /** Part of its tokens that went out in each whole minute in which calls waited to the end. */
  readonly used: readonly number[]
}

interface Call {
  readonly program: number
  readonly step: number
  readonly tokens: number
  readonly estimate: number
  readonly serviceMs: number
}

/**
 * Sends 200 programs of 20 calls each, one after the other with a pause between, through a limiter to a provider. The
 * limiter knows the input of a call and the nine-tenths quantile of outputs, not the output; calls take up to 250 ms to
 * get there.
 */
function play(provider: Provider, seed: number): Outcome {
  const [limiter, plan, random] = [new Limiter(LIMITS, 'core main'), new Plan(), dice(seed)]
  const waiting: Call[] = []
  const perMinute: number[] = []
  let [rejected, finished, lastMinute, isArmed] = [0, 0, 0, false]
  const queue = (program: number, step: number, now: number): void => {
    const input = 400 + Math.floor(1_600 * random() ** 2)
    const output = 60 + Math.floor(240 * random())
    const serviceMs = 300 + 0.03 * input + 12 * output
    waiting.push({ program, step, tokens: input + output, estimate: input + 276, serviceMs })
    pump(now)
  }
  const arrive = (call: Call, at: number, sentAt: number): void => {
    plan.add(at, () => {
      if (!provider({ at, tokens: call.tokens })) rejected += 1
    })
    plan.add(at + call.serviceMs, (now) => {
      const reserved = { tokens: call.estimate, usd: 0, at: sentAt }
      limiter.settle(reserved, { tokens: call.tokens, usd: 0 }, now)
      if (call.step === CALLS) finished += 1
      else
        plan.add(now + 2_000 * random(), (later) => {
          queue(call.program, call.step + 1, later)
        })
      pump(now)
    })
  }
  const pump = (now: number): void => {
    for (let call = waiting[0]; call !== undefined; call = waiting[0]) {
      const waitMs = limiter.reserve({ tokens: call.estimate, usd: 0 }, now)
      if (waitMs > 0) {
        if (!isArmed)
          plan.add(now + waitMs, (later) => {
            isArmed = false
            pump(later)
          })
        isArmed = true
        return
      }
      waiting.shift()
      const minute = Math.floor(now / MINUTE)
      perMinute[minute] = (perMinute[minute] ?? 0) + call.tokens
      if (waiting.length > 0) lastMinute = minute
      arrive(call, now + 250 * random(), limiter.time)
    }
  }
  for (let program = 0; program < PROGRAMS; program += 1)
    plan.add(500 * random(), (now) => {
      queue(program, 1, now)
    })
  plan.run()
  return { finished, rejected, used: perMinute.slice(0, lastMinute).map((tokens) => tokens / LIMITS.tpm) }
}

describe('200 programs of 20 calls at a provider of 600 requests and 600,000 tokens a minute', () => {
  const providers: readonly (readonly [string, (limits: MinuteLimits) => Provider])[] = [
    ['any 60 seconds', rollingProvider],
    ['by token buckets', bucketProvider],
    ['calendar minutes', calendarProvider],
  ]

  it.each(providers)(
    'all finish without a refusal, and use 99 of 100 tokens of every minute in which calls wait, if it counts %s',
    (_name, make) => {
      for (const seed of [1, 7, 42]) {
        const outcome = play(make(LIMITS), seed)
        expect(outcome).toMatchObject({ finished: PROGRAMS, rejected: 0 })
        expect(outcome.used.length).toBeGreaterThanOrEqual(6)
        for (const used of outcome.used) expect(used).toBeGreaterThanOrEqual(0.99)
      }
    },
  )

  it('is a ground on which a caller without a limiter is refused', () => {
    const provider = rollingProvider(LIMITS)
    const served = Array.from({ length: PROGRAMS * CALLS }, (_, call) => provider({ at: call * 50, tokens: 1_000 }))
    expect(served.filter((isServed) => !isServed).length).toBeGreaterThan(1_000)
  })
})

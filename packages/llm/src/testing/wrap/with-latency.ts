import type { CoreReply, LlmDriver, StreamPart } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { words } from '../answer-parts.js'
import type { PausableCall } from '../pausable-call.js'
import { seededRandom, type Random } from '../seeded-random.js'
import { expectCore, wrappedCore, type WrappedCall } from './wrapped-core.js'

/** Is a number of milliseconds, or a function that draws one. */
export type LatencyDraw = number | ((random: () => number) => number)

/** Is what `withLatency` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface LatencyOptions {
  /** Milliseconds before the first part of an answer, 0 or more. Default 0. */
  readonly ttftMs?: LatencyDraw | undefined
  /** Speed of an answer after that, more than 0. Default: no time between tokens. */
  readonly tokensPerSecond?: number | undefined
  /** How much every time differs by chance, as a share of it from 0 to 1. Default 0. */
  readonly jitter?: number | undefined
  /** Decides that chance. Default 1. */
  readonly seed?: number | undefined
}

const OPTIONS = option.object({
  ttftMs: option.optional(option.union('a number of milliseconds, or a function', option.number(0), option.function)),
  tokensPerSecond: option.optional(option.number(Number.MIN_VALUE)),
  jitter: option.optional(option.number(0, 1)),
  seed: option.optional(option.number(Number.NEGATIVE_INFINITY)),
})
const MS_PER_SECOND = 1000

/**
 * Draws from a log-normal distribution, the shape that times to the first token have: most near the median, a few far beyond it.
 *
 * @param medianMs - half of the draws are below it; more than 0
 * @param sigma - spread of the logarithm, 0 or more; 0.4 puts one draw in twenty beyond 1.9 times the median
 * @throws AiosError `AIOS_INVALID_OPTION` for what is out of range
 */
export function lognormal(medianMs: number, sigma: number): (random: () => number) => number {
  checkOptions('lognormal()', medianMs, option.number(Number.MIN_VALUE))
  checkOptions('lognormal()', sigma, option.number(0))
  return (random) => {
    // Box and Muller's transform of two even draws into a normal one; 1 - x, since the logarithm of 0 is none.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return medianMs * Math.exp(sigma * normal)
  }
}

/** Draws the times of one answer. */
class Times {
  readonly #options: LatencyOptions
  readonly #random: Random

  constructor(options: LatencyOptions, index: number) {
    this.#options = options
    this.#random = seededRandom('latency', options.seed ?? 1, index)
  }

  first(): number {
    const { ttftMs = 0 } = this.#options
    return this.#jittered(typeof ttftMs === 'function' ? ttftMs(this.#random) : ttftMs)
  }

  tokens(count: number): number {
    const { tokensPerSecond } = this.#options
    return tokensPerSecond === undefined ? 0 : this.#jittered((count * MS_PER_SECOND) / tokensPerSecond)
  }

  #jittered(ms: number): number {
    return Math.max(0, ms * (1 + (this.#options.jitter ?? 0) * (2 * this.#random() - 1)))
  }
}

function tokensOf({ usage, parts }: CoreReply): number {
  const text = parts.map((part) => (part.type === 'text' || part.type === 'reasoning' ? part.text : '')).join('')
  return usage.output.total ?? words(text).length
}

async function* slowed(
  parts: AsyncIterable<StreamPart>,
  times: Times,
  pausable: PausableCall,
): AsyncGenerator<StreamPart, void, undefined> {
  let isFirst = true
  let hasBegun = false
  for await (const part of parts) {
    if (isFirst) await pausable.pause(times.first())
    isFirst = false
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      // The first token is there when the time to it is over.
      const tokens = (part.tokens ?? 1) - (hasBegun ? 0 : 1)
      hasBegun = true
      if (tokens > 0) await pausable.pause(times.tokens(tokens))
    }
    yield part
  }
}

/**
 * Makes a core take time, on the kernel's clock: on a virtual one, ten minutes pass in as long as a test needs to turn it. A piece of a
 * streamed answer counts as one token unless it says otherwise; a whole answer has the tokens that it reports, else its words.
 *
 * @param core - any core that does not work in batches; what it takes itself comes on top. Cores that it discovers are slowed like it
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option or an impossible value; `AIOS_UNSUPPORTED` for a core that works in batches
 * @example
 * ```ts
 * import { createTestKernel } from '@aios/kernel/testing'
 * import { lognormal, scriptedCore, withLatency } from '@aios/llm/testing'
 *
 * const core = withLatency(scriptedCore(['One two three']), { ttftMs: lognormal(300, 0.4), tokensPerSecond: 60, seed: 7 })
 * const kernel = await createTestKernel({ llm: core })
 * const answer = kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Count.' }] })
 * await kernel.clock.advance(10_000)
 * console.log((await answer).meta.executionMs) // the same at each run
 * await kernel.close()
 * ```
 */
export function withLatency(core: LlmDriver, options: LatencyOptions): LlmDriver {
  expectCore('withLatency()', core)
  checkOptions('withLatency()', options, OPTIONS)
  const timesOf = ({ index }: WrappedCall): Times => new Times(options, index)
  return wrappedCore(core, {
    async chat(asked, answer) {
      const times = timesOf(asked)
      const reply = await asked.pausable.during(answer())
      await asked.pausable.pause(times.first() + times.tokens(Math.max(0, tokensOf(reply) - 1)))
      return reply
    },
    stream: (asked, parts) => slowed(parts, timesOf(asked), asked.pausable),
  })
}

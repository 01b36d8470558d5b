import type { Usage } from '../driver/chat.js'
import type { Syscall } from '../syscall/syscall.js'
import type { CallSize } from './call-size.js'
import type { RateCost } from './limiter.js'
import { RecentQuantile } from './recent-quantile.js'

/** Input tokens for one that was estimated, in thousandths, beyond which nothing is learned: one for each byte. */
const MOST_RATIO = 4_000

/** Guesses what calls of a core will use, from what calls before them used. */
export class CostEstimate {
  readonly #outputs = new RecentQuantile(4)
  /** Thousandths of its estimate that the input of calls turned out to be. */
  readonly #inputs = new RecentQuantile(16)

  /** Returns what a call will use, at nine of ten calls. */
  likely(size: CallSize): RateCost {
    return this.#cost(size, this.#inputs.guess(MOST_RATIO) / 1_000)
  }

  /** Returns what a call uses if its input is as short as it looks. */
  least(size: CallSize): RateCost {
    return this.#cost(size, 1)
  }

  /** Takes note of what a call used, if it was asked for its size. */
  settled({ extras }: Syscall): void {
    if (extras?.size !== undefined && extras.usage !== undefined) this.#learn(extras.size, extras.usage)
  }

  #learn(size: CallSize, { input, output }: Usage): void {
    if (output.total !== undefined) this.#outputs.learn(output.total)
    if (input.total !== undefined && size.estimate > 0) this.#inputs.learn((1_000 * input.total) / size.estimate)
  }

  #cost({ inputTokens, outputTokens, inputUsd, outputUsd, estimate }: CallSize, ratio: number): RateCost {
    const input = Math.min(inputTokens, Math.ceil(estimate * ratio))
    const output = this.#outputs.guess(outputTokens)
    return { tokens: input + output, usd: input * (inputUsd ?? 0) + output * (outputUsd ?? 0) }
  }
}

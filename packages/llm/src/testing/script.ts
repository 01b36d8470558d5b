import { AiosError, type CoreRequest } from '@aios/kernel'
import { requestText } from './mock/request-text.js'
import { prepare, type Preparation, type PreparedAnswer, type Timing } from './prepared-answer.js'
import type { ScriptedStep } from './scripted-step.js'

/** Says how a script is played. */
export interface ScriptPlay {
  /** Id of the core, for messages. */
  readonly core: string
  readonly repeat: boolean
  readonly timing: Timing
}

/** Keeps the place in a script, and what was asked so far. */
export class Script {
  /** Every request so far. */
  readonly requests: CoreRequest[] = []
  readonly #steps: readonly ScriptedStep[]
  readonly #play: ScriptPlay

  /** @throws AiosError `AIOS_INVALID_OPTION` for a step that cannot be */
  constructor(steps: readonly ScriptedStep[], play: ScriptPlay) {
    this.#steps = [...steps]
    this.#play = play
    // A wrong step shows where the script is written, not where an agent reaches it.
    for (const [index, step] of steps.entries()) {
      if (typeof step !== 'function') prepare(step, this.#preparation(index))
    }
  }

  /** Number of steps that no request has used. */
  get remaining(): number {
    return Math.max(0, this.#steps.length - this.requests.length)
  }

  /** Records a request and returns what makes its answer. */
  take(request: CoreRequest): () => Promise<PreparedAnswer> {
    const index = this.requests.length
    // Agents go on changing their list of messages; what is remembered must not change with it.
    this.requests.push(structuredClone(request))
    const step = this.#steps[this.#play.repeat ? index % this.#steps.length : index]
    const preparation = this.#preparation(index)
    return async () => {
      if (step === undefined) throw this.#overrun(index)
      const answer = typeof step === 'function' ? await step(request, index) : step
      return prepare(answer, preparation)
    }
  }

  /** Throws unless the script was used up exactly. */
  assertDone(): void {
    if (this.remaining > 0) {
      const message = `Expected all ${this.#steps.length} steps of core "${this.#play.core}" to be used, got ${this.requests.length} requests.`
      throw new AiosError('AIOS_DRIVER_FAILED', message)
    }
    if (!this.#play.repeat && this.requests.length > this.#steps.length) throw this.#overrun(this.#steps.length)
  }

  #preparation(index: number): Preparation {
    const step = (this.#play.repeat ? index % this.#steps.length : index) + 1
    return { where: `step ${step} of scriptedCore()`, index, timing: this.#play.timing }
  }

  #overrun(index: number): AiosError {
    const steps = `The script of core "${this.#play.core}" has ${this.#steps.length} steps`
    const came = `request ${index + 1} came: ${requestText(this.requests[index]!)}`
    return new AiosError('AIOS_DRIVER_FAILED', `${steps}, but ${came}. Add a step, or pass { repeat: true }.`)
  }
}

import {
  AiosError,
  type ChatRequest,
  checkOptions,
  type CoreOutcome,
  type DriverServices,
  type LlmCoreView,
  type LlmRouter,
} from '@aios/kernel/driver'
import { allowedCores } from '../allowed-cores.js'
import { CoreRecords } from '../core-records.js'
import { expectedLatencyMs, expectedOutput, expectedUsd } from '../expectation.js'
import { firstAvailable } from '../first-available.js'
import { PriceBook } from '../prices.js'
import { inputTokens, queryText } from '../request-size.js'
import { leastBy } from '../strategy.js'
import { assignBatch, type Assignment, type BatchBound } from './assignment.js'
import { isJudged, type CoreEstimate } from './estimate.js'
import { isExample, isQuality, requestOf, type Memory, type RoutingExample } from './example.js'
import { FeedbackBook } from './feedback-book.js'
import { KeptHistory } from './kept-history.js'
import type { SmartPolicy } from './policy.js'
import { QualityHistory, type Asked } from './quality-history.js'
import type { SmartSettings } from './smart-options.js'
import { featuresOf } from './text-features.js'
import { threshold } from './threshold.js'
import { unit } from './vector-index.js'

/** Is the router that `smart()` makes. */
export class SmartRouter implements LlmRouter {
  readonly #settings: SmartSettings
  readonly #history: QualityHistory
  readonly #policy: SmartPolicy
  readonly #otherwise: LlmRouter
  readonly #records = new CoreRecords()
  readonly #prices: PriceBook
  readonly #book = new FeedbackBook()
  /** What is known of requests that are under way, so that it is worked out once. */
  readonly #asked = new WeakMap<ChatRequest, Asked>()
  #kept: KeptHistory | undefined = undefined
  #opened = false
  /** Part of a request that is to explore. */
  #curiosity = 0

  constructor(settings: SmartSettings) {
    this.#settings = settings
    this.#history = new QualityHistory(settings)
    this.#policy = (settings.policy ?? threshold()).create()
    this.#otherwise = settings.otherwise ?? firstAvailable()
    this.#prices = new PriceBook(settings.prices)
    for (const example of settings.history ?? []) this.#history.learn(this.#memoryOf(example))
  }

  pick(request: ChatRequest, cores: readonly LlmCoreView[], now: number): string | undefined {
    const estimates = this.#estimatesOf(request, this.#allowed(request, cores, now)).filter((each) =>
      keeps(request, each),
    )
    const unknown = this.#explores()
      ? leastBy(estimates, ({ core }) => this.#history.examplesOf(core.model))
      : undefined
    if (unknown !== undefined) return unknown.core.id
    const judged = estimates.filter(isJudged)
    if (judged.length > 0) return this.#policy.choose(judged).core.id
    const open = estimates.map(({ core }) => core)
    return open.length === 0 ? undefined : this.#otherwise.pick(request, open, now)
  }

  settled(outcome: CoreOutcome): void {
    this.#records.learn(outcome)
    this.#otherwise.settled?.(outcome)
    const { callId, core, request, usage, usd, errorCode } = outcome
    if (usd !== undefined) this.#policy.spent?.(usd)
    if (errorCode !== undefined) return
    this.#book.note(callId, { asked: this.#askedOf(request), model: core.model, outputTokens: usage?.output.total })
  }

  async open(services: DriverServices): Promise<void> {
    if (this.#opened)
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        'Expected a router of its own for each kernel, got one smart() for two. Call smart() for each.',
      )
    this.#opened = true
    if (this.#settings.keep !== false) {
      this.#kept = new KeptHistory(services, this.#settings.examples)
      await this.#kept.load((memory) => this.#history.learn(memory))
    }
    await this.#otherwise.open?.(services)
  }

  async close(): Promise<void> {
    await this.#kept?.flush()
    await this.#otherwise.close?.()
  }

  /**
   * Tells what a request is expected to get, and cost, on each of the cores that it allows.
   *
   * @param cores - what they are, as `pick` gets them
   */
  estimates(request: ChatRequest, cores: readonly LlmCoreView[]): readonly CoreEstimate[] {
    return this.#estimatesOf(request, this.#allowed(request, cores, 0))
  }

  /**
   * Assigns a batch of requests to cores as is best for all of them together; name the cores in `model` of each request
   * then. See {@link assignBatch}.
   *
   * @throws AiosError `AIOS_INVALID_OPTION` for another bound, or a request no core of known quality and price may serve
   */
  plan(requests: readonly ChatRequest[], cores: readonly LlmCoreView[], bound: BatchBound): Assignment {
    const open = (request: ChatRequest): readonly CoreEstimate[] =>
      this.estimates(request, cores).filter((each) => keeps(request, each))
    return assignBatch(requests.map(open), bound)
  }

  /**
   * Tells how good an answer was; the router learns from it. An answer can be judged once, and only the last 4,096 can.
   *
   * @param callId - `meta.syscallId` of the answer
   * @param quality - from 0, useless, to 1
   * @returns whether the answer was known
   * @throws AiosError `AIOS_INVALID_OPTION` for another quality
   */
  feedback(callId: number, quality: number): boolean {
    checkOptions('feedback()', quality, isQuality)
    const answered = this.#book.take(callId)
    if (answered === undefined) return false
    const { asked, model, outputTokens } = answered
    const predicted = this.#history.predict(asked, [model]).get(model)
    if (predicted !== undefined) this.#history.correct(model, quality - predicted.quality)
    this.#remember({ ...asked, outcomes: { [model]: { quality, outputTokens } } })
    return true
  }

  /**
   * Learns an example that did not come through the kernel.
   *
   * @throws AiosError `AIOS_INVALID_OPTION`
   */
  learn(example: RoutingExample): void {
    checkOptions('learn()', example, isExample)
    this.#remember(this.#memoryOf(example))
  }

  #remember(memory: Memory): void {
    this.#history.learn(memory)
    this.#kept?.add(memory)
  }

  #memoryOf({ text, task, outcomes }: RoutingExample): Memory {
    return { ...this.#read(requestOf(text)), task, outcomes }
  }

  #allowed(request: ChatRequest, cores: readonly LlmCoreView[], now: number): readonly LlmCoreView[] {
    return allowedCores(request, cores, { records: this.#records, prices: this.#prices, now })
  }

  #estimatesOf(request: ChatRequest, cores: readonly LlmCoreView[]): readonly CoreEstimate[] {
    if (cores.length === 0) return []
    const models = [...new Set(cores.map(({ model }) => model))]
    const predictions = this.#history.predict(this.#askedOf(request), models)
    const tokens = inputTokens(request)
    return cores.map((core) => {
      const { quality, outputTokens } = predictions.get(core.model) ?? {}
      const expected = { core, request, tokens, records: this.#records, prices: this.#prices, outputTokens }
      return {
        core,
        quality,
        outputTokens: expectedOutput(expected),
        usd: expectedUsd(expected),
        latencyMs: expectedLatencyMs(expected),
      }
    })
  }

  #askedOf(request: ChatRequest): Asked {
    const known = this.#asked.get(request)
    if (known !== undefined) return known
    const asked = { ...this.#read(request), task: request.task }
    this.#asked.set(request, asked)
    return asked
  }

  #read(request: ChatRequest): Pick<Asked, 'features' | 'vector'> {
    const vector = this.#settings.embed?.(queryText(request))
    return { features: featuresOf(request), vector: vector === undefined ? undefined : unit(vector) }
  }

  #explores(): boolean {
    this.#curiosity += this.#settings.explore
    if (this.#curiosity < 1) return false
    this.#curiosity -= 1
    return true
  }
}

/** Tells whether what is expected of a core is within what a request requires. */
function keeps({ require }: ChatRequest, { quality, usd, latencyMs }: CoreEstimate): boolean {
  if (require === undefined) return true
  const { minQuality = 0, maxUsd, maxLatencyMs = Number.POSITIVE_INFINITY } = require
  if (quality !== undefined && quality < minQuality && minQuality > 0) return false
  if (maxUsd !== undefined && (usd ?? Number.POSITIVE_INFINITY) > maxUsd) return false
  return (latencyMs ?? 0) <= maxLatencyMs
}

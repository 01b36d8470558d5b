import {
  AiosError,
  type Clock,
  type CoreCapabilities,
  type CoreRequest,
  type DriverCall,
  type DriverServices,
  type LlmDriver,
  type StreamPart,
} from '@aios/kernel/driver'
import { Generation } from './generation.js'
import type { LocalEngine } from './local-engine.js'
import type { LocalOptions } from './local-options.js'
import { checkRoom } from './prompt-room.js'
import { samplingOf } from './sampling.js'
import { checkSaved, requestName, type SavedAnswer } from './saved-answer.js'

/** Is a core that runs a model in this process. */
export interface LocalCore extends LlmDriver {
  /** Size of the context window of one answer in tokens; undefined until the kernel has opened the core. */
  readonly contextWindow: number | undefined
  /**
   * Tokens that the model has worked through for all calls since the core was opened: those that it read and those it was asked to go on
   * from. An answer that was cut and goes on reads none of them again.
   */
  readonly evaluatedTokens: number
}

/** Is what a local core is made from. */
export interface LocalCoreParts {
  /** Names the engine, and the function that makes its cores. */
  readonly backend: string
  /** Id where the options name none. */
  readonly name: string
  readonly options: LocalOptions
  readonly capabilities: CoreCapabilities
  /** Loads the model. */
  load(services: DriverServices): Promise<LocalEngine>
}

class Core implements LocalCore {
  readonly kind = 'llm'
  readonly resume = 'state'
  readonly backend: string
  readonly id: string
  readonly model: string
  readonly limits: LocalCore['limits']
  readonly price: LocalCore['price']
  readonly capabilities: LocalCore['capabilities']
  readonly maxOutputTokens: number | undefined
  readonly #load: LocalCoreParts['load']
  readonly #running = new Map<number, Generation>()
  #engine: LocalEngine | undefined
  #clock: Clock | undefined
  #isTaken = false

  constructor({ backend, name, options, capabilities, load }: LocalCoreParts) {
    this.backend = backend
    this.#load = load
    this.id = options.id ?? name
    this.model = options.model ?? this.id
    this.limits = { concurrency: options.batch ?? 1, ...options.limits }
    this.price = options.price
    this.capabilities = { ...capabilities, ...options.capabilities }
    this.maxOutputTokens = options.maxOutputTokens
  }

  get contextWindow(): number | undefined {
    return this.#engine?.contextSize
  }

  get evaluatedTokens(): number {
    return this.#engine?.evaluatedTokens ?? 0
  }

  async open(services: DriverServices): Promise<void> {
    if (this.#isTaken) {
      const message = `Expected core "${this.id}" to serve one kernel, got a second. Call ${this.backend}() once for each kernel.`
      throw new AiosError('AIOS_INVALID_OPTION', message)
    }
    this.#isTaken = true
    try {
      this.#engine = await this.#load(services)
      this.#clock = services.clock
    } catch (error) {
      this.#isTaken = false
      throw error
    }
  }

  async close(): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    if (engine === undefined) return
    const reason = new AiosError('AIOS_CLOSED', `The core "${this.id}" was closed.`)
    for (const generation of this.#running.values()) generation.stop(reason)
    await engine.close(reason)
    this.#isTaken = false
  }

  countTokens(request: CoreRequest): number {
    return this.#opened().count(request)
  }

  stream(request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
    return this.#generate(request, call, undefined)
  }

  restore(state: unknown, request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
    const from = checkSaved(state, { engine: this.#opened().name, request: requestName(request, this.backend) })
    return this.#generate(request, call, from)
  }

  async save({ id }: DriverCall): Promise<SavedAnswer> {
    const generation = this.#running.get(id)
    if (generation !== undefined) return generation.save()
    throw new AiosError('AIOS_NOT_FOUND', `Expected a call that core "${this.id}" answers now, got ${id}.`)
  }

  async *#generate(
    request: CoreRequest,
    call: DriverCall,
    from: SavedAnswer | undefined,
  ): AsyncGenerator<StreamPart, void, undefined> {
    call.signal.throwIfAborted()
    const engine = this.#opened()
    const task = await engine.prepare(request)
    // A template may write the date: what was read is what counts.
    const prompt = from === undefined ? task.tokens : [...from.prompt]
    checkRoom(prompt.length, engine.contextSize)
    const maxTokens = request.maxOutputTokens ?? this.maxOutputTokens ?? Number.POSITIVE_INFINITY
    const generation = new Generation({
      plan: { engine, request, task, prompt, maxTokens },
      sampling: samplingOf(request, { backend: this.backend, seed: from?.seed ?? this.#anySeed(call) }),
      requestName: requestName(request, this.backend),
      caller: call.signal,
      from,
    })
    this.#running.set(call.id, generation)
    try {
      yield* generation.parts()
    } finally {
      if (this.#running.get(call.id) === generation) this.#running.delete(call.id)
    }
  }

  /** Makes a seed where the request names none: another for every call. */
  #anySeed({ id, runId }: DriverCall): number {
    let seed = (this.#clock?.now() ?? 0) + id * 0x9e3779b1
    for (const letter of runId) seed = Math.imul(seed ^ (letter.codePointAt(0) as number), 0x01000193)
    return seed >>> 0
  }

  #opened(): LocalEngine {
    if (this.#engine !== undefined) return this.#engine
    throw new AiosError(
      'AIOS_CLOSED',
      `The core "${this.id}" is not open. Hand it to createKernel, or call open() first.`,
    )
  }
}

/** Makes the driver for a model that runs in this process. */
export function localCore(parts: LocalCoreParts): LocalCore {
  return new Core(parts)
}

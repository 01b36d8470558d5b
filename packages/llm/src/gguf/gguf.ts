import { basename } from 'node:path'
import { AiosError, type CoreRequest, type DriverCall, type LlmDriver, type StreamPart } from '@aios/kernel'
import type { Clock, DriverServices } from '@aios/kernel/driver'
import type { Token } from 'node-llama-cpp'
import type { AnswerPlan } from './answer.js'
import { answerRule } from './answer-grammar.js'
import { Engine } from './engine.js'
import { Generation } from './generation.js'
import { checkGgufOptions, type GgufOptions } from './gguf-options.js'
import { inspectModelFile } from './model-file.js'
import { checkRoom, renderPrompt } from './prompt.js'
import { samplingOf } from './sampling.js'
import { checkSaved, requestName, type SavedAnswer } from './saved-answer.js'
import { loadSdk } from './sdk.js'

/** Is a core that runs a model in this process. */
export interface GgufCore extends LlmDriver {
  /** Size of the context window of one answer in tokens; undefined until the kernel has opened the core. */
  readonly contextWindow: number | undefined
  /**
   * Tokens that the model has worked through for all calls since the core was opened: those it read and those it was asked to go on
   * from. An answer that was cut and goes on reads none of them again.
   */
  readonly evaluatedTokens: number
}

const PROMPT_PIECE = 512

class Core implements GgufCore {
  readonly kind = 'llm'
  readonly backend = 'gguf'
  readonly resume = 'state'
  readonly id: string
  readonly model: string
  readonly limits: GgufCore['limits']
  readonly price: GgufCore['price']
  readonly capabilities: GgufCore['capabilities']
  readonly maxOutputTokens: number | undefined
  readonly #path: string
  readonly #options: GgufOptions
  readonly #running = new Map<number, Generation>()
  #engine: Engine | undefined
  #clock: Clock | undefined
  #isTaken = false

  constructor(path: string, options: GgufOptions) {
    this.#path = path
    this.#options = options
    this.id = options.id ?? basename(path).replace(/\.gguf$/i, '')
    this.model = options.model ?? this.id
    this.limits = { concurrency: options.batch ?? 1, ...options.limits }
    this.price = options.price
    this.capabilities = { tools: true, schema: true, images: false, files: false, ...options.capabilities }
    this.maxOutputTokens = options.maxOutputTokens
  }

  get contextWindow(): number | undefined {
    return this.#engine?.contextSize
  }

  get evaluatedTokens(): number {
    return this.#engine?.evaluatedTokens ?? 0
  }

  async open({ clock, log }: DriverServices): Promise<void> {
    if (this.#isTaken) {
      const message = `Expected core "${this.id}" to serve one kernel, got a second. Call gguf() once for each kernel.`
      throw new AiosError('AIOS_INVALID_OPTION', message)
    }
    this.#isTaken = true
    try {
      const file = await inspectModelFile(this.#path)
      this.#engine = await Engine.open({ sdk: await loadSdk(), file, options: this.#options, log })
      this.#clock = clock
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
    return renderPrompt(this.#opened(), request).tokens.length
  }

  stream(request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
    return this.#generate(request, call, undefined)
  }

  restore(state: unknown, request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
    const from = checkSaved(state, { engine: this.#opened().name, request: requestName(request) })
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
    const generation = new Generation({
      plan: await this.#plan(engine, request, from),
      sampling: samplingOf(request, from?.seed ?? this.#anySeed(call)),
      requestName: requestName(request),
      caller: call.signal,
      batchSize: this.#options.batchSize ?? PROMPT_PIECE,
      from,
    })
    this.#running.set(call.id, generation)
    try {
      yield* generation.parts()
    } finally {
      if (this.#running.get(call.id) === generation) this.#running.delete(call.id)
    }
  }

  async #plan(engine: Engine, request: CoreRequest, from: SavedAnswer | undefined): Promise<AnswerPlan> {
    const { tokens, names, stops, hasTools } = renderPrompt(engine, request)
    // A template may write the date: what was read is what counts.
    const prompt = from === undefined ? tokens : ([...from.prompt] as Token[])
    checkRoom(prompt.length, engine.contextSize)
    return {
      engine,
      request,
      rule: await answerRule({ llama: engine.llama, request, names }),
      names,
      stops: [...(request.stop ?? []), ...stops],
      hasTools,
      prompt,
      maxTokens: request.maxOutputTokens ?? this.maxOutputTokens ?? Number.POSITIVE_INFINITY,
    }
  }

  /** Makes a seed where the request names none: another for every call. */
  #anySeed({ id, runId }: DriverCall): number {
    let seed = (this.#clock?.now() ?? 0) + id * 0x9e3779b1
    for (const letter of runId) seed = Math.imul(seed ^ (letter.codePointAt(0) as number), 0x01000193)
    return seed >>> 0
  }

  #opened(): Engine {
    if (this.#engine !== undefined) return this.#engine
    throw new AiosError(
      'AIOS_CLOSED',
      `The core "${this.id}" is not open. Hand it to createKernel, or call open() first.`,
    )
  }
}

/**
 * Makes a core that runs a model from a GGUF file in this process, on the CPU or a graphics card, through llama.cpp. Answers are
 * streamed, can be cut after any token and go on exactly (`resume: 'state'`), keep to a JSON Schema and to demanded tool calls by a
 * grammar. Needs the package `node-llama-cpp`; nothing is compiled or fetched.
 *
 * @param modelPath - the file; read when the kernel opens the core
 * @throws AiosError `AIOS_INVALID_OPTION` for a bad argument or an unknown option. The kernel that opens it rejects with
 * `AIOS_MISSING_PEER`, `AIOS_LLM_NOT_FOUND` (no file), `AIOS_CORRUPT` (no model), `AIOS_UNSUPPORTED` (no such device) or
 * `AIOS_QUOTA_EXCEEDED` (not enough memory)
 * @example
 * ```ts
 * import { createKernel, roundRobin } from '@aios/kernel'
 * import { gguf } from '@aios/llm/gguf'
 *
 * const kernel = await createKernel({
 *   llm: gguf('models/qwen3-4b-q4_k_m.gguf', { contextSize: 4_096, batch: 2 }),
 *   policies: { llm: roundRobin({ quantumTokens: 64 }) },
 * })
 * const { text } = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Why is the sky blue?' }] })
 * console.log(text)
 * await kernel.close()
 * ```
 */
export function gguf(modelPath: string, options: GgufOptions = {}): GgufCore {
  checkGgufOptions(modelPath, options)
  return new Core(modelPath, options)
}

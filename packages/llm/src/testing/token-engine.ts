import type { Clock, CoreRequest, DriverCall, DriverServices, LlmDriver, Resume, StreamPart } from '@aios/kernel'
import { checkOptions, option, type CoreLimits } from '@aios/kernel/driver'
import { PausableCall } from './pausable-call.js'
import { TokenMachine, type Position } from './token-machine.js'

/** Is what `tokenEngine` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface TokenEngineOptions {
  /** Default `engine`. */
  readonly id?: string | undefined
  /** How an answer that was cut goes on. Default `state`. */
  readonly resume?: Resume | undefined
  /** Tokens of an answer, unless `maxOutputTokens` of the request is less. Default 64. */
  readonly tokens?: number | undefined
  /** Milliseconds that a token takes, on the kernel's clock. Default 0. */
  readonly tokenMs?: number | undefined
  readonly limits?: CoreLimits | undefined
}

/** Is a core that generates token by token, each of which depends on all before it. */
export interface TokenEngine extends LlmDriver {
  /** Returns the whole answer to a request, as it comes without a cut. */
  answerTo(request: CoreRequest): string
  /** Tokens that it has generated for all calls. */
  readonly generated: number
}

const OPTIONS = option.object({
  id: option.optional(option.name),
  resume: option.optional(option.oneOf('state', 'prefix', 'none')),
  tokens: option.optional(option.integer(1)),
  tokenMs: option.optional(option.number(0)),
  limits: option.optional(option.record),
})

class Engine implements TokenEngine {
  readonly kind = 'llm'
  readonly id: string
  readonly model = 'token-engine'
  readonly resume: Resume
  readonly limits: CoreLimits | undefined
  generated = 0
  readonly #tokens: number
  readonly #tokenMs: number
  #clock: Clock | undefined
  readonly #positions = new Map<number, Position>()

  constructor({ id = 'engine', resume = 'state', tokens = 64, tokenMs = 0, limits }: TokenEngineOptions) {
    this.id = id
    this.resume = resume
    this.limits = limits
    this.#tokens = tokens
    this.#tokenMs = tokenMs
  }

  open({ clock }: DriverServices): void {
    this.#clock = clock
  }

  answerTo(request: CoreRequest): string {
    const machine = new TokenMachine(Math.min(this.#tokens, request.maxOutputTokens ?? this.#tokens))
    let text = ''
    for (let next = machine.step(machine.read(request)); next !== undefined; next = machine.step(next.to))
      text += next.text
    return text
  }

  save({ id }: DriverCall): Uint32Array {
    const { hash, written, read } = this.#positions.get(id) as Position
    return Uint32Array.of(hash, written, read)
  }

  restore(state: unknown, request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
    const [hash = 0, written = 0, read = 0] = state as Uint32Array
    return this.#generate({ hash, written, read }, request, call)
  }

  stream(request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
    return this.#generate(new TokenMachine(this.#tokens).read(request), request, call)
  }

  async *#generate(
    from: Position,
    request: CoreRequest,
    call: DriverCall,
  ): AsyncGenerator<StreamPart, void, undefined> {
    const pausable = new PausableCall(call.signal, this.#clock, () => undefined)
    const machine = new TokenMachine(this.#tokens)
    // The text it was told counts as input: what it may write is counted from there.
    const told = this.resume === 'state' ? 0 : from.written
    const most = (request.maxOutputTokens ?? Number.POSITIVE_INFINITY) + told
    let at = from
    this.#positions.set(call.id, at)
    try {
      yield { type: 'start' }
      yield { type: 'text-start', id: '0' }
      for (let next = machine.step(at); next !== undefined && at.written < most; next = machine.step(at)) {
        await pausable.pause(this.#tokenMs)
        this.generated += 1
        at = next.to
        this.#positions.set(call.id, at)
        yield { type: 'text-delta', id: '0', text: next.text, tokens: 1 }
      }
      yield { type: 'text-end', id: '0' }
      const unified = machine.step(at) === undefined ? 'stop' : 'length'
      const usage = { input: { total: at.read }, output: { total: at.written - told } }
      yield { type: 'finish', finish: { unified }, usage }
    } finally {
      this.#positions.delete(call.id)
      pausable.close()
    }
  }
}

/**
 * Makes a core for tests of preemption: it writes one token after another, the next one following from all before it as
 * in a real engine, so that an answer which was cut and continued wrongly comes out different. It saves its state as bytes
 * (`resume: 'state'`), or goes on from the text it is given (`'prefix'`).
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option
 * @example
 * ```ts
 * import { createKernel, roundRobin } from '@aios/kernel'
 * import { tokenEngine } from '@aios/llm/testing'
 *
 * const engine = tokenEngine({ limits: { concurrency: 1 } })
 * const kernel = await createKernel({ llm: engine, policies: { llm: roundRobin({ quantumTokens: 16 }) } })
 * const ask = (content: string) => kernel.sys().llm.chat({ messages: [{ role: 'user', content }] })
 * const [one] = await Promise.all([ask('Tell me.'), ask('Tell me more.')])
 * console.log(one.text === engine.answerTo({ messages: [{ role: 'user', content: 'Tell me.' }] })) // true
 * await kernel.close()
 * ```
 */
export function tokenEngine(options: TokenEngineOptions = {}): TokenEngine {
  checkOptions('tokenEngine()', options, OPTIONS)
  return new Engine(options)
}

import {
  AiosError,
  type Clock,
  type CoreReply,
  type CoreRequest,
  type DriverCall,
  type LlmDriver,
  type StreamPart,
} from '@aios/kernel'
import { describeValue } from '@aios/kernel/driver'
import { PausableCall } from '../pausable-call.js'

/** Is one call of a wrapped core. */
export interface WrappedCall {
  readonly request: CoreRequest
  /** Number of calls of the core before this one. */
  readonly index: number
  readonly call: DriverCall
  /** Waits on the kernel's clock, until the call ends. */
  readonly pausable: PausableCall
}

/** Says what comes between a core and whoever asks it. */
export interface CoreWrapping {
  /** Answers in one piece; `answer` asks the core. */
  chat(asked: WrappedCall, answer: () => Promise<CoreReply>): Promise<CoreReply>
  /** Answers in parts; `parts` asks the core when it is iterated. */
  stream(asked: WrappedCall, parts: AsyncIterable<StreamPart>): AsyncGenerator<StreamPart, void, undefined>
  /** Says why a call cannot be saved now; undefined if it can. Default: it can. */
  unsaveable?(call: DriverCall): string | undefined
}

/**
 * Refuses what is no core that can be wrapped.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`; `AIOS_UNSUPPORTED` for a core that answers in batches only
 */
export function expectCore(where: string, core: LlmDriver): void {
  if ((core as Partial<LlmDriver> | undefined)?.kind !== 'llm')
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected a core as the first argument of ${where}, got ${describeValue(core)}.`,
    )
  if (core.batches?.['llm.chat'] !== undefined)
    throw new AiosError(
      'AIOS_UNSUPPORTED',
      `Expected a core that answers one by one for ${where}, got "${core.id}", which works in batches.`,
    )
}

class Wrapper {
  readonly #core: LlmDriver
  readonly #wrapping: CoreWrapping
  #clock: Clock | undefined
  #calls = 0

  constructor(core: LlmDriver, wrapping: CoreWrapping) {
    this.#core = core
    this.#wrapping = wrapping
  }

  get driver(): LlmDriver {
    const core = this.#core
    return {
      kind: 'llm',
      id: core.id,
      model: core.model,
      backend: core.backend,
      capabilities: core.capabilities,
      limits: core.limits,
      contextWindow: core.contextWindow,
      maxOutputTokens: core.maxOutputTokens,
      price: core.price,
      resume: core.resume,
      ...this.#methods(),
      open: async (services) => {
        this.#clock = services.clock
        await core.open?.(services)
      },
      ...(core.close && { close: () => core.close!() }),
      ...(core.forget && { forget: (runId) => core.forget!(runId) }),
      ...(core.estimate && { estimate: (request) => core.estimate!(request) }),
      ...(core.countTokens && { countTokens: (request) => core.countTokens!(request) }),
      ...(core.embed && { embed: (request, call) => core.embed!(request, call) }),
      ...(core.batches && { batches: core.batches }),
      ...(core.discover && { discover: (name) => this.#discovered(name) }),
    }
  }

  async #discovered(name: string): Promise<LlmDriver | undefined> {
    const found = await this.#core.discover!(name)
    if (found === undefined) return undefined
    expectCore('discover()', found)
    return wrappedCore(found, this.#wrapping)
  }

  #methods(): Partial<LlmDriver> {
    const core = this.#core
    const { unsaveable } = this.#wrapping
    return {
      ...(core.chat && { chat: (request, call) => this.#chat(this.#asked(request, call)) }),
      ...(core.stream && {
        stream: (request, call) => this.#streamed(request, call, () => core.stream!(request, call)),
      }),
      ...(core.save && {
        save: (call) => {
          const why = unsaveable?.(call)
          if (why !== undefined) throw new AiosError('AIOS_UNSUPPORTED', `This answer cannot be saved: ${why}.`)
          return core.save!(call)
        },
      }),
      ...(core.restore && {
        restore: (state, request, call) => this.#streamed(request, call, () => core.restore!(state, request, call)),
      }),
    }
  }

  #asked(request: CoreRequest, call: DriverCall): WrappedCall {
    const index = this.#calls
    this.#calls += 1
    return { request, index, call, pausable: new PausableCall(call.signal, this.#clock, () => undefined) }
  }

  async #chat(asked: WrappedCall): Promise<CoreReply> {
    const { request, call, pausable } = asked
    try {
      call.signal.throwIfAborted()
      return await this.#wrapping.chat(asked, async () => this.#core.chat!(request, call))
    } finally {
      pausable.close()
    }
  }

  #streamed(request: CoreRequest, call: DriverCall, open: () => AsyncIterable<StreamPart>): AsyncIterable<StreamPart> {
    return {
      [Symbol.asyncIterator]: () => {
        const asked = this.#asked(request, call)
        const source = new Source(open)
        const parts = this.#relayed(asked, source)
        return {
          next: () => parts.next(),
          return: async () => {
            // Both at once: a part that is waited for never comes where the core only stops on return.
            asked.pausable.close()
            await source.leave()
            return parts.return()
          },
        }
      },
    }
  }

  async *#relayed(asked: WrappedCall, source: Source): AsyncGenerator<StreamPart, void, undefined> {
    try {
      asked.call.signal.throwIfAborted()
      yield* this.#wrapping.stream(asked, source)
    } finally {
      asked.pausable.close()
      await source.leave()
    }
  }
}

/** Is the core's own stream, opened when its first part is wanted and left once. */
class Source implements AsyncIterable<StreamPart> {
  readonly #open: () => AsyncIterable<StreamPart>
  #parts: AsyncIterator<StreamPart> | undefined
  #isLeft = false

  constructor(open: () => AsyncIterable<StreamPart>) {
    this.#open = open
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamPart> {
    return {
      next: async () => {
        if (this.#isLeft) return { done: true, value: undefined }
        this.#parts ??= this.#open()[Symbol.asyncIterator]()
        const next = await this.#parts.next()
        if (next.done === true) this.#isLeft = true
        return next
      },
      return: async () => {
        await this.leave()
        return { done: true, value: undefined }
      },
    }
  }

  async leave(): Promise<void> {
    if (this.#isLeft) return
    this.#isLeft = true
    await this.#parts?.return?.()
  }
}

/** Puts something between a core and whoever asks it, and the cores that it discovers. What describes the core, and what it can, stays. */
export function wrappedCore(core: LlmDriver, wrapping: CoreWrapping): LlmDriver {
  return new Wrapper(core, wrapping).driver
}

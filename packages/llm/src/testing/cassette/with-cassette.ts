import {
  AiosError,
  type CoreReply,
  type CoreRequest,
  type DriverCall,
  type LlmDriver,
  type StreamPart,
} from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { callCassette, type CallCassette, type CallCassetteOptions, type RecordedCall } from '@aios/kernel/testing'
import { PausableCall } from '../pausable-call.js'
import { expectCore } from '../wrap/wrapped-core.js'

/** Is what `withCassette` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export type CassetteOptions = Pick<CallCassetteOptions, 'mode' | 'scrub'>

/** Is a core that is recorded, or replayed. */
export interface CassetteCore extends LlmDriver {
  /** Whether it answers from the file; undefined until it is opened. */
  readonly isReplay: boolean | undefined
  /** Number of recorded answers that nobody asked for; 0 while it records. */
  readonly remaining: number
  /**
   * Throws unless every recorded answer was asked for.
   *
   * @throws AiosError `AIOS_REPLAY_DIVERGED`, naming the calls that were not
   */
  assertDone(): void
}

const OPTIONS = option.object({
  mode: option.optional(option.oneOf('auto', 'record', 'replay')),
  scrub: option.optional(option.function),
})

async function ended(recorded: RecordedCall, pausable: PausableCall): Promise<unknown> {
  if (recorded.outcome === 'fulfilled') return recorded.result
  if (recorded.outcome === 'rejected') throw recorded.error
  // It was given up then, and is to be given up again.
  return pausable.hang()
}

async function replayedWhole(recorded: RecordedCall, { signal }: DriverCall): Promise<unknown> {
  const pausable = new PausableCall(signal, undefined, () => undefined)
  try {
    return await ended(recorded, pausable)
  } finally {
    pausable.close()
  }
}

async function* replayedParts(
  take: () => RecordedCall,
  pausable: PausableCall,
): AsyncGenerator<StreamPart, void, undefined> {
  try {
    await pausable.pause(0)
    const recorded = take()
    for (const part of recorded.parts) {
      await pausable.pause(0)
      yield part as StreamPart
    }
    await ended(recorded, pausable)
  } finally {
    pausable.close()
  }
}

/** Answers out of a cassette, or out of a core that it records. */
class Deck {
  readonly #core: LlmDriver
  readonly #options: CallCassetteOptions
  #cassette: CallCassette | undefined

  constructor(core: LlmDriver, options: CallCassetteOptions) {
    this.#core = core
    this.#options = options
  }

  get cassette(): CallCassette | undefined {
    return this.#cassette
  }

  get loaded(): CallCassette {
    if (this.#cassette !== undefined) return this.#cassette
    throw new AiosError(
      'AIOS_CLOSED',
      'Expected the core of withCassette() to be open. Hand it to createKernel, or call open().',
    )
  }

  async open(...[services]: Parameters<NonNullable<LlmDriver['open']>>): Promise<void> {
    const cassette = await callCassette(this.#options)
    // What is replayed needs no provider, and so no key.
    if (!cassette.isReplay) await this.#core.open?.(services)
    this.#cassette = cassette
  }

  async close(): Promise<void> {
    const cassette = this.#cassette
    if (cassette === undefined || cassette.isReplay) return
    await this.#core.close?.()
    await cassette.save()
  }

  async whole<T>(
    row: string,
    asked: { readonly request: unknown; readonly call: DriverCall },
    live: () => T | Promise<T>,
  ): Promise<T> {
    const { request, call } = asked
    call.signal.throwIfAborted()
    if (this.loaded.isReplay) return (await replayedWhole(this.loaded.replay(row, request), call)) as T
    const recording = this.loaded.record(row, request)
    try {
      const result = await live()
      recording.fulfil(result)
      return result
    } catch (error) {
      if (!call.signal.aborted) recording.reject(error)
      throw error
    }
  }

  streamed(request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> {
    const { isReplay } = this.loaded
    return {
      [Symbol.asyncIterator]: () =>
        isReplay ? this.#replayedParts(request, call) : this.#recordedParts(request, call),
    }
  }

  #replayedParts(request: CoreRequest, { signal }: DriverCall): AsyncIterator<StreamPart> {
    const pausable = new PausableCall(signal, undefined, () => undefined)
    const parts = replayedParts(() => this.loaded.replay('llm.stream', request), pausable)
    return {
      next: () => parts.next(),
      return: () => {
        pausable.close()
        return parts.return()
      },
    }
  }

  #recordedParts(request: CoreRequest, call: DriverCall): AsyncIterator<StreamPart> {
    const parts = this.#core.stream!(request, call)[Symbol.asyncIterator]()
    if (call.signal.aborted) return parts
    const recording = this.loaded.record('llm.stream', request)
    // Whoever leaves decides the end: what the core makes of it then says nothing.
    let isLeft = false
    return {
      async next() {
        try {
          const next = await parts.next()
          if (next.done !== true) recording.part(next.value)
          if (!isLeft && (next.done === true || next.value.type === 'finish')) recording.fulfil()
          return next
        } catch (error) {
          if (!isLeft && !call.signal.aborted) recording.reject(error)
          throw error
        }
      },
      return: async () => {
        isLeft = true
        return (await parts.return?.()) ?? { done: true, value: undefined }
      },
    }
  }
}

/**
 * Records what a core answers into a file, and answers from the file from then on, without provider, key or network. Only the model is
 * replayed: tools, memory and everything else run, so a change in a tool shows. The file is a cassette as `recordRun` of
 * `@aios/kernel/testing` writes it: JSON to be read in a review and committed, with what has the form of an API key left out.
 *
 * It is recorded where there is no file yet, and written when the kernel closes; delete the file, or say `mode: 'record'`, to record it
 * anew. Where the environment variable `CI` is set nothing but that mode records. Answers are found by the whole request, so a prompt that changed
 * fails with where it differs from the nearest recorded one; `scrub` takes out of texts what differs each time, such as dates.
 *
 * @param core - any core that does not work in batches; opened only to be recorded. Its answers are never cut and resumed,
 *   and it discovers no others: record each under its own name
 * @param file - path of the cassette
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option. When it is opened: `AIOS_NOT_FOUND` for a file that must be there,
 *   `AIOS_CORRUPT`, `AIOS_UNSUPPORTED`. When it is asked: `AIOS_REPLAY_DIVERGED` for a request that the file does not hold
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { openai } from '@aios/llm/openai'
 * import { withCassette } from '@aios/llm/testing'
 *
 * async function answer(question: string): Promise<string> {
 *   const core = withCassette(openai('gpt-5-mini'), 'tests/cassettes/answer.json')
 *   const kernel = await createKernel({ llm: core })
 *   const { text } = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: question }] })
 *   await kernel.close()
 *   core.assertDone()
 *   return text
 * }
 * ```
 */
export function withCassette(core: LlmDriver, file: string, options: CassetteOptions = {}): CassetteCore {
  expectCore('withCassette()', core)
  checkOptions('withCassette()', file, option.name)
  checkOptions('withCassette()', options, OPTIONS)
  const deck = new Deck(core, { file, name: core.id, ...options })
  const { chat, stream, embed, estimate } = core
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
    get isReplay() {
      return deck.cassette?.isReplay
    },
    get remaining() {
      return deck.cassette?.remaining ?? 0
    },
    assertDone: () => {
      deck.loaded.assertDone()
    },
    open: (services) => deck.open(services),
    close: () => deck.close(),
    ...(estimate && { estimate: (request) => core.estimate!(request) }),
    ...(chat && {
      chat: (request, call) => deck.whole<CoreReply>('llm.chat', { request, call }, () => core.chat!(request, call)),
    }),
    ...(stream && { stream: (request, call) => deck.streamed(request, call) }),
    ...(embed && {
      embed: (request, call) => deck.whole('llm.embed', { request, call }, () => core.embed!(request, call)),
    }),
  }
}

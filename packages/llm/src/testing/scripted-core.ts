import type { Clock, CorePrice, CoreRequest, DriverCall, LlmDriver, StreamPart } from '@aios/kernel'
import { checkOptions, option, type CoreLimits } from '@aios/kernel/driver'
import { closingParts, openingParts, replyOf } from './answer-parts.js'
import { PausableCall } from './pausable-call.js'
import type { PreparedAnswer } from './prepared-answer.js'
import { Script } from './script.js'
import type { ScriptedStep, ScriptedTiming } from './scripted-step.js'

/** Is what `scriptedCore` takes after the steps. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ScriptedOptions extends ScriptedTiming {
  /** Default `scripted`. */
  readonly id?: string | undefined
  /** Default `scripted`. */
  readonly model?: string | undefined
  /** Begins the script again when it is over; with one function it answers every request. Default false. */
  readonly repeat?: boolean | undefined
  readonly limits?: CoreLimits | undefined
  readonly price?: CorePrice | undefined
  readonly contextWindow?: number | undefined
  readonly maxOutputTokens?: number | undefined
}

/** Is a core that answers from a script and remembers what it was asked. */
export interface ScriptedCore extends LlmDriver {
  /** Every request so far, copied as it came. */
  readonly requests: readonly CoreRequest[]
  /** Number of steps that no request has used. */
  readonly remaining: number
  /** Number of calls that have not ended; those that hang count. */
  readonly running: number
  /**
   * Throws unless the script was used up exactly, also where the agent swallowed the error of a request too many.
   *
   * @throws AiosError `AIOS_DRIVER_FAILED`, naming the steps left over or the request that had none
   */
  assertDone(): void
}

const OPTIONS = option.object({
  id: option.optional(option.name),
  model: option.optional(option.name),
  repeat: option.optional(option.boolean),
  limits: option.optional(option.record),
  price: option.optional(option.record),
  contextWindow: option.optional(option.integer(1)),
  maxOutputTokens: option.optional(option.integer(1)),
  latencyMs: option.optional(option.number(0)),
  tokenMs: option.optional(option.number(0)),
})
const isList = option.custom('an array of steps', Array.isArray)
const isRepeatable = option.custom('a step to repeat', (steps) => (steps as readonly unknown[]).length > 0)

async function breakOff({ breaksOff }: PreparedAnswer, pausable: PausableCall): Promise<void> {
  if (breaksOff === 'hang') await pausable.hang()
  else if (breaksOff !== undefined) throw breaksOff.error
}

async function* streamed(
  answer: () => Promise<PreparedAnswer>,
  pausable: PausableCall,
): AsyncGenerator<StreamPart, void, undefined> {
  try {
    const prepared = await pausable.during(answer())
    const { tokens, latencyMs, tokenMs } = prepared
    await pausable.pause(latencyMs)
    if (tokens.length === 0) await breakOff(prepared, pausable)
    yield* openingParts(prepared)
    if (tokens.length > 0) yield { type: 'text-start', id: 'text' }
    for (const [n, text] of tokens.entries()) {
      if (n > 0) await pausable.pause(tokenMs)
      yield { type: 'text-delta', id: 'text', text }
    }
    await breakOff(prepared, pausable)
    if (tokens.length > 0) yield { type: 'text-end', id: 'text' }
    yield* closingParts(prepared)
  } finally {
    pausable.close()
  }
}

/**
 * Makes a core for tests: it answers from a script, without provider, network or randomness, through the same queues
 * as a real one. Latencies run on the kernel's clock, so with a virtual one they cost no time.
 *
 * A request beyond the script rejects with `AIOS_DRIVER_FAILED`, naming the request; `assertDone()` finds steps that
 * were never used.
 *
 * @param steps - answers in the order of the requests
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option, or a step that cannot be
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { scriptedCore } from '@aios/llm/testing'
 *
 * const core = scriptedCore([
 *   { toolCalls: [{ name: 'local/add', input: { a: 2, b: 2 } }] },
 *   { text: 'The sum is 4.', usage: { input: 20, output: 5 }, latencyMs: 300 },
 *   { error: new Error('socket hang up') },
 *   (request) => `You sent ${request.messages.length} messages.`,
 * ])
 * const kernel = await createKernel({ llm: core })
 * const { toolCalls } = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'What is 2 + 2?' }] })
 * console.log(toolCalls[0]?.input) // { a: 2, b: 2 }
 * console.log(core.requests[0]?.messages.length, core.remaining) // 1 3
 * await kernel.close()
 * ```
 */
export function scriptedCore(steps: readonly ScriptedStep[], options: ScriptedOptions = {}): ScriptedCore {
  checkOptions('scriptedCore()', options, OPTIONS)
  checkOptions('scriptedCore()', steps, isList)
  if (options.repeat === true) checkOptions('scriptedCore()', steps, isRepeatable)
  const { id = 'scripted', model = 'scripted', repeat = false, latencyMs = 0, tokenMs = 0, ...described } = options
  const script = new Script(steps, { core: id, repeat, timing: { latencyMs, tokenMs } })
  const running = new Set<PausableCall>()
  let clock: Clock | undefined
  const begin = (call: DriverCall): PausableCall => {
    const pausable: PausableCall = new PausableCall(call.signal, clock, () => void running.delete(pausable))
    running.add(pausable)
    return pausable
  }
  return {
    kind: 'llm',
    id,
    model,
    ...described,
    requests: script.requests,
    get remaining() {
      return script.remaining
    },
    get running() {
      return running.size
    },
    assertDone: () => {
      script.assertDone()
    },
    open: (services) => {
      clock = services.clock
    },
    async chat(request, call) {
      call.signal.throwIfAborted()
      const answer = script.take(request)
      const pausable = begin(call)
      try {
        const prepared = await pausable.during(answer())
        await pausable.pause(prepared.latencyMs + prepared.tokenMs * Math.max(0, prepared.tokens.length - 1))
        await breakOff(prepared, pausable)
        return replyOf(prepared)
      } finally {
        pausable.close()
      }
    },
    stream: (request, call) => ({
      [Symbol.asyncIterator]() {
        const answer = call.signal.aborted ? undefined : script.take(request)
        const pausable = begin(call)
        const parts = streamed(answer ?? (() => Promise.reject(call.signal.reason as Error)), pausable)
        return {
          next: () => parts.next(),
          return: async () => {
            pausable.close()
            return parts.return()
          },
        }
      },
    }),
  }
}

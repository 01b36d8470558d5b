import type { ChatReply, ChatRequest, CoreRequest, CoreWarning } from '../driver/chat.js'
import type { Message } from '../driver/message.js'
import { checkOptions, option } from '../option/check-options.js'
import { HookCallView } from '../syscall/hook-call-view.js'
import type { HookCall, SyscallHook } from '../syscall/hook.js'
import { factOf, type Syscall } from '../syscall/syscall.js'
import { coresOfCall, coreRequestOf } from './cores-of-call.js'
import type { ContextStep } from './context-step.js'
import { defaultSteps } from './default-steps.js'
import { fitPipeline } from './fit-pipeline.js'
import type { FittedContext } from './fitted-context.js'
import { ReportedUsage } from './reported-usage.js'
import { stepsField } from './steps-field.js'
import { WindowCounter } from './window-counter.js'

/** Is what {@link contextWindow} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ContextWindowOptions {
  /** Size of the window in tokens, from 1, where it is less than the core's, or the core's is unknown. Default: the core's. */
  readonly maxTokens?: number | undefined
  /**
   * Tokens of the window that are kept for the answer, from 0. Default: the request's `maxOutputTokens`, else the least of the
   * core's, the kernel's `limits.maxOutputTokens` and a quarter of the window.
   */
  readonly reserveOutputTokens?: number | undefined
  /** What is done, in order, until it fits. Default `[dropToolOutput(), prune()]`. */
  readonly steps?: readonly ContextStep[] | undefined
}

const OPTIONS = option.object({
  maxTokens: option.optional(option.integer(1)),
  reserveOutputTokens: option.optional(option.integer(0)),
  steps: option.optional(stepsField),
})

/**
 * Makes the hook that keeps the conversations of `llm.chat` and `llm.stream` inside the core's context window: where messages,
 * tools and the reserved answer are more than the window, the steps run in order until they fit. System messages, what is
 * pinned, the newest message of the user and the last message are kept verbatim; a tool call and its results stay or go
 * together. The caller's own messages are left as they are; what was dropped is told by the event `context:trimmed` and by a
 * warning in the reply, setting `context`.
 *
 * A request that names no model is fitted into the smallest window among the cores it may go to. Tokens are counted by the
 * core's `countTokens`; else by what the provider reported for the beginning of the same message objects; else by the core's
 * `estimate` or a bound of the bytes, which for English is about four times too high. Where neither the core nor `maxTokens`
 * names a window the hook does nothing. A conversation that cannot be made to fit rejects with `AIOS_LLM_CONTEXT_OVERFLOW`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key or an impossible value
 * @example
 * ```ts
 * import { contextWindow, createKernel } from '@aios/kernel'
 *
 * const kernel = await createKernel()
 * kernel.use(contextWindow(), ['llm.chat', 'llm.stream'])
 * kernel.on('context:trimmed', ({ pid, beforeTokens, afterTokens, steps }) => {
 *   console.log(pid, beforeTokens, afterTokens, steps)
 * })
 * await kernel.close()
 * ```
 */
export function contextWindow(options: ContextWindowOptions = {}): SyscallHook {
  checkOptions('contextWindow()', options, OPTIONS)
  const { maxTokens, reserveOutputTokens } = options
  if (maxTokens !== undefined && reserveOutputTokens !== undefined) {
    const less = option.object({ reserveOutputTokens: option.integer(0, maxTokens - 1) })
    checkOptions('contextWindow()', { reserveOutputTokens }, less)
  }
  const window = new ContextWindow(options)
  return {
    name: 'contextWindow',
    before: (shown) => (isChat(shown) ? window.fit(HookCallView.callOf(shown), shown) : undefined),
    after: (shown, reply) =>
      isChat(shown) ? window.answered(HookCallView.callOf(shown), reply as Partial<ChatReply> | undefined) : undefined,
  }
}

function isChat({ name }: HookCall): boolean {
  return name === 'llm.chat' || name === 'llm.stream'
}

/** Is what the hook knows of the calls it has seen. */
class ContextWindow {
  readonly #options: ContextWindowOptions
  readonly #steps: readonly ContextStep[]
  readonly #reported = new ReportedUsage()
  readonly #warnings = new WeakMap<Syscall, CoreWarning>()

  constructor(options: ContextWindowOptions) {
    this.#options = options
    this.#steps = options.steps ?? defaultSteps()
  }

  /** Fits the conversation of a call; returns the request to send instead, if it has to be another. */
  fit(call: Syscall, shown: HookCall): Promise<ChatRequest | undefined> | undefined {
    const counter = this.#counter(call)
    if (counter === undefined || counter.surelyFits) return undefined
    return this.#fitted(call, counter, shown)
  }

  /** Learns from a reply, and adds the warning to that of a call that was trimmed. */
  answered(call: Syscall, reply: Partial<ChatReply> | undefined): Partial<ChatReply> | undefined {
    if (call.device !== undefined && reply?.usage !== undefined)
      this.#reported.learn(call.device.id, call.request as CoreRequest, reply.usage)
    const warning = this.#warnings.get(call)
    if (warning === undefined || typeof reply !== 'object') return undefined
    return { ...reply, warnings: [...(reply.warnings ?? []), warning] }
  }

  async #fitted(call: Syscall, counter: WindowCounter, shown: HookCall): Promise<ChatRequest | undefined> {
    const { windowTokens, reservedTokens } = counter
    const request = call.request as ChatRequest
    const fitted = await fitPipeline(request.messages, {
      windowTokens,
      reservedTokens,
      count: (messages: readonly Message[]) => counter.count(messages),
      steps: this.#steps,
      sys: shown.sys,
      runId: call.owner.runId,
    })
    if (fitted.messages === request.messages) return undefined
    const { messages, ...rest } = fitted
    call.caller.kernel.hub.push('context:trimmed', { ...factOf(call), windowTokens, reservedTokens, ...rest })
    this.#warnings.set(call, { setting: 'context', message: said(fitted, windowTokens - reservedTokens) })
    return { ...request, messages }
  }

  /** Says what a call has to fit into, and who counts; undefined where no window is known. */
  #counter(call: Syscall): WindowCounter | undefined {
    const { maxTokens = Number.POSITIVE_INFINITY, reserveOutputTokens } = this.#options
    const [core, ...others] = coresOfCall(call)
    const request = coreRequestOf(call)
    if (core === undefined || request === undefined) return undefined
    const sizeOf = (each: typeof core) => each.contextWindow ?? Number.POSITIVE_INFINITY
    const smallest = others.reduce((least, each) => (sizeOf(each) < sizeOf(least) ? each : least), core)
    const windowTokens = Math.min(sizeOf(smallest), maxTokens)
    if (windowTokens === Number.POSITIVE_INFINITY) return undefined
    const reservedTokens =
      reserveOutputTokens ??
      request.maxOutputTokens ??
      Math.min(
        smallest.maxOutputTokens ?? Number.POSITIVE_INFINITY,
        call.caller.kernel.limits.maxOutputTokens,
        Math.floor(windowTokens / 4),
      )
    return new WindowCounter({ core: smallest, request, windowTokens, reservedTokens, reported: this.#reported })
  }
}

function said({ beforeTokens, afterTokens, source, steps }: FittedContext, limit: number): string {
  const done = steps.map(({ step, messages, parts, failed }) => {
    const what = [messages > 0 && `${messages} messages`, parts > 0 && `${parts} tool results`]
      .filter(Boolean)
      .join(' and ')
    const why = failed === undefined ? '' : ` failed: ${failed}`
    return `${step}${what === '' ? '' : ` dropped ${what}`}${why}`
  })
  return `Trimmed from ${beforeTokens} to ${afterTokens} tokens (${source}) to fit ${limit}: ${done.join('; ')}.`
}

import type { CoreRequest, ToolSpec } from '../driver/chat.js'
import type { Message } from '../driver/message.js'
import { checkOptions, option } from '../option/check-options.js'
import { inputBound } from '../syscall/chat/estimate.js'
import { chatRequest } from '../syscall/rows/chat-request.js'
import type { Sys } from '../syscall/sys.js'
import type { ContextStep } from './context-step.js'
import { counted } from './counted.js'
import { defaultSteps } from './default-steps.js'
import { fitPipeline } from './fit-pipeline.js'
import type { FittedContext } from './fitted-context.js'
import { stepsField } from './steps-field.js'

/** Is what {@link fitContext} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface FitContextOptions {
  /** Size of the window in tokens, from 1. */
  readonly maxTokens: number
  /** Tokens of it that are kept for the answer, from 0 and less than `maxTokens`. Default 0. */
  readonly reserveOutputTokens?: number | undefined
  /** Descriptions of the tools that the conversation is sent with; they take room too. */
  readonly tools?: readonly ToolSpec[] | undefined
  /** Counts the input tokens of a request. Default: a bound from above, of its bytes. */
  readonly countTokens?: ((request: CoreRequest) => number | Promise<number>) | undefined
  /** What is done, in order, until it fits. Default `[dropToolOutput(), prune()]`. */
  readonly steps?: readonly ContextStep[] | undefined
  /** Makes the syscalls of the steps that need some: `summarise()` and `pageOut()`. */
  readonly sys?: Sys | undefined
  /** Names the conversation in what `pageOut()` stores. Default `fitContext`. */
  readonly runId?: string | undefined
}

const OPTIONS = option.object({
  maxTokens: option.integer(1),
  reserveOutputTokens: option.optional(option.integer(0)),
  tools: option.optional(option.array(option.record)),
  countTokens: option.optional(option.function),
  steps: option.optional(stepsField),
  sys: option.optional(option.record),
  runId: option.optional(option.name),
})

/**
 * Fits a conversation into a window, without a kernel. What is kept in any case, in order and verbatim: system messages,
 * messages with something pinned, the newest message of the user, the last message; a tool call and its results stay or go
 * together. The array that was given is left as it is.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for wrong options or messages,
 * `AIOS_LLM_CONTEXT_OVERFLOW` if it does not fit after the last step
 * @example
 * ```ts
 * import { fitContext, type Message } from '@aios/kernel'
 *
 * declare const conversation: readonly Message[]
 * const fitted = await fitContext(conversation, { maxTokens: 8_000, reserveOutputTokens: 1_000 })
 * console.log(fitted.messages.length, fitted.afterTokens, fitted.source, fitted.steps)
 * ```
 */
export async function fitContext(messages: readonly Message[], options: FitContextOptions): Promise<FittedContext> {
  checkOptions('fitContext()', options, OPTIONS)
  const { maxTokens, reserveOutputTokens = 0, tools, countTokens, steps, sys, runId } = options
  checkOptions(
    'fitContext()',
    { reserveOutputTokens },
    option.object({ reserveOutputTokens: option.integer(0, maxTokens - 1) }),
  )
  if (messages.length > 0) checkOptions('fitContext()', { messages }, chatRequest)
  return fitPipeline(messages, {
    windowTokens: maxTokens,
    reservedTokens: reserveOutputTokens,
    count: async (each) => {
      const request = { messages: each, tools }
      if (countTokens === undefined) return { tokens: inputBound(request), source: 'estimated' }
      return { tokens: counted(await countTokens(request), 'countTokens'), source: 'core' }
    },
    steps: steps ?? defaultSteps(),
    sys,
    runId: runId ?? 'fitContext',
  })
}

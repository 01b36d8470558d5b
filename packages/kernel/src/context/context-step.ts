import type { Message } from '../driver/message.js'
import type { Sys } from '../syscall/sys.js'

/** Shows a conversation that does not fit to a step. */
export interface ContextView {
  /** The conversation as the steps before left it. */
  readonly messages: readonly Message[]
  /** Most tokens it may have. */
  readonly limitTokens: number
  /** Counts the tokens of a conversation, with the tools and the format of the request it stands in. */
  count(messages: readonly Message[]): Promise<number>
  /** Returns a message as it was before a step changed something inside it; the very message if none did. */
  original(message: Message): Message
  /** Makes syscalls under the pid and the budget of whoever's conversation it is; undefined where there is no kernel. */
  readonly sys: Sys | undefined
  /** Names the run whose conversation it is. */
  readonly runId: string
}

/** Is what a step made of a conversation. */
export interface StepResult {
  /** The conversation as it is now; the very array of the view if nothing was done. */
  readonly messages: readonly Message[]
  /** Messages that are gone. */
  readonly droppedMessages: number
  /** Parts that a marker stands for now. */
  readonly droppedParts: number
  /** Why the step did less than it was asked to. */
  readonly failed?: string | undefined
}

/**
 * Makes a conversation smaller. The steps of a pipeline run in order until it fits; a step need not reach the limit. What a
 * step throws rejects the call, so one that can go without something says so in `failed` instead.
 *
 * @example
 * ```ts
 * import { contextWindow, prune, type ContextStep } from '@aios/kernel'
 *
 * const noReasoning: ContextStep = {
 *   name: 'noReasoning',
 *   apply: ({ messages }) => {
 *     let droppedParts = 0
 *     const shorter = messages.map((message) => {
 *       if (typeof message.content === 'string' || message.pinned === true) return message
 *       const content = message.content.filter((part) => part.type !== 'reasoning' || part.pinned === true)
 *       droppedParts += message.content.length - content.length
 *       return { ...message, content }
 *     })
 *     return { messages: shorter, droppedMessages: 0, droppedParts }
 *   },
 * }
 * const hook = contextWindow({ steps: [noReasoning, prune()] })
 * ```
 */
export interface ContextStep {
  /** Shown in `context:trimmed` and in warnings. */
  readonly name: string
  apply(view: ContextView): StepResult | Promise<StepResult>
}

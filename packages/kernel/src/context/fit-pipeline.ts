import type { Message } from '../driver/message.js'
import { AiosError } from '../error/aios-error.js'
import type { Sys } from '../syscall/sys.js'
import type { ContextStep } from './context-step.js'
import type { FittedContext, TokenCount, TrimmedStep } from './fitted-context.js'

/** Says into what a conversation is fitted, and how. */
export interface FitPlan {
  readonly windowTokens: number
  /** Tokens of the window that are kept for the answer. */
  readonly reservedTokens: number
  readonly count: (messages: readonly Message[]) => TokenCount | Promise<TokenCount>
  readonly steps: readonly ContextStep[]
  readonly sys: Sys | undefined
  readonly runId: string
}

/**
 * Runs the steps of a plan in order until the conversation fits.
 *
 * @throws AiosError `AIOS_LLM_CONTEXT_OVERFLOW` if it does not fit after the last one
 */
export async function fitPipeline(messages: readonly Message[], plan: FitPlan): Promise<FittedContext> {
  const { count, sys, runId } = plan
  const limitTokens = plan.windowTokens - plan.reservedTokens
  const before = await count(messages)
  const counted = async (each: readonly Message[]) => (await count(each)).tokens
  const originals = new Map<Message, Message>()
  const original = (message: Message) => originals.get(message) ?? message
  const remember = (message: Message, before: Message | undefined) => {
    if (before !== undefined && before !== message) originals.set(message, original(before))
  }
  const steps: TrimmedStep[] = []
  let now = { messages, ...before }
  for (const step of plan.steps) {
    if (now.tokens <= limitTokens) break
    const view = { messages: now.messages, limitTokens, count: counted, original, sys, runId }
    const result = await step.apply(view)
    const { droppedMessages, droppedParts, failed } = result
    const changed = result.messages !== now.messages
    if (!changed && failed === undefined) continue
    // A step that drops no message may have put others in the place of some; one that does keeps the objects.
    if (changed && droppedMessages === 0)
      for (const [index, message] of result.messages.entries()) remember(message, now.messages[index])
    const after = changed ? await count(result.messages) : now
    steps.push({
      step: step.name,
      messages: droppedMessages,
      parts: droppedParts,
      tokens: now.tokens - after.tokens,
      ...(failed !== undefined && { failed }),
    })
    now = { messages: result.messages, tokens: after.tokens, source: after.source }
  }
  const fitted = {
    messages: now.messages,
    beforeTokens: before.tokens,
    afterTokens: now.tokens,
    source: now.source,
    steps,
  }
  if (now.tokens > limitTokens) throw overflow(fitted, plan)
  return fitted
}

function overflow({ steps, messages, beforeTokens, afterTokens, source }: FittedContext, plan: FitPlan): AiosError {
  const { windowTokens, reservedTokens } = plan
  const limitTokens = windowTokens - reservedTokens
  const tried = plan.steps.map(({ name }) => name).join(', ')
  const failed = steps.flatMap((step) => (step.failed === undefined ? [] : [` ${step.step} failed: ${step.failed}.`]))
  return new AiosError(
    'AIOS_LLM_CONTEXT_OVERFLOW',
    `Expected a conversation of at most ${limitTokens} tokens (a window of ${windowTokens} less ${reservedTokens} reserved for ` +
      `the answer), got ${afterTokens} (${source}) in the ${messages.length} messages that are left of ${beforeTokens} after ` +
      `${tried === '' ? 'no step' : tried}.${failed.join('')} Shorten or unpin what is always kept (system messages, pinned parts, the ` +
      `newest message of the user, the last message and its tool calls), use fewer tools, or take a core with a larger window.`,
    { details: { windowTokens, reservedTokens, limitTokens, beforeTokens, afterTokens, source } },
  )
}

import type { ContextStep } from './context-step.js'
import { fewestThatFit } from './fewest-that-fit.js'
import { indicesIn, unitsOf, without } from './conversation.js'

/**
 * Makes the step that drops the oldest turns, as few as it takes. A turn is what follows a message of the user up to the
 * next one; of the turn that is going on, exchanges with tools go one by one. Nothing is put in their place.
 *
 * @example
 * ```ts
 * import { contextWindow, createKernel, prune } from '@aios/kernel'
 *
 * const kernel = await createKernel()
 * kernel.use(contextWindow({ steps: [prune()] }), ['llm.chat', 'llm.stream'])
 * await kernel.close()
 * ```
 */
export function prune(): ContextStep {
  return {
    name: 'prune',
    async apply({ messages, limitTokens, count }) {
      const units = unitsOf(messages)
      const rest = (gone: number) => without(messages, units.slice(0, gone))
      const gone = await fewestThatFit(units.length, async (tried) => (await count(rest(tried))) <= limitTokens)
      if (gone === 0) return { messages, droppedMessages: 0, droppedParts: 0 }
      const dropped = indicesIn(units.slice(0, gone)).size
      return { messages: rest(gone), droppedMessages: dropped, droppedParts: 0 }
    },
  }
}

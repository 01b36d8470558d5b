import { messageParts, type Message, type ToolResultPart } from '../driver/message.js'
import { checkOptions, option } from '../option/check-options.js'
import type { ContextStep } from './context-step.js'
import { written } from './transcript.js'

/** Is what {@link dropToolOutput} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface DropToolOutputOptions {
  /** Newest results that stay, from 0; those that no answer has followed yet stay in any case. Default 3. */
  readonly keepToolResults?: number | undefined
}

const OPTIONS = option.object({ keepToolResults: option.optional(option.integer(0)) })
const KEEP = 3

/** Is a message with markers in it, and which of its parts they stand for. */
interface Replaced {
  readonly parts: string
  readonly message: Message
}

/**
 * Makes the step that puts a short marker in the place of each old tool result. The call stays, so the model can see what it
 * asked and ask again. Results that are pinned, or no longer than the marker, stay as they are.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key or a count below 0
 * @example
 * ```ts
 * import { dropToolOutput, fitContext, prune, type Message } from '@aios/kernel'
 *
 * declare const conversation: readonly Message[]
 * const steps = [dropToolOutput({ keepToolResults: 5 }), prune()]
 * const { messages } = await fitContext(conversation, { maxTokens: 8_000, steps })
 * ```
 */
export function dropToolOutput(options: DropToolOutputOptions = {}): ContextStep {
  checkOptions('dropToolOutput()', options, OPTIONS)
  const { keepToolResults = KEEP } = options
  // The same message becomes the same message again, so that a provider's count of the beginning stays good.
  const made = new WeakMap<Message, Replaced>()
  return {
    name: 'dropToolOutput',
    apply({ messages }) {
      const stale = staleParts(messages, keepToolResults)
      if (stale.length === 0) return { messages, droppedMessages: 0, droppedParts: 0 }
      const places = new Map<number, Place[]>()
      for (const place of stale) places.set(place.index, [...(places.get(place.index) ?? []), place])
      return {
        messages: messages.map((message, index) => replaced(message, places.get(index) ?? [], made)),
        droppedMessages: 0,
        droppedParts: stale.length,
      }
    },
  }
}

/** Is where a result stands: of which message, and which part of it. */
interface Place {
  readonly index: number
  readonly at: number
}

/** Finds the results that are old enough to go, and long enough to be worth it. */
function staleParts(messages: readonly Message[], keep: number): readonly Place[] {
  const answered = messages.findLastIndex(({ role }) => role === 'assistant')
  const results = messages.flatMap((message, index) =>
    messageParts(message).flatMap((part, at) => (part.type === 'tool-result' ? [{ part, message, index, at }] : [])),
  )
  return results
    .slice(0, Math.max(0, results.length - keep))
    .filter(({ part, message, index }) => index < answered && message.pinned !== true && part.pinned !== true)
    .filter(({ part }) => written(part.output).length > marker(part).length)
}

function replaced(message: Message, places: readonly Place[], made: WeakMap<Message, Replaced>): Message {
  if (places.length === 0) return message
  const parts = places.map(({ at }) => at).join()
  const before = made.get(message)
  if (before?.parts === parts) return before.message
  const gone = new Set(places.map(({ at }) => at))
  const content = messageParts(message).map((part, at) =>
    gone.has(at) && part.type === 'tool-result' ? { ...part, output: marker(part) } : part,
  )
  const after: Message = { ...message, content }
  made.set(message, { parts, message: after })
  return after
}

function marker(part: ToolResultPart): string {
  const { length } = written(part.output)
  return `[Output of ${part.name} dropped to save room: ${length} characters. Call it again with the same arguments to see it.]`
}

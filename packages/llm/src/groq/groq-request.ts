import { AiosError, type CoreRequest, messageParts } from '@aios/kernel/driver'
import type { Target, WireRequest } from '../core/protocol.js'
import { toChatWire } from '../openai/chat-request.js'
import type { ChatDialect } from '../openai/chat-dialect.js'
import type { GroqOptions } from './groq-options.js'
import { effortWarnings, formatFields, groqEffort } from './groq-reasoning.js'

/** Is how Groq's chat completions differ from those of others, but for how a model thinks. */
function dialectOf(request: CoreRequest, { model }: Target, options: GroqOptions): ChatDialect {
  return {
    provider: 'groq',
    lengthField: () => 'max_completion_tokens',
    reasoning: groqEffort(model),
    continuation: () => ({}),
    always: formatFields(model, request, options).fields,
  }
}

function refuseFiles({ messages }: CoreRequest): void {
  for (const message of messages)
    for (const part of messageParts(message)) {
      if (part.type !== 'file' || part.mediaType.startsWith('image/')) continue
      throw new AiosError('AIOS_UNSUPPORTED', `Expected an image, got a ${part.mediaType} file. Groq takes no other.`)
    }
}

/**
 * Translates a request.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what Groq's chat completions cannot express
 */
export function toGroqWire(request: CoreRequest, target: Target, options: GroqOptions): WireRequest {
  refuseFiles(request)
  const wire = toChatWire(request, target, dialectOf(request, target, options))
  const { warnings } = formatFields(target.model, request, options)
  return { ...wire, warnings: [...wire.warnings, ...effortWarnings(target.model, request), ...warnings] }
}

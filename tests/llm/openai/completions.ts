/** What a provider of chat completions says. */
import type { Body } from '../core/provider.js'

/** Makes a chunk of a streamed answer. */
export function chunk(delta: Body, finishReason: string | null = null): Body {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    model: 'test-1',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  }
}

/** Makes a whole answer. */
export function completion(message: Body, finishReason: string | null = 'stop', rest: Body = {}): Body {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'test-1',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason }],
    ...rest,
  }
}

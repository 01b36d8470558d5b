import type { CoreRequest, StreamPart } from '../driver/chat.js'
import type { LlmDriver } from '../driver/llm-driver.js'
import type { Message } from '../driver/message.js'
import { DriverCallView } from '../syscall/driver-call.js'
import type { Syscall } from '../syscall/syscall.js'
import type { Snapshot } from './process-context.js'

/** Lets the core of a call go on where it was cut. */
export function continuationOf(call: Syscall, snapshot: Snapshot): AsyncIterable<StreamPart> {
  const core = call.device as LlmDriver & Required<Pick<LlmDriver, 'restore' | 'stream'>>
  const request = call.request as CoreRequest
  const view = new DriverCallView(call)
  return snapshot.kind === 'state'
    ? core.restore(snapshot.state, request, view)
    : core.stream(continued(request, snapshot), view)
}

/** Asks for the rest of an answer whose beginning is known. */
export function continued(request: CoreRequest, { texts, outputTokens }: Snapshot & { kind: 'prefix' }): CoreRequest {
  if (texts.length === 0) return request
  const content = texts.length === 1 ? (texts[0] as string) : texts.map((text) => ({ type: 'text' as const, text }))
  const begun: Message = { role: 'assistant', content }
  const { maxOutputTokens } = request
  return {
    ...request,
    messages: [...request.messages, begun],
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens: Math.max(1, maxOutputTokens - outputTokens) }),
  }
}

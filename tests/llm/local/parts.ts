/** Asks a core that runs in this process, and reads its answers. */
import type { CoreRequest, LlmDriver, StreamPart } from '@aios/kernel'
import { fakeDriverCall } from '@aios/kernel/testing'

/** A request with one question. */
export function question(content: string, more: Partial<CoreRequest> = {}): CoreRequest {
  return { messages: [{ role: 'user', content }], ...more }
}

export async function partsOf(
  core: LlmDriver,
  request: CoreRequest,
  call = fakeDriverCall(),
): Promise<readonly StreamPart[]> {
  const parts: StreamPart[] = []
  for await (const part of core.stream!(request, call)) parts.push(part)
  return parts
}

export function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')
}

export function finishOf(parts: readonly StreamPart[]): Extract<StreamPart, { type: 'finish' }> {
  const last = parts.at(-1)
  if (last?.type !== 'finish') throw new Error(`Expected a finish, got ${last?.type}.`)
  return last
}

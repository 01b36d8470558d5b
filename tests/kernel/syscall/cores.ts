import type { CoreReply, CoreRequest, DriverCall, LlmDriver, StreamPart } from '@aios/kernel/driver'

/** One user message. */
export const ASK = { messages: [{ role: 'user' as const, content: 'Hello?' }] }

/** A reply of one text. */
export function said(text: string): CoreReply {
  return {
    parts: [{ type: 'text', text }],
    finish: { unified: 'stop' },
    usage: { input: { total: 10 }, output: { total: text.length } },
  }
}

/** A core that says the same at once, whatever it is asked. */
export function sayingCore(text: string): LlmDriver {
  return { kind: 'llm', id: 'c', model: 'c', chat: () => said(text) }
}

/** Reads a stream to its end; returns the types of its parts. */
export async function typesOf(stream: AsyncIterable<StreamPart>): Promise<string[]> {
  const found: string[] = []
  for await (const part of stream) found.push(part.type)
  return found
}

/** The parts of a streamed text. */
export function* spoken(...texts: readonly string[]): Generator<StreamPart> {
  yield { type: 'start' }
  yield { type: 'text-start', id: 'a' }
  for (const text of texts) yield { type: 'text-delta', id: 'a', text }
  yield { type: 'text-end', id: 'a' }
  yield {
    type: 'finish',
    finish: { unified: 'stop' },
    usage: { input: { total: 10 }, output: { total: texts.length } },
  }
}

/** A call of a core that waits to be answered by the test. */
export interface HeldChat {
  readonly request: CoreRequest
  readonly call: DriverCall
  readonly answer: (reply: CoreReply) => void
  readonly fail: (error: unknown) => void
}

/** A core whose calls settle when the test says so. */
export function heldCore(options: Partial<LlmDriver> = {}): LlmDriver & { readonly held: HeldChat[] } {
  const held: HeldChat[] = []
  return {
    kind: 'llm',
    id: 'held',
    model: 'held-1',
    held,
    chat: (request, call) =>
      new Promise<CoreReply>((answer, fail) => {
        held.push({ request, call, answer, fail })
      }),
    ...options,
  }
}

/** A core that streams what `make` yields. */
export function streamingCore(
  make: (request: CoreRequest, call: DriverCall) => AsyncIterable<StreamPart> | Iterable<StreamPart>,
): LlmDriver {
  return {
    kind: 'llm',
    id: 'streaming',
    model: 'streaming-1',
    async *stream(request, call) {
      yield* make(request, call)
    },
  }
}

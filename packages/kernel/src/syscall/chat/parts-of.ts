import type { CoreReply, StreamPart } from '../../driver/chat.js'

/** Streams a reply that a core gave in one piece. */
export async function* partsOf(reply: CoreReply | Promise<CoreReply>): AsyncGenerator<StreamPart> {
  const { parts, finish, usage, model, warnings } = await reply
  yield { type: 'start', warnings: warnings ?? [] }
  if (model !== undefined) yield { type: 'response-metadata', model }
  for (const [index, part] of parts.entries()) {
    const id = String(index)
    if (part.type === 'text') {
      yield { type: 'text-start', id }
      yield { type: 'text-delta', id, text: part.text }
      yield { type: 'text-end', id, opaque: part.opaque }
    } else if (part.type === 'reasoning') {
      yield { type: 'reasoning-start', id }
      yield { type: 'reasoning-delta', id, text: part.text }
      yield { type: 'reasoning-end', id, opaque: part.opaque }
    } else if (part.type === 'tool-call') {
      yield part
    } else if (part.type !== 'tool-result') {
      yield { type: 'part', part }
    }
  }
  yield { type: 'finish', finish, usage }
}

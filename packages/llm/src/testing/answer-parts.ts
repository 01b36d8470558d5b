import type { CoreReply, MessagePart, StreamPart } from '@aios/kernel'
import type { PreparedAnswer } from './prepared-answer.js'

/** Splits a text so that the pieces joined are the text: words with the space after them. */
export function words(text: string): readonly string[] {
  return text.match(/\S+\s*|\s+/g) ?? []
}

/** Writes a prepared answer as one piece. */
export function replyOf({ reasoning, tokens, calls, finish, usage }: PreparedAnswer): CoreReply {
  const text = tokens.join('')
  const thought: MessagePart[] = reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning }]
  const said: MessagePart[] = text === '' ? [] : [{ type: 'text', text }]
  return { parts: [...thought, ...said, ...calls], finish, usage }
}

/** Writes what comes before the tokens of a streamed answer. */
export function openingParts({ reasoning }: PreparedAnswer): StreamPart[] {
  if (reasoning === '') return [{ type: 'start' }]
  const id = 'reasoning'
  return [
    { type: 'start' },
    { type: 'reasoning-start', id },
    ...words(reasoning).map((text): StreamPart => ({ type: 'reasoning-delta', id, text })),
    { type: 'reasoning-end', id },
  ]
}

/** Writes what comes after the tokens of a streamed answer. */
export function closingParts({ calls, finish, usage }: PreparedAnswer): StreamPart[] {
  const called = calls.flatMap((call): StreamPart[] => [
    { type: 'tool-input-start', id: call.id, name: call.name },
    { type: 'tool-input-delta', id: call.id, text: call.inputText },
    { type: 'tool-input-end', id: call.id },
    call,
  ])
  return [...called, { type: 'finish', finish, usage }]
}

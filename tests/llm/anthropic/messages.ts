/** What a provider of the Messages API says. */
import type { ServerResponse } from 'node:http'
import { EVENT_STREAM, type Body } from '../core/provider.js'

/** Makes a whole answer. */
export function message(content: readonly Body[], stopReason: string | null = 'end_turn', rest: Body = {}): Body {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'test-1',
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 2 },
    ...rest,
  }
}

export const text = (said: string): Body => ({ type: 'text', text: said })

export const start = (fields: Body = {}): Body => ({
  type: 'message_start',
  message: { ...message([], null), usage: { input_tokens: 3, output_tokens: 1 }, ...fields },
})

export const opens = (index: number, block: Body): Body => ({
  type: 'content_block_start',
  index,
  content_block: block,
})
export const piece = (index: number, delta: Body): Body => ({ type: 'content_block_delta', index, delta })
export const closes = (index: number): Body => ({ type: 'content_block_stop', index })

/** Streams a text as one block. */
export const said = (index: number, ...pieces: readonly string[]): Body[] => [
  opens(index, text('')),
  ...pieces.map((one) => piece(index, { type: 'text_delta', text: one })),
  closes(index),
]

export const concludes = (stopReason = 'end_turn', usage: Body = { output_tokens: 2 }): Body[] => [
  { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage },
  { type: 'message_stop' },
]

/** Writes an event as the API does: named like its type. */
export const frame = (event: Body, newline = '\n'): string =>
  `event: ${String(event['type'])}${newline}data: ${JSON.stringify(event)}${newline}${newline}`

/** Answers with events. */
export function stream(response: ServerResponse, events: readonly Body[]): void {
  response.writeHead(200, EVENT_STREAM)
  for (const event of events) response.write(frame(event))
  response.end()
}

/** Makes the body of an error. */
export const refusal = (type: string, rest: Body = {}): Body => ({
  type: 'error',
  error: { type, message: 'As the case demands.', ...rest },
  request_id: 'req_1',
})

import { messageText, type ChatRequest } from '@aios/kernel/driver'

/** Characters of a request that make about one token. */
const CHARS_PER_TOKEN = 4
/** Tokens of a part that is no text, as far as anybody can tell. */
const TOKENS_PER_PART = 256
/** Tokens of an answer of which nothing is known. */
export const USUAL_OUTPUT_TOKENS = 256

/** Estimates the input tokens of a request from its length, cheaply. */
export function inputTokens({ messages, tools = [] }: ChatRequest): number {
  let [chars, parts] = [0, 0]
  for (const { content } of messages) {
    if (typeof content === 'string') chars += content.length
    else
      for (const part of content) {
        if ('text' in part) chars += part.text.length
        else parts += 1
      }
  }
  for (const tool of tools) chars += typeof tool === 'string' ? 0 : tool.name.length + tool.description.length
  return Math.ceil(chars / CHARS_PER_TOKEN) + messages.length + TOKENS_PER_PART * parts
}

/** Returns what a request is about: the text of its last message from the user, else of its last message. */
export function queryText({ messages }: ChatRequest): string {
  const asked = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1)
  return asked === undefined ? '' : messageText(asked)
}

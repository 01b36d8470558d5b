import { serialize } from 'node:v8'
import type { CoreRequest, Usage } from '../../driver/chat.js'
import { messageParts, type Message, type MessagePart } from '../../driver/message.js'
import { CHARS_PER_TOKEN, TOKENS_PER_MESSAGE } from '../../limits.js'

/** Bytes of a string in UTF-8, at most: three for each UTF-16 unit beyond ASCII. */
function utf8Bound(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) bytes += 2
  return bytes
}

/** Bytes of any value: as JSON, or else, for numbers without end and what stands in itself, as it would be cloned. */
function valueBound(value: unknown): number {
  try {
    return utf8Bound(JSON.stringify(value))
  } catch {
    // It is no JSON.
  }
  try {
    return serialize(value).length
  } catch {
    // What cannot be cloned either has no size that anybody could tell.
    return 0
  }
}

function partBound(part: MessagePart): number {
  if (part.type === 'text' || part.type === 'reasoning') return utf8Bound(part.text)
  if (part.type === 'file') return typeof part.data === 'string' ? utf8Bound(part.data) : part.data.byteLength
  if (part.type === 'tool-call') return utf8Bound(part.name) + utf8Bound(part.inputText)
  return valueBound(part)
}

function messageBound(message: Message): number {
  return messageParts(message).reduce((sum, part) => sum + partBound(part), TOKENS_PER_MESSAGE)
}

/**
 * Bounds the input tokens of a request from above: no tokenizer makes more tokens than there are bytes, plus a constant
 * for each message and tool.
 */
export function inputBound(request: CoreRequest): number {
  let tokens = TOKENS_PER_MESSAGE
  for (const message of request.messages) tokens += messageBound(message)
  for (const tool of request.tools ?? []) tokens += TOKENS_PER_MESSAGE + valueBound(tool)
  return tokens
}

/** Estimates the input tokens of a request from its length alone: cheap enough for every call. */
export function inputEstimate(request: CoreRequest): number {
  let chars = 0
  for (const message of request.messages) {
    if (typeof message.content === 'string') chars += message.content.length
    else for (const part of message.content) chars += 'text' in part ? part.text.length : TOKENS_PER_MESSAGE
  }
  return Math.ceil(chars / CHARS_PER_TOKEN) + request.messages.length
}

/** Estimates usage where a core reported none: {@link CHARS_PER_TOKEN}. */
export function estimatedUsage(request: CoreRequest, outputChars: number): Usage {
  return {
    input: { total: Math.ceil(inputBound(request) / CHARS_PER_TOKEN) },
    output: { total: Math.ceil(outputChars / CHARS_PER_TOKEN) },
    estimated: true,
  }
}

/** Names who speaks in a message. */
export type Role = 'system' | 'user' | 'assistant' | 'tool'

/** Holds data of one provider, keyed by provider name; opaque to everyone else. */
export type ProviderBag = Readonly<Record<string, unknown>>

/** Is any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** Is a JSON Schema (2020-12) as a plain object. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** State that a provider attached to a part; returned byte for byte to the same provider, stripped for another. */
export interface Opaque {
  readonly opaque?: ProviderBag | undefined
}

/** Marks what must not be dropped. */
export interface Pinnable {
  /**
   * Keeps this part, and the message it stands in, verbatim when a conversation is fitted into a context window. On a
   * message it means all of its parts. Cores ignore it. Default false.
   */
  readonly pinned?: boolean | undefined
}

/** Text. */
export interface TextPart extends Opaque, Pinnable {
  readonly type: 'text'
  readonly text: string
}

/** What a reasoning model thought, where the provider shows it. Signatures live in `opaque`. */
export interface ReasoningPart extends Opaque, Pinnable {
  readonly type: 'reasoning'
  readonly text: string
}

/** An image, document or sound. `data` is bytes, a base64 string, or an `https:`/`data:` URL string. */
export interface FilePart extends Opaque, Pinnable {
  readonly type: 'file'
  /** IANA media type such as `image/png`. */
  readonly mediaType: string
  readonly data: Uint8Array | string
  readonly filename?: string | undefined
}

/** A tool call that the model asks for. */
export interface ToolCallPart extends Opaque, Pinnable {
  readonly type: 'tool-call'
  /** Unique within the message; matches the result to the call. */
  readonly id: string
  readonly name: string
  /** The parsed arguments, or `undefined` where `invalid` is set. */
  readonly input: unknown
  /** The arguments exactly as the model wrote them. */
  readonly inputText: string
  /** Why the arguments could not be parsed. */
  readonly invalid?: string | undefined
}

/** The result of a tool call, sent back to the model. */
export interface ToolResultPart extends Opaque, Pinnable {
  readonly type: 'tool-result'
  /** The id of the call that this answers. */
  readonly id: string
  readonly name: string
  /** A string, or any value that JSON can carry. */
  readonly output: unknown
  readonly isError?: boolean | undefined
}

/** A source that the provider cites. */
export interface SourcePart extends Opaque, Pinnable {
  readonly type: 'source'
  readonly url?: string | undefined
  readonly title?: string | undefined
}

/** Anything else a provider sends, kept so that nothing is dropped. `kind` is `provider.name`. */
export interface CustomPart extends Opaque, Pinnable {
  readonly type: 'custom'
  readonly kind: string
  readonly value: unknown
}

/** Is one part of a message; parts keep the order in which the model produced them. */
export type MessagePart = TextPart | ReasoningPart | FilePart | ToolCallPart | ToolResultPart | SourcePart | CustomPart

/** Is one message of a conversation. A string content means one text part. */
export interface Message extends Pinnable {
  readonly role: Role
  readonly content: string | readonly MessagePart[]
}

/** Returns the parts of a message, whichever way its content was written. */
export function messageParts(message: Message): readonly MessagePart[] {
  return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content
}

/** Joins the text parts of a message. */
export function messageText(message: Message): string {
  if (typeof message.content === 'string') return message.content
  let text = ''
  for (const part of message.content) if (part.type === 'text') text += part.text
  return text
}

import {
  anything,
  either,
  flag,
  listOf,
  mismatch,
  oneOf,
  optional,
  real,
  record,
  shape,
  string,
  text,
  whole,
  type Validate,
} from '../shape.js'

const opaque = optional(record)
const pinned = optional(flag)
const bytesOrText: Validate = (value, path) =>
  typeof value === 'string' || value instanceof Uint8Array
    ? undefined
    : mismatch('a string or a Uint8Array', path, value)

const parts: Readonly<Record<string, Validate>> = {
  text: shape({ type: anything, text: string, opaque, pinned }),
  reasoning: shape({ type: anything, text: string, opaque, pinned }),
  file: shape({ type: anything, mediaType: text, data: bytesOrText, filename: optional(text), opaque, pinned }),
  'tool-call': shape({
    type: anything,
    id: text,
    // A model may name no tool.
    name: string,
    input: anything,
    inputText: string,
    invalid: optional(string),
    opaque,
    pinned,
  }),
  'tool-result': shape({
    type: anything,
    id: text,
    name: string,
    output: anything,
    isError: optional(flag),
    opaque,
    pinned,
  }),
  source: shape({ type: anything, url: optional(text), title: optional(text), opaque, pinned }),
  custom: shape({ type: anything, kind: text, value: anything, opaque, pinned }),
}

const part: Validate = (value, path) => {
  const type = (value as { readonly type?: unknown } | null | undefined)?.type
  const check = typeof type === 'string' && Object.hasOwn(parts, type) ? parts[type] : undefined
  return check === undefined
    ? mismatch(`a part whose type is one of ${Object.keys(parts).join(', ')}`, path, value)
    : check(value, path)
}

const manyParts = listOf(part)
const content: Validate = (value, path) => (typeof value === 'string' ? undefined : manyParts(value, path))
const message = shape({ role: oneOf('system', 'user', 'assistant', 'tool'), content, pinned })
const inlineTool = shape({ name: text, description: string, inputSchema: record })
const tool: Validate = (value, path) =>
  typeof value === 'string' && value !== '' ? undefined : inlineTool(value, path)
const choice = either(
  '"auto", "none", "required" or { tool: name }',
  oneOf('auto', 'none', 'required'),
  shape({ tool: text }),
)
const format = either(
  '{ type: "text" } or { type: "json", schema? }',
  shape({ type: oneOf('text') }),
  shape({ type: oneOf('json'), schema: optional(record), name: optional(text) }),
)

/** Checks what every request to a model may have. */
export const CONVERSATION: Readonly<Record<string, Validate>> = {
  messages: listOf(message, 1),
  model: optional(text),
  llms: optional(listOf(shape({ name: text, backend: optional(text) }), 1)),
  require: optional(
    shape({
      maxLatencyMs: optional(real(0, Number.POSITIVE_INFINITY)),
      minQuality: optional(real(0, 1)),
      maxUsd: optional(real(0, Number.POSITIVE_INFINITY)),
    }),
  ),
  task: optional(text),
  temperature: optional(real(0, 2)),
  topP: optional(real(0, 1)),
  maxOutputTokens: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  stop: optional(listOf(text)),
  seed: optional(whole(0, Number.MAX_SAFE_INTEGER)),
  reasoning: optional(oneOf('none', 'minimal', 'low', 'medium', 'high')),
  providerOptions: optional(record),
}

/** Checks what a request may have that offers tools and says what the answer must look like. */
export const CHAT: Readonly<Record<string, Validate>> = {
  ...CONVERSATION,
  tools: optional(listOf(tool)),
  toolChoice: optional(choice),
  responseFormat: optional(format),
}

/** Checks the request of `llm.chat` and `llm.stream`. */
export const chatRequest: Validate = shape(CHAT)

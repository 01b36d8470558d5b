import type { CoreReply, FinishReason, MessagePart, StreamPart, ToolCallPart, Usage } from '@aios/kernel'
import type { WireObject } from './wire-field.js'

/** Names an answer. */
export interface CompletionHead {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
}

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  'context-overflow': 'length',
  paused: 'stop',
  aborted: 'stop',
  other: 'stop',
}

const joined = (parts: readonly MessagePart[], type: 'text' | 'reasoning'): string =>
  parts.map((part) => (part.type === type ? part.text : '')).join('')

/** Writes usage, or nothing where the core did not report both totals. */
export function toWireUsage({ input, output }: Usage): WireObject | undefined {
  if (input.total === undefined || output.total === undefined) return undefined
  return {
    prompt_tokens: input.total,
    completion_tokens: output.total,
    total_tokens: input.total + output.total,
    ...(input.cacheRead === undefined ? {} : { prompt_tokens_details: { cached_tokens: input.cacheRead } }),
    ...(output.reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: output.reasoning } }),
  }
}

const toWireCall = ({ id, name, inputText }: ToolCallPart): WireObject => ({
  id,
  type: 'function',
  function: { name, arguments: inputText },
})

/** Writes a whole answer. Files, sources and what else has no place in a chat completion is left out. */
export function toCompletion({ parts, finish, usage, model }: CoreReply, head: CompletionHead): WireObject {
  const calls = parts.filter((part) => part.type === 'tool-call')
  const [text, reasoning] = [joined(parts, 'text'), joined(parts, 'reasoning')]
  const counted = toWireUsage(usage)
  return {
    ...head,
    ...(model === undefined ? {} : { model }),
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          refusal: null,
          ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls.map(toWireCall) }),
        },
        logprobs: null,
        finish_reason: FINISH[finish.unified],
      },
    ],
    ...(counted === undefined ? {} : { usage: counted }),
  }
}

/** Writes the chunks of one streamed answer. */
export class ChunkWriter {
  readonly #wantsUsage: boolean
  readonly #indexes = new Map<string, number>()
  #head: CompletionHead

  constructor(head: CompletionHead, wantsUsage: boolean) {
    this.#head = head
    this.#wantsUsage = wantsUsage
  }

  /** Returns what a client hears first of every answer. */
  opening(): WireObject {
    return this.#chunk({ role: 'assistant', content: '' })
  }

  /** Returns the chunks of a part; none for what has no place in a chat completion. */
  write(part: StreamPart): readonly WireObject[] {
    switch (part.type) {
      case 'response-metadata':
        if (part.model !== undefined) this.#head = { ...this.#head, model: part.model }
        return []
      case 'text-delta':
        return [this.#chunk({ content: part.text })]
      case 'reasoning-delta':
        return [this.#chunk({ reasoning_content: part.text })]
      case 'tool-input-start':
        return [this.#call(part.id, part.name, '')]
      case 'tool-input-delta':
        return [
          this.#chunk({ tool_calls: [{ index: this.#indexes.get(part.id), function: { arguments: part.text } }] }),
        ]
      case 'tool-call':
        return this.#indexes.has(part.id) ? [] : [this.#call(part.id, part.name, part.inputText)]
      case 'finish':
        return this.#ending(part)
      case 'start':
      case 'text-start':
      case 'text-end':
      case 'reasoning-start':
      case 'reasoning-end':
      case 'tool-input-end':
      case 'part':
        return []
    }
  }

  #call(id: string, name: string, text: string): WireObject {
    const index = this.#indexes.size
    this.#indexes.set(id, index)
    return this.#chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: text } }] })
  }

  #ending({ finish, usage }: Extract<StreamPart, { readonly type: 'finish' }>): readonly WireObject[] {
    const counted = this.#wantsUsage ? toWireUsage(usage) : undefined
    const last = this.#chunk({}, FINISH[finish.unified])
    return counted === undefined ? [last] : [last, { ...this.#chunk({}), choices: [], usage: counted }]
  }

  #chunk(delta: WireObject, finishReason: string | null = null): WireObject {
    return {
      ...this.#head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    }
  }
}

import type { ChatReply, CoreReply, CoreWarning, Finish, StreamPart, Usage } from '../../driver/chat.js'
import type { LlmDriver } from '../../driver/llm-driver.js'
import type { MessagePart, ToolCallPart } from '../../driver/message.js'
import type { Syscall } from '../syscall.js'
import { callMeta } from './call-meta.js'

/** Folds the parts of a stream into the reply they mean; blocks keep the order in which they began. */
export class ReplyBuilder {
  readonly #parts: MessagePart[] = []
  readonly #blocks = new Map<string, number>()
  #warnings: readonly CoreWarning[] = []
  #model: string | undefined = undefined
  #finish: Finish | undefined = undefined
  #usage: Usage = { input: {}, output: {} }

  /** Takes one part. */
  add(part: StreamPart): void {
    switch (part.type) {
      case 'start':
        this.#warnings = part.warnings ?? []
        break
      case 'response-metadata':
        this.#model = part.model ?? this.#model
        break
      case 'text-start':
      case 'text-delta':
        this.#extend(part.id, 'text', part.type === 'text-delta' ? part.text : '')
        break
      case 'reasoning-start':
      case 'reasoning-delta':
        this.#extend(part.id, 'reasoning', part.type === 'reasoning-delta' ? part.text : '')
        break
      case 'text-end':
      case 'reasoning-end':
        this.#close(part.id, part.type === 'text-end' ? 'text' : 'reasoning', part.opaque)
        break
      case 'tool-call':
        this.#parts.push(part)
        break
      case 'part':
        this.#parts.push(part.part)
        break
      case 'finish':
        this.#finish = part.finish
        this.#usage = part.usage
        break
      default:
        break
    }
  }

  /** Returns what was built so far, ended as `finish` says unless the stream ended itself. */
  build(finish: Finish): CoreReply {
    const parts = this.#parts.filter(
      (part) => (part.type !== 'text' && part.type !== 'reasoning') || part.text !== '' || part.opaque !== undefined,
    )
    return { parts, finish: this.#finish ?? finish, usage: this.#usage, model: this.#model, warnings: this.#warnings }
  }

  #extend(id: string, type: 'text' | 'reasoning', text: string): void {
    const key = `${type}:${id}`
    const index = this.#blocks.get(key)
    const part = index === undefined ? undefined : this.#parts[index]
    if (index === undefined || part === undefined) {
      this.#blocks.set(key, this.#parts.push({ type, text }) - 1)
    } else if (part.type === type) {
      this.#parts[index] = { ...part, text: part.text + text }
    }
  }

  #close(id: string, type: 'text' | 'reasoning', opaque: Readonly<Record<string, unknown>> | undefined): void {
    const key = `${type}:${id}`
    const index = this.#blocks.get(key)
    const part = index === undefined ? undefined : this.#parts[index]
    if (index !== undefined && part !== undefined && opaque !== undefined) this.#parts[index] = { ...part, opaque }
    this.#blocks.delete(key)
  }
}

/** Makes the reply of a call out of what the core answered. */
export function chatReply(call: Syscall, core: CoreReply): ChatReply {
  return {
    text: core.parts.reduce((text, part) => (part.type === 'text' ? text + part.text : text), ''),
    message: { role: 'assistant', content: core.parts },
    toolCalls: core.parts.filter((part): part is ToolCallPart => part.type === 'tool-call'),
    finish: core.finish,
    // A core in JavaScript may report nothing.
    usage: core.usage ?? { input: {}, output: {} },
    model: core.model ?? (call.device as LlmDriver | undefined)?.model ?? '',
    warnings: core.warnings ?? [],
    meta: callMeta(call),
  }
}

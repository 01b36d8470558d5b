import type { StreamPart, ToolCallPart } from '@aios/kernel'
import { parseToolInput } from '../tool-call/tool-input.js'

/** Writes the parts of an answer: blocks of text and thought one after the other, and tool calls. */
export class AnswerBlocks {
  /** Output tokens in thoughts. */
  reasoningTokens = 0
  calls = 0
  readonly #idOfCall: (index: number) => string
  readonly #parts: StreamPart[] = []
  #open: { readonly type: 'text' | 'reasoning'; readonly id: string } | undefined
  #blocks = 0
  #call: { readonly id: string; readonly name: string; inputText: string } | undefined
  /** Tokens that no part has told of. */
  #tokens = 0

  /** @param idOfCall - makes the id of a tool call from its index in the answer */
  constructor(idOfCall: (index: number) => string) {
    this.#idOfCall = idOfCall
  }

  /** Returns what was written since it was last asked. */
  take(): StreamPart[] {
    return this.#parts.splice(0)
  }

  /** Counts tokens; the next part that can tells of them. */
  count(tokens: number): void {
    this.#tokens += tokens
  }

  say(type: 'text' | 'reasoning', text: string): void {
    if (text === '') return
    if (this.#open?.type !== type) {
      this.close()
      this.#open = { type, id: String(this.#blocks) }
      this.#blocks += 1
      this.#parts.push({ type: `${type}-start`, id: this.#open.id })
    }
    const tokens = this.#tokens
    this.#tokens = 0
    if (type === 'reasoning') this.reasoningTokens += tokens
    this.#parts.push({ type: `${type}-delta`, id: this.#open.id, text, tokens })
  }

  /** Ends the block of text or thought that is open. */
  close(): void {
    if (this.#open === undefined) return
    this.#parts.push({ type: `${this.#open.type}-end`, id: this.#open.id })
    this.#open = undefined
  }

  beginCall(name: string): void {
    this.close()
    const id = this.#idOfCall(this.calls)
    this.calls += 1
    this.#call = { id, name, inputText: '' }
    this.#parts.push({ type: 'tool-input-start', id, name })
  }

  input(text: string): void {
    if (this.#call === undefined || text === '') return
    this.#call.inputText += text
    this.#tokens = 0
    this.#parts.push({ type: 'tool-input-delta', id: this.#call.id, text })
  }

  endCall(): void {
    if (this.#call === undefined) return
    const { id, name, inputText } = this.#call
    this.#call = undefined
    const call: ToolCallPart = { type: 'tool-call', id, name, ...parseToolInput(inputText) }
    this.#parts.push({ type: 'tool-input-end', id }, call)
  }
}

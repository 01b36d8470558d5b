import type { StreamPart } from '@aios/kernel'
import { callPart } from './answered-item.js'
import type { Item } from './item-state.js'

/** Is a call of one of the caller's tools that is being streamed. */
export class OpenCall {
  readonly #naming: { readonly id: string; readonly name: string }
  readonly #host: string
  #inputText = ''

  constructor(naming: { readonly id: string; readonly name: string }, host: string) {
    this.#naming = naming
    this.#host = host
  }

  begin(): StreamPart[] {
    return this.#shown([{ type: 'tool-input-start', ...this.#naming }])
  }

  add(delta: unknown): StreamPart[] {
    if (typeof delta !== 'string' || delta === '') return []
    this.#inputText += delta
    return this.#shown([{ type: 'tool-input-delta', id: this.#naming.id, text: delta }])
  }

  /** Ends it. What the whole item says counts: pieces of it may not have been streamed. */
  end(item: Item): StreamPart[] {
    const whole = typeof item['arguments'] === 'string' ? item['arguments'] : ''
    const rest = whole.startsWith(this.#inputText) ? this.add(whole.slice(this.#inputText.length)) : []
    const end = this.#shown([{ type: 'tool-input-end', id: this.#naming.id }])
    return [...rest, ...end, callPart(item, { ...this.#naming, inputText: this.#inputText }, this.#host)]
  }

  /** A call that names no tool is not shown as it grows. */
  #shown(parts: StreamPart[]): StreamPart[] {
    return this.#naming.name === '' ? [] : parts
  }
}

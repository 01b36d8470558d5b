import type { StreamPart } from '@aios/kernel'
import { stateOf } from '../provider-state.js'

type Fields = Readonly<Record<string, unknown>>
type Kind = 'text' | 'reasoning'

interface Block {
  readonly kind: Kind
  /** The id by which the model knows it. */
  readonly key: string
  /** Ours: models number text and reasoning apart, and use their numbers again. */
  readonly id: string
  /** The last that came holds. */
  metadata: unknown
}

/**
 * Keeps track of the block of text or reasoning that is open. Models of the AI SDK may have several open at once; ours
 * come one after another.
 */
export class OpenBlocks {
  readonly #provider: string
  #open: Block | undefined
  #count = 0

  constructor(provider: string) {
    this.#provider = provider
  }

  /** Takes the start, a piece or the end of a block, and returns the parts it makes. */
  read(type: string, event: Fields): StreamPart[] {
    const [kind, what] = type.split('-') as [Kind, 'start' | 'delta' | 'end']
    const key = String(event['id'])
    const text = typeof event['delta'] === 'string' ? event['delta'] : ''
    const isOpen = this.#open?.kind === kind && this.#open.key === key
    if (what === 'end' && !isOpen) return this.#late(kind, key, event['providerMetadata'])
    const parts = isOpen && what !== 'start' ? [] : this.#needed(what, text, event) ? this.#begin(kind, key) : []
    const block = this.#open
    if (block?.kind !== kind || block.key !== key) return parts
    block.metadata = event['providerMetadata'] ?? block.metadata
    if (text !== '') parts.push({ type: `${kind}-delta`, id: block.id, text })
    return what === 'end' ? [...parts, ...this.close()] : parts
  }

  /** Ends the block that is open, if one is. */
  close(): StreamPart[] {
    const block = this.#open
    this.#open = undefined
    if (block === undefined) return []
    return [{ type: `${block.kind}-end`, id: block.id, ...stateOf(this.#provider, block.metadata) }]
  }

  /** A piece without text opens nothing, unless it carries state. */
  #needed(what: string, text: string, event: Fields): boolean {
    return what === 'start' || text !== '' || event['providerMetadata'] !== undefined
  }

  #begin(kind: Kind, key: string): StreamPart[] {
    const closing = this.close()
    this.#count += 1
    const id = `block-${this.#count}`
    this.#open = { kind, key, id, metadata: undefined }
    return [...closing, { type: `${kind}-start`, id }]
  }

  /** The end of a block that had to make room for another: what it says is kept in a block of its own. */
  #late(kind: Kind, key: string, metadata: unknown): StreamPart[] {
    if (stateOf(this.#provider, metadata).opaque === undefined) return []
    const opening = this.#begin(kind, key)
    this.#open!.metadata = metadata
    return [...opening, ...this.close()]
  }
}

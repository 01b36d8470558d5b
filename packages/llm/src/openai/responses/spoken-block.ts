import type { ProviderBag, StreamPart } from '@aios/kernel'

type Kind = 'text' | 'reasoning'

interface Open {
  readonly key: string
  readonly kind: Kind
  readonly id: string
  /** Returns what goes back with the block if another begins before its item is done. */
  state(): ProviderBag | undefined
}

/** Says which block a piece belongs to. */
export interface SpokenPiece extends Omit<Open, 'id'> {
  readonly text: string
}

/** Is the text, or the reasoning, that is being said: one at a time. */
export class SpokenBlock {
  readonly #begun = new Set<string>()
  #open: Open | undefined
  #blocks = 0

  /** Tells whether a block has begun, open or not. */
  hasBegun(key: string): boolean {
    return this.#begun.has(key)
  }

  /** Adds a piece to its block, which is opened if it is not the one that is open. */
  say({ text, ...block }: SpokenPiece): StreamPart[] {
    if (text === '') return []
    const begun = this.#open?.key === block.key ? [] : this.#begin(block)
    const { id, kind } = this.#open as Open
    return [...begun, { type: `${kind}-delta`, id, text }]
  }

  /** Ends the block of a key, with what goes back with it; one that is not open any more has ended. */
  end(key: string, opaque: ProviderBag): StreamPart[] {
    return this.#open?.key === key ? this.#close(opaque) : []
  }

  /** Says nothing, in a block of its own: for reasoning of which only its state came. */
  mark(kind: Kind, opaque: ProviderBag): StreamPart[] {
    return [...this.#begin({ key: '', kind, state: () => undefined }), ...this.#close(opaque)]
  }

  /** Ends whatever is open. */
  leave(): StreamPart[] {
    return this.#open === undefined ? [] : this.#close(this.#open.state())
  }

  #begin(block: Omit<Open, 'id'>): StreamPart[] {
    const before = this.leave()
    this.#blocks += 1
    this.#open = { ...block, id: String(this.#blocks) }
    this.#begun.add(block.key)
    return [...before, { type: `${block.kind}-start`, id: this.#open.id }]
  }

  #close(opaque: ProviderBag | undefined): StreamPart[] {
    const { kind, id } = this.#open as Open
    this.#open = undefined
    return [{ type: `${kind}-end`, id, ...(opaque === undefined ? {} : { opaque }) }]
  }
}

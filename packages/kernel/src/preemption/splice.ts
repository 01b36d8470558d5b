import type { StreamPart } from '../driver/chat.js'

/** Is where a stream was cut: the text block that was open, and the ids that are taken. */
export interface Seam {
  readonly openText: string | undefined
  readonly ids: ReadonlySet<string>
}

/**
 * Joins what a core yields after a cut to what was delivered before it, so that a consumer sees one stream: no second
 * start, the open block continued under its id, and no id twice.
 */
export class Splice {
  readonly #ids: Set<string>
  /** Ids of this slice that are delivered under another name, by type and id. */
  readonly #names = new Map<string, string>()
  /** The block that waits to be continued. */
  #open: string | undefined

  constructor({ openText, ids }: Seam) {
    this.#open = openText
    this.#ids = new Set(ids)
  }

  /** Returns what to deliver for a part of the core. */
  map(part: StreamPart): readonly StreamPart[] {
    switch (part.type) {
      case 'start':
      case 'response-metadata':
        return []
      case 'text-start':
      case 'text-delta':
      case 'text-end':
        return this.#text(part)
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return [...this.#closed(), { ...part, id: this.#name('reasoning', part.id) }]
      default:
        return [...this.#closed(), part]
    }
  }

  #text(part: Extract<StreamPart, { type: `text-${string}` }>): readonly StreamPart[] {
    const open = this.#open
    if (open === undefined) return [{ ...part, id: this.#name('text', part.id) }]
    // The first text after the cut is the rest of the block that was cut.
    this.#open = undefined
    this.#names.set(`text:${part.id}`, open)
    return part.type === 'text-start' ? [] : [{ ...part, id: open }]
  }

  /** Ends the block that was cut, if nothing more came of it. */
  #closed(): readonly StreamPart[] {
    const id = this.#open
    this.#open = undefined
    return id === undefined ? [] : [{ type: 'text-end', id }]
  }

  #name(type: string, id: string): string {
    const key = `${type}:${id}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    let name = id
    for (let next = this.#ids.size; this.#ids.has(name); next += 1) name = String(next)
    this.#ids.add(name)
    this.#names.set(key, name)
    return name
  }
}

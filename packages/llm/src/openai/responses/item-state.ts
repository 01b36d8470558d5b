import type { Opaque, ProviderBag } from '@aios/kernel'
import { isRecord } from '../../core/record.js'

/** Is an item of a response, as it came or as it is sent. */
export type Item = Readonly<Record<string, unknown>> & { readonly type: string }

/** Is what a part keeps of the item it was, beside what it says itself. */
export interface ItemState {
  /** Type of the item. */
  readonly type: string
  /** Fields of the item that its part has no place for, exactly as they came; all of them for reasoning. */
  readonly item: Readonly<Record<string, unknown>>
  /** The same of one content of a message. */
  readonly content?: Readonly<Record<string, unknown>> | undefined
}

/** Tells whether a value is an item. */
export function isItem(value: unknown): value is Item {
  return isRecord(value) && typeof value['type'] === 'string'
}

/** Returns the fields of a record but for some. */
export function fieldsBeside(
  fields: Readonly<Record<string, unknown>>,
  ...held: readonly string[]
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !held.includes(name)))
}

/** Marks a part with the host it came from, and what has to go back there with it. */
export function stateOf(host: string, state: ItemState): ProviderBag {
  return { openai: { host, ...state } }
}

/** Returns what a part brings back to this host; undefined for a part that came from elsewhere or brought nothing. */
export function stateFor(host: string, part: Opaque): ItemState | undefined {
  const state = part.opaque?.['openai']
  if (!isRecord(state) || state['host'] !== host) return undefined
  const { type, item, content } = state
  if (typeof type !== 'string' || !isRecord(item)) return undefined
  return { type, item, ...(isRecord(content) ? { content } : {}) }
}

/** Tells whether a part was marked by another host. */
export function isForeign(host: string, part: Opaque): boolean {
  const state = part.opaque?.['openai']
  return isRecord(state) && state['host'] !== host
}

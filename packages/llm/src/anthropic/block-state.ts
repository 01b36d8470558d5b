import type { Opaque, ProviderBag } from '@aios/kernel'
import { isRecord } from '../core/record.js'

/** Is a content block of a message, as it came or as it is sent. */
export type Block = Readonly<Record<string, unknown>> & { readonly type: string }

/** Is what a part keeps of the block it was, beside what it says itself. */
export interface BlockState {
  /** Type of the block. */
  readonly type: string
  /** Its other fields, such as a signature, exactly as they came. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Names the fields that parts hold by themselves. */
const HELD: Readonly<Record<string, readonly string[]>> = {
  text: ['text'],
  thinking: ['thinking'],
  redacted_thinking: [],
  tool_use: ['id', 'name', 'input'],
}

const saysNothing = (value: unknown): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0)

/** Returns the fields of a block that its part has no place for. */
export function fieldsBeside({ type, ...fields }: Block): Readonly<Record<string, unknown>> {
  const held = HELD[type] ?? []
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !held.includes(name) && !saysNothing(value)),
  )
}

/** Marks a part with the host it came from, and what has to go back there with it; undefined if that is nothing. */
export function stateOf(host: string, { type, fields }: BlockState): ProviderBag | undefined {
  return Object.keys(fields).length === 0 ? undefined : { anthropic: { host, type, fields } }
}

/** Returns what a part brings back to this host; undefined for a part that came from elsewhere or brought nothing. */
export function stateFor(host: string, part: Opaque): BlockState | undefined {
  const state = part.opaque?.['anthropic']
  if (!isRecord(state) || state['host'] !== host) return undefined
  const { type, fields } = state
  return typeof type === 'string' && isRecord(fields) ? { type, fields } : undefined
}

/** Tells whether a part was marked by another host. */
export function isForeign(host: string, part: Opaque): boolean {
  const state = part.opaque?.['anthropic']
  return isRecord(state) && state['host'] !== host
}

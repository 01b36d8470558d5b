import type { Opaque, ProviderBag } from '@aios/kernel'
import { isRecord } from '../core/record.js'
import type { WirePart } from './wire-content.js'

/** Is what a part of an answer carries besides its content, and what has to come back with it. */
export interface PartOrigin {
  /** What the model was thinking, encrypted; Gemini 3 refuses a function call that comes back without it. */
  readonly signature?: string | undefined
  /** The id that the provider gave to a function call, if it did. */
  readonly id?: string | undefined
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Marks a part with the host it came from, where its state may return to. */
export function partOrigin(host: string, { signature, id }: PartOrigin = {}): ProviderBag {
  return { google: { host, ...(signature === undefined ? {} : { signature }), ...(id === undefined ? {} : { id }) } }
}

/** Returns the signature of a part of an answer. */
export function signatureOf(part: WirePart): string | undefined {
  return text(part['thoughtSignature'])
}

/** Returns what a part may take back to this host, or undefined if it came from elsewhere. */
export function returningOrigin({ opaque }: Opaque, host: string): PartOrigin | undefined {
  const origin = opaque?.['google']
  if (!isRecord(origin) || origin['host'] !== host) return undefined
  return { signature: text(origin['signature']), id: text(origin['id']) }
}

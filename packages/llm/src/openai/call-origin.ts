import type { Opaque, ProviderBag } from '@aios/kernel'
import { isRecord } from '../core/record.js'

/** Names the field of a call in which Google's server of chat completions sends the signature that it demands back. */
const EXTRA = 'extra_content'

/** Reads what stands beside a call for its own server. */
export function readExtra(call: Readonly<Record<string, unknown>>): unknown {
  return call[EXTRA] ?? undefined
}

/** Marks a call with the host it came from, and what goes back there with it; nothing if nothing does. */
export function callOrigin(host: string, extra: unknown): { readonly opaque?: ProviderBag } {
  return extra === undefined ? {} : { opaque: { openai: { host, [EXTRA]: extra } } }
}

/** Returns what goes back to this host with a call. */
export function returningExtra(part: Opaque, host: string): Readonly<Record<string, unknown>> {
  const origin = part.opaque?.['openai']
  if (!isRecord(origin) || origin['host'] !== host || origin[EXTRA] === undefined) return {}
  return { [EXTRA]: origin[EXTRA] }
}

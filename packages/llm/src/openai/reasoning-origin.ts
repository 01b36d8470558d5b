import type { ProviderBag, ReasoningPart } from '@aios/kernel'
import { isRecord } from '../core/record.js'
import { REASONING_FIELDS, type ReasoningField } from './completion.js'

/**
 * Marks reasoning with the host and field it came from. Some servers demand it back between tool calls while others
 * reject the field, so it returns to the same host only.
 */
export function reasoningOrigin(host: string, field: ReasoningField): ProviderBag {
  return { openai: { host, field } }
}

/** Returns the field in which this host takes the part back, or undefined if it came from elsewhere. */
export function returningField(part: ReasoningPart, host: string): ReasoningField | undefined {
  const origin = part.opaque?.['openai']
  if (!isRecord(origin) || origin['host'] !== host) return undefined
  return [...REASONING_FIELDS, 'content' as const].find((field) => field === origin['field'])
}

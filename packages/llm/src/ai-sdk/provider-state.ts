import type { ProviderBag } from '@aios/kernel'
import { isRecord } from '../core/record.js'
import { BAG } from '../core/result-content.js'

export { BAG, contentState, isContent } from '../core/result-content.js'

/** Begins the kind of every `custom` part that holds a content part of the AI SDK. */
export const KIND = `${BAG}.`

type Fields = Readonly<Record<string, unknown>>

/** Tells whether there is nothing in an object, or only empty objects. */
function isEmpty(fields: Fields): boolean {
  return Object.values(fields).every((value) => isRecord(value) && Object.keys(value).length === 0)
}

/**
 * Keeps what a model attached to a part, so that it goes back to the models of the same provider as it is.
 *
 * @param provider - the model's provider, such as `openai.responses`; undefined if an app attached it
 * @param metadata - by the names of providers
 */
export function stateOf(provider: string | undefined, metadata: unknown): { readonly opaque?: ProviderBag } {
  if (!isRecord(metadata) || isEmpty(metadata)) return {}
  return { opaque: { [BAG]: { ...(provider === undefined ? {} : { provider }), metadata } } }
}

/** Keeps whose a part is, whatever it carries: what only its provider can take back. */
export function ownedState(provider: string, metadata: unknown): { readonly opaque: ProviderBag } {
  return { opaque: { [BAG]: { provider, metadata: isRecord(metadata) ? metadata : {} } } }
}

/** Returns the provider whose model attached state to a part, if one did. */
export function originOf(opaque: ProviderBag | undefined): unknown {
  const kept = opaque?.[BAG]
  return isRecord(kept) ? kept['provider'] : undefined
}

/** Returns what was kept of a part, whoever it belongs to. */
export function metadataIn(opaque: ProviderBag | undefined): Fields | undefined {
  const kept = opaque?.[BAG]
  return isRecord(kept) && isRecord(kept['metadata']) ? kept['metadata'] : undefined
}

/** Returns the `providerOptions` that carry the state of a part back to a model; of another provider's, nothing. */
export function returnedState(
  opaque: ProviderBag | undefined,
  provider: string,
): { readonly providerOptions?: Fields } {
  const metadata = metadataIn(opaque)
  const origin = originOf(opaque)
  const isForeign = origin !== undefined && origin !== provider
  return isForeign || metadata === undefined || isEmpty(metadata) ? {} : { providerOptions: metadata }
}

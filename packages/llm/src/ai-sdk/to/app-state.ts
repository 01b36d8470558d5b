import type { MessagePart, ProviderBag } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import { BAG, metadataIn, originOf } from '../provider-state.js'
import type { AppMetadata } from './served-model.js'

type Fields = Readonly<Record<string, unknown>>

/** Names what is the kernel's in `providerOptions` and `providerMetadata`. */
export const AIOS = 'aios'

/** Returns the metadata of a part that an app is to send back with it. */
export function toMetadata(opaque: ProviderBag | undefined): { providerMetadata?: AppMetadata } {
  if (opaque === undefined) return {}
  const others = Object.fromEntries(Object.entries(opaque).filter(([name]) => name !== BAG))
  const origin = originOf(opaque)
  const own = {
    ...(Object.keys(others).length === 0 ? {} : { opaque: others }),
    ...(origin === undefined ? {} : { origin }),
  }
  const metadata = { ...metadataIn(opaque), ...(Object.keys(own).length === 0 ? {} : { [AIOS]: own }) }
  return { providerMetadata: metadata as AppMetadata }
}

/** Returns the metadata by which a part that the AI SDK has no word for comes back whole. */
export function carried(part: MessagePart): { providerMetadata: AppMetadata } {
  return { providerMetadata: { [AIOS]: { part } } as unknown as AppMetadata }
}

/** Returns the part that an app sends back whole, if it does. */
export function carriedPart(providerOptions: unknown): MessagePart | undefined {
  const own = isRecord(providerOptions) ? providerOptions[AIOS] : undefined
  const part = isRecord(own) ? own['part'] : undefined
  return isRecord(part) && typeof part['type'] === 'string' ? (part as unknown as MessagePart) : undefined
}

/** Returns the state of a part as the kernel keeps it; what the app itself says to a provider is kept with it. */
export function toOpaque(providerOptions: unknown): { readonly opaque?: ProviderBag } {
  if (!isRecord(providerOptions)) return {}
  const { [AIOS]: own, ...metadata } = providerOptions
  const { opaque, origin } = isRecord(own) ? own : ({} as Fields)
  const isSaid = Object.keys(metadata).length > 0 || origin !== undefined
  const bag = {
    ...(isRecord(opaque) ? opaque : {}),
    ...(isSaid ? { [BAG]: { ...(origin === undefined ? {} : { provider: origin }), metadata } } : {}),
  }
  return Object.keys(bag).length === 0 ? {} : { opaque: bag }
}

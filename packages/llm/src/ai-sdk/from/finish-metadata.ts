import type { CustomPart } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import { KIND, ownedState } from '../provider-state.js'

/** Names the part that holds what a provider says about a whole answer, such as log probabilities. */
export const METADATA_KIND = `${KIND}metadata`

/** Keeps what a provider says about a whole answer, if it says anything. */
export function finishMetadata(metadata: unknown, provider: string): CustomPart[] {
  if (!isRecord(metadata)) return []
  const isSaid = Object.values(metadata).some((own) => !isRecord(own) || Object.keys(own).length > 0)
  return isSaid ? [{ type: 'custom', kind: METADATA_KIND, value: metadata, ...ownedState(provider, {}) }] : []
}

import type * as sdk from '@google/generative-ai'
import { loadPeer } from '../core/load-peer.js'

/** Is the module of the package `@google/generative-ai`. */
export type GenerativeAiSdk = typeof sdk

/**
 * Loads the package `@google/generative-ai`, an optional peer, when the first core needs it.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export function loadSdk(
  load: () => Promise<GenerativeAiSdk> = () => import('@google/generative-ai'),
): Promise<GenerativeAiSdk> {
  const install = '@google/generative-ai@0.24.1'
  return loadPeer({ name: '@google/generative-ai', versions: '^0.24.1', install }, load)
}

import type * as sdk from '@google/genai'
import { loadPeer } from '../core/load-peer.js'

/** Is the module of the package `@google/genai`. */
export type GenAiSdk = typeof sdk

/**
 * Loads the package `@google/genai`, an optional peer, when the first core needs it.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export function loadSdk(load: () => Promise<GenAiSdk> = () => import('@google/genai')): Promise<GenAiSdk> {
  return loadPeer({ name: '@google/genai', versions: '^2.32 or ^3', install: '@google/genai@^2.32' }, load)
}

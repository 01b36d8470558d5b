import type * as sdk from 'openai'
import { loadPeer } from '../core/load-peer.js'

/** Is the module of the package `openai`. */
export type OpenAiSdk = typeof sdk

/**
 * Loads the package `openai`, an optional peer, when the first core needs it.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export function loadSdk(load: () => Promise<OpenAiSdk> = () => import('openai')): Promise<OpenAiSdk> {
  return loadPeer({ name: 'openai', versions: '^6 or ^7', install: 'openai@^6' }, load)
}

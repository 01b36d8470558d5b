import type * as sdk from 'ollama'
import { loadPeer } from '../core/load-peer.js'

/** Is the module of the package `ollama`. */
export type OllamaSdk = typeof sdk

/**
 * Loads the package `ollama`, an optional peer, when the first core needs it.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export function loadSdk(load: () => Promise<OllamaSdk> = () => import('ollama')): Promise<OllamaSdk> {
  return loadPeer({ name: 'ollama', versions: '^0.6.4', install: 'ollama@^0.6.4' }, load)
}

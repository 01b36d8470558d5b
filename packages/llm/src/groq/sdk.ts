import type * as sdk from 'groq-sdk'
import { loadPeer } from '../core/load-peer.js'

/** Is the module of the package `groq-sdk`. */
export type GroqSdk = typeof sdk

/**
 * Loads the package `groq-sdk`, an optional peer, when the first core needs it.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export function loadSdk(load: () => Promise<GroqSdk> = () => import('groq-sdk')): Promise<GroqSdk> {
  return loadPeer({ name: 'groq-sdk', versions: '^1.6', install: 'groq-sdk@^1.6' }, load)
}

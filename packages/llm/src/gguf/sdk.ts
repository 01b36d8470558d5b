import type * as sdk from 'node-llama-cpp'
import { loadPeer } from '../core/load-peer.js'

/** Is the module of the package `node-llama-cpp`. */
export type LlamaSdk = typeof sdk

/**
 * Loads the package `node-llama-cpp`, an optional peer, when the first core needs it.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export function loadSdk(load: () => Promise<LlamaSdk> = () => import('node-llama-cpp')): Promise<LlamaSdk> {
  return loadPeer({ name: 'node-llama-cpp', versions: '^3.22.1', install: 'node-llama-cpp@^3.22.1' }, load)
}

import type * as sdk from '@anthropic-ai/sdk'
import { loadPeer } from '../core/load-peer.js'

/** Is the module of the package `@anthropic-ai/sdk`. */
export type AnthropicSdk = typeof sdk

/**
 * Loads the package `@anthropic-ai/sdk`, an optional peer, when the first core needs it.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export function loadSdk(load: () => Promise<AnthropicSdk> = () => import('@anthropic-ai/sdk')): Promise<AnthropicSdk> {
  return loadPeer({ name: '@anthropic-ai/sdk', versions: '^1.12', install: '@anthropic-ai/sdk@^1.12' }, load)
}

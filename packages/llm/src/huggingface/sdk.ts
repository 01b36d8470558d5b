import type * as sdk from '@huggingface/transformers'
import { loadPeer } from '../core/load-peer.js'

/** Is the module of the package `@huggingface/transformers`. */
export type TransformersSdk = typeof sdk

/**
 * Loads the package `@huggingface/transformers`, an optional peer, when the first core needs it, and keeps it from writing to the
 * console unless somebody has set its log level: it would write prompts there.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export async function loadSdk(
  load: () => Promise<TransformersSdk> = () => import('@huggingface/transformers'),
): Promise<TransformersSdk> {
  const name = '@huggingface/transformers'
  const module = await loadPeer({ name, versions: '^4.3.1', install: `${name}@^4.3.1` }, load)
  const { env, LogLevel } = module
  if (env.logLevel === LogLevel.WARNING) env.logLevel = LogLevel.NONE
  return module
}

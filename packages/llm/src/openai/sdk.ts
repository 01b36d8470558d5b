import { AiosError } from '@aios/kernel'
import type * as sdk from 'openai'

/** Is the module of the package `openai`. */
export type OpenAiSdk = typeof sdk

/**
 * Loads the package `openai`, an optional peer, when the first core needs it.
 *
 * @param load - imports the module; replaced in tests
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export async function loadSdk(load: () => Promise<OpenAiSdk> = () => import('openai')): Promise<OpenAiSdk> {
  try {
    return await load()
  } catch (cause) {
    const message = 'Expected the package "openai" (^6 or ^7) to be installed, got none. Run: npm install openai@^6'
    throw new AiosError('AIOS_MISSING_PEER', message, { cause })
  }
}

import { AiosError } from '@aios/kernel/driver'

/** Names an optional peer: its package, the versions that are known to work, and the one to install on Node 20. */
export interface Peer {
  readonly name: string
  readonly versions: string
  readonly install: string
}

/**
 * Loads a vendor's package when the first core needs it.
 *
 * @param load - imports the module
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it
 */
export async function loadPeer<T>({ name, versions, install }: Peer, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const message = `Expected the package "${name}" (${versions}) to be installed, got none. Run: npm install ${install}`
    throw new AiosError('AIOS_MISSING_PEER', message, { cause })
  }
}

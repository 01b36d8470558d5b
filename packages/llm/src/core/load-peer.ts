import { AiosError } from '@aios/kernel/driver'

/** Names an optional peer: its package, the versions that are known to work, and the one to install on Node 20. */
export interface Peer {
  readonly name: string
  readonly versions: string
  readonly install: string
}

/** Codes with which Node says that there is no such module, by `import` and by `require`. */
const MISSING: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])

/** Tells whether it is this package that is missing, not one that it needs, or a file of its own: only the message names it. */
function isMissing(name: string, cause: unknown): boolean {
  if (!(cause instanceof Error) || !MISSING.has((cause as { readonly code?: unknown }).code)) return false
  return new RegExp(`^Cannot find (?:package|module) '${name}'`).test(cause.message)
}

/**
 * Loads a vendor's package when the first core needs it.
 *
 * @param load - imports the module
 * @throws AiosError `AIOS_MISSING_PEER` with the command that installs it; `AIOS_DRIVER_FAILED`, with the cause, for a package that is
 *   there but does not load
 */
export async function loadPeer<T>({ name, versions, install }: Peer, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    if (isMissing(name, cause)) {
      const message = `Expected the package "${name}" (${versions}) to be installed, got none. Run: npm install ${install}`
      throw new AiosError('AIOS_MISSING_PEER', message, { cause })
    }
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `Expected the package "${name}" (${versions}) to load, which is there but failed: ${reason} Mend the cause, or install it again: npm install ${install}`
    throw new AiosError('AIOS_DRIVER_FAILED', message, { cause })
  }
}

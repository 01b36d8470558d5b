import { AiosError, type StorageDriver } from '@aios/kernel/driver'
import { storageSettings, type EmbeddedStorageOptions } from './embedded-storage-options.js'
import { FileStore } from './file/file-store.js'

/**
 * Describes a storage of real files below one root, with nothing to install.
 *
 * - **Confined.** No request reaches anything outside of the root: see the contract, `StorageDriver`. On Linux each name
 *   is opened from its parent's descriptor, so even links that are swapped in during a call lead nowhere; elsewhere they
 *   are looked for right before each use. Hard links and mounts below the root count as inside.
 * - **Atomic.** A write goes into a hidden file next to its target and then takes its place. Whoever reads gets the old
 *   or the new content, whole. A write that was acknowledged survives the end of the process, not a power cut: nothing
 *   waits for the disk.
 * - **Links** that stay inside are followed; `remove` takes the link, a recursive `list` shows it and does not descend.
 *   Grants are about the names of paths: who is granted `a` and finds a link `a/b -> ../c` there reads, and with `rw`
 *   changes, `c`. No syscall makes links; whoever grants folders must not put links between them there.
 *
 * One driver serves one kernel at a time; any number of processes may use one root.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key or an impossible value
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { embeddedStorage } from '@aios/storage'
 *
 * const kernel = await createKernel({ storage: embeddedStorage({ root: './workspace' }) })
 * const { storage } = kernel.sys()
 * await storage.write({ path: 'notes/today.md', content: '# Today' })
 * const { content, sizeBytes } = await storage.read({ path: 'notes/today.md' })
 * console.log(content, sizeBytes) // '# Today' 7
 * await kernel.close()
 * ```
 */
export function embeddedStorage(options: EmbeddedStorageOptions = {}): StorageDriver {
  const settings = storageSettings(options)
  const { id, limits } = settings
  let store: FileStore | undefined
  let isOpening = false
  let ended: Promise<void> | undefined
  const files = (): FileStore => {
    if (store !== undefined) return store
    throw new AiosError('AIOS_CLOSED', `Expected storage "${id}" to be open, got a call outside of its kernel's life.`)
  }
  return {
    kind: 'storage',
    id,
    ...(limits === undefined ? {} : { limits }),
    async open(services) {
      if (isOpening || store !== undefined) {
        const advice = 'Call embeddedStorage() once for each kernel.'
        throw new AiosError(
          'AIOS_INVALID_OPTION',
          `Expected storage "${id}" to serve one kernel, got a second. ${advice}`,
        )
      }
      isOpening = true
      try {
        store = await FileStore.open(settings, services.clock)
      } finally {
        isOpening = false
      }
    },
    async close() {
      ended = store === undefined ? ended : store.close()
      store = undefined
      await ended
    },
    // Each takes its request as it is at the moment of the call, and rejects rather than throws.
    write: async (request, call) => files().write(request, call),
    read: async (request) => files().read(request),
    list: async (request, call) => files().list(request, call),
    stat: async (request) => files().stat(request),
    remove: async (request, call) => files().remove(request, call),
  }
}

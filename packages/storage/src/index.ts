/** Storage drivers for the AIOS kernel: files that agents read and write. */
export { embeddedStorage } from './embedded-storage.js'
export type { EmbeddedStorageOptions } from './embedded-storage-options.js'

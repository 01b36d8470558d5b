/** Memory drivers for the AIOS kernel: notes that agents keep and find again. */
export { embeddedMemory } from './embedded-memory.js'
export type { EmbeddedMemoryOptions } from './embedded-memory-options.js'

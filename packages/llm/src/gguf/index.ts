/** The core for models in GGUF files, which runs in this process through llama.cpp. Needs the package `node-llama-cpp`. */
export { gguf, type GgufCore } from './gguf.js'
export type { GgufDevice, GgufOptions } from './gguf-options.js'
export type { LocalCore } from '../local/local-core.js'
export type { LocalOptions } from '../local/local-options.js'

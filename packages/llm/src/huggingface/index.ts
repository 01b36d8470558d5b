/** The core for models in folders, which runs in this process through transformers.js. Needs `@huggingface/transformers`. */
export { huggingface, type HuggingfaceCore } from './huggingface.js'
export type { HuggingfaceDevice, HuggingfaceDtype, HuggingfaceOptions, LogitsInput } from './huggingface-options.js'
export type { LocalCore } from '../local/local-core.js'
export type { LocalOptions } from '../local/local-options.js'

/** Both ways between the kernel and the AI SDK. Imports nothing of it. */
export { fromAiSdk } from './from/from-ai-sdk.js'
export type { FromAiSdkOptions } from './from/from-options.js'
export type { AiSdkEmbeddingModel, AiSdkLanguageModel } from './from/model.js'
export type { AiSdkSpec } from './spec-version.js'
export type { KernelEmbeddingModel, KernelLanguageModel } from './to/served-model.js'
export { toAiSdk } from './to/to-ai-sdk.js'
export type { ToAiSdkOptions } from './to/to-options.js'

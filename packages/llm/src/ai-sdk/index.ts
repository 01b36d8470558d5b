/** Both ways between the kernel and the AI SDK. Imports nothing of it. */
export { fromAiSdk } from './from/from-ai-sdk.js'
export type { FromAiSdkOptions } from './from/from-options.js'
export type { AiSdkEmbeddingModel, AiSdkLanguageModel } from './from/model.js'
export type { AiSdkSpec } from './spec-version.js'

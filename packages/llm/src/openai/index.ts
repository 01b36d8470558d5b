/** The core for OpenAI's APIs, and for every server that speaks chat completions. Needs the package `openai`. */
export { openai } from './openai.js'
export { openaiBatch } from './batch/openai-batch.js'
export type { BatchCallOptions, OpenAiBatch, SubmittedBatch } from './batch/openai-batch.js'
export type { BatchRequest, BatchResult, BatchWarning } from './batch/batch-line.js'
export type { BatchState, BatchStatus } from './batch/batch-state.js'
export type { OpenAiBatchOptions } from './batch/batch-options.js'
export type { CoreUse } from '../core/core-use.js'
export type { OpenAiApi, OpenAiOptions } from './openai-options.js'

/** The core for Google's Gemini API over its former package. Needs the package `@google/generative-ai`. */
export type { CoreUse } from '../core/core-use.js'
export { googleGenerativeAi, type GoogleGenerativeAiOptions } from './google-generative-ai.js'

/** The core for Google's Gemini API. Needs the package `@google/genai`. */
export type { CoreUse } from '../core/core-use.js'
export { google, type GoogleOptions } from './google.js'

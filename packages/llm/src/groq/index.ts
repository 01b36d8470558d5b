/** The core for Groq. Needs the package `groq-sdk`. */
export { groq } from './groq.js'
export type { GroqOptions } from './groq-options.js'

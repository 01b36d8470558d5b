/** The core for OpenAI's chat completions and every server that speaks them. Needs the package `openai`. */
export { openai } from './openai.js'
export type { OpenAiOptions } from './openai-options.js'

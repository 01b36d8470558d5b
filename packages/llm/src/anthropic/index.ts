/** The core for Anthropic's Messages API and every server that speaks it. Needs the package `@anthropic-ai/sdk`. */
export { anthropic } from './anthropic.js'
export type { AnthropicOptions } from './anthropic-options.js'

/** Cores for servers that speak OpenAI's chat completions. Needs the package `openai`. */
export { openAiCompatible, type OpenAiCompatibleOptions, type ServerQuirks } from './openai-compatible.js'
export { deepseek, novita, sglang, vllm, type PresetOptions } from './presets.js'

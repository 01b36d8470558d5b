/** The core for Ollama, and its host as a source of cores. Needs the package `ollama`. */
export { ollama } from './ollama.js'
export { ollamaHost, type OllamaHost } from './ollama-host.js'
export type { OllamaModel } from './listed-model.js'
export type { OllamaHostOptions, OllamaOptions } from './ollama-options.js'

/** Opens ollama cores without a kernel. */
import type { LlmDriver } from '@aios/kernel'
import type { VirtualClock } from '@aios/kernel/testing'
import { ollama, type OllamaOptions } from '@aios/llm/ollama'
import { opened as openedCore } from '../core/opened.js'

export const KEY = 'ollama-secret-1234567890'

export const opened = (options: OllamaOptions, clock?: VirtualClock): Promise<LlmDriver> =>
  openedCore(ollama('test-1', options), clock)

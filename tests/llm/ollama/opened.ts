/** Opens ollama cores without a kernel. */
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { ollama, type OllamaOptions } from '@aios/llm/ollama'

export const KEY = 'ollama-secret-1234567890'

export async function opened(options: OllamaOptions, clock = virtualClock()): Promise<LlmDriver> {
  const driver = ollama('test-1', options)
  await driver.open?.(fakeDriverServices(clock))
  return driver
}

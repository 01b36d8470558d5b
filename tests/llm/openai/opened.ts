/** Opens openai cores without a kernel. */
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { openai, type OpenAiOptions } from '@aios/llm/openai'

export const KEY = 'sk-secret-1234567890'

export async function opened(options: OpenAiOptions, clock = virtualClock()): Promise<LlmDriver> {
  const driver = openai('test-1', { apiKey: KEY, ...options })
  await driver.open?.(fakeDriverServices(clock))
  return driver
}

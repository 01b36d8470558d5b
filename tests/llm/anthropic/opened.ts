/** Opens anthropic cores without a kernel. */
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { anthropic, type AnthropicOptions } from '@aios/llm/anthropic'

export const KEY = 'sk-ant-secret-1234567890'

export async function opened(options: AnthropicOptions, clock = virtualClock()): Promise<LlmDriver> {
  const driver = anthropic('test-1', { apiKey: KEY, ...options })
  await driver.open?.(fakeDriverServices(clock))
  return driver
}

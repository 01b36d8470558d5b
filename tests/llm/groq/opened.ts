/** Opens groq cores without a kernel. */
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { groq, type GroqOptions } from '@aios/llm/groq'

export const KEY = 'gsk-secret-1234567890'

export async function opened(options: GroqOptions, clock = virtualClock()): Promise<LlmDriver> {
  const driver = groq('test-1', { apiKey: KEY, ...options })
  await driver.open?.(fakeDriverServices(clock))
  return driver
}

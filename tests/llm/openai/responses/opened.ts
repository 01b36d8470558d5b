/** Opens openai cores that speak responses, without a kernel. */
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { openai, type OpenAiOptions } from '@aios/llm/openai'

export async function opened(options: OpenAiOptions, model = 'test-1'): Promise<LlmDriver> {
  const driver = openai(model, { apiKey: 'sk-secret-1234567890', api: 'responses', ...options })
  await driver.open?.(fakeDriverServices(virtualClock()))
  return driver
}

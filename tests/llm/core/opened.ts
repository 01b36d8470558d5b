import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { onTestFinished } from 'vitest'

/** Opens a core, which the end of the test closes. */
export async function opened(driver: LlmDriver, clock = virtualClock()): Promise<LlmDriver> {
  onTestFinished(() => driver.close?.())
  await driver.open?.(fakeDriverServices(clock))
  return driver
}

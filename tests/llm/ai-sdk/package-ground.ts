/** Puts a model of a real provider package in front of our own provider. */
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import type { LlmAbility, LlmGround, LlmScenario } from '@aios/llm/testing'
import { startProvider, type Play } from '../core/provider.js'

export function packageGroundOf(
  play: (scenario: LlmScenario) => Play,
  make: (baseURL: string) => LlmDriver,
  cannot: readonly LlmAbility[] = [],
): LlmGround {
  return {
    cannot,
    async stage(scenario) {
      const provider = await startProvider(play(scenario))
      const driver = make(provider.baseURL)
      await driver.open?.(fakeDriverServices())
      return {
        driver,
        requests: () => provider.requests.length,
        received: provider.received,
        released: provider.released,
        async close() {
          await driver.close?.()
          await provider.close()
        },
      }
    },
  }
}

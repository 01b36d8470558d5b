/** Puts a core, with its vendor's real SDK, in front of our own provider. */
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import type { LlmAbility, LlmGround, LlmScenario } from '@aios/llm/testing'
import { startProvider, type Play } from './provider.js'

/**
 * @param play - answers as the vendor would
 * @param make - the core, for a provider at an address
 * @param cannot - what the vendor's API has no words for
 */
export function providerGround(
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

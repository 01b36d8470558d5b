/** The two cores for Gemini's API, for tests that hold of both. */
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { google, type GoogleOptions } from '@aios/llm/google'
import { googleGenerativeAi } from '@aios/llm/google-generative-ai'
import type { LlmGround } from '@aios/llm/testing'
import { startProvider } from '../core/provider.js'
import { playScenario } from './generated.js'

export const KEY = 'AIza-secret-1234567890'

type Options = Omit<GoogleOptions, 'fetch'>

/** The address of a provider as these cores take it: they add the version themselves. */
export const rootOf = ({ baseURL }: { readonly baseURL: string }): string => new URL(baseURL).origin

export const CORES: readonly (readonly [name: string, core: (model: string, options?: Options) => LlmDriver])[] = [
  ['google()', google],
  ['googleGenerativeAi()', googleGenerativeAi],
]

export async function opened(driver: LlmDriver, clock = virtualClock()): Promise<LlmDriver> {
  await driver.open?.(fakeDriverServices(clock))
  return driver
}

/** A core in front of our own provider. */
export const geminiGround = (core: (typeof CORES)[number][1]): LlmGround => ({
  async stage(scenario) {
    const provider = await startProvider(playScenario(scenario))
    const driver = await opened(core('gemini-2.5-flash', { baseURL: rootOf(provider), apiKey: KEY }))
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
})

import { AiosError, type LlmDriver } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import {
  llmConformance,
  scriptedCore,
  withFaults,
  withLatency,
  type LlmGround,
  type LlmScenario,
  type ScriptedStep,
} from '@aios/llm/testing'
import { setImmediate } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { proveBackend } from './backend.js'

const BREAKS = { cut: 'AIOS_LLM_INCOMPLETE_STREAM', drop: 'AIOS_LLM_NETWORK' } as const

function stepOf({ tokens = [], failure, ending, usage, ...scenario }: LlmScenario): ScriptedStep {
  if (failure !== undefined) {
    return { error: new AiosError(failure.code, 'As the case demands.', { retryAfterMs: failure.retryAfterMs }) }
  }
  if (ending === 'hang') return { tokens, hang: true }
  if (ending !== undefined) return { tokens, error: new AiosError(BREAKS[ending], 'As the case demands.') }
  const { input = 0, output = 0, cacheRead, reasoning } = usage ?? {}
  const counted = {
    input: { total: input, ...(cacheRead === undefined ? {} : { cacheRead, noCache: input - cacheRead }) },
    output: { total: output, ...(reasoning === undefined ? {} : { reasoning, text: output - reasoning }) },
  }
  return { ...scenario, tokens, ...(usage === undefined ? {} : { usage: counted }) }
}

const groundOf = (wrap: (core: LlmDriver) => LlmDriver): LlmGround => ({
  async stage(scenario) {
    const core = scriptedCore([stepOf(scenario)], { repeat: true })
    const driver = wrap(core)
    await driver.open?.(fakeDriverServices(virtualClock()))
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await setImmediate()
    }
    return {
      driver,
      requests: () => core.requests.length,
      received: (count) => until(() => core.requests.length >= count),
      released: () => until(() => core.running === 0),
      close: async () => driver.close?.(),
    }
  },
})

proveBackend(
  { core: 'scriptedCore()', over: 'its script' },
  groundOf((core) => core),
)

describe('a core behind wrappers that change nothing', () => {
  const wrap = (core: LlmDriver) => withFaults(withLatency(core, {}), [])
  for (const { name, run } of llmConformance(groundOf(wrap))) it(name, run)
})

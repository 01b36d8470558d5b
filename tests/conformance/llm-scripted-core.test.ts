import { AiosError } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { scriptedCore, type LlmGround, type LlmScenario, type ScriptedStep } from '@aios/llm/testing'
import { setImmediate } from 'node:timers/promises'
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

const ground: LlmGround = {
  async stage(scenario) {
    const driver = scriptedCore([stepOf(scenario)], { repeat: true })
    await driver.open?.(fakeDriverServices(virtualClock()))
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await setImmediate()
    }
    return {
      driver,
      requests: () => driver.requests.length,
      received: (count) => until(() => driver.requests.length >= count),
      released: () => until(() => driver.running === 0),
      close: async () => driver.close?.(),
    }
  },
}

proveBackend({ core: 'scriptedCore()', over: 'its script' }, ground)

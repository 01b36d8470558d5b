import { AiosError } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import { openai } from '@aios/llm/openai'
import {
  llmConformance,
  scriptedCore,
  serveOpenAi,
  type LlmGround,
  type LlmScenario,
  type ScriptedStep,
} from '@aios/llm/testing'
import { setImmediate } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { wireName } from '../llm/openai/ground.js'

const BREAKS = { cut: 'AIOS_LLM_INCOMPLETE_STREAM', drop: 'AIOS_LLM_NETWORK' } as const

function stepOf({ tokens = [], failure, ending, usage, toolCalls = [], ...scenario }: LlmScenario): ScriptedStep {
  if (failure !== undefined)
    return { error: new AiosError(failure.code, 'As the case demands.', { retryAfterMs: failure.retryAfterMs }) }
  if (ending === 'hang') return { tokens, hang: true }
  if (ending !== undefined) return { tokens, error: new AiosError(BREAKS[ending], 'As the case demands.') }
  const { input = 0, output = 0, cacheRead, reasoning } = usage ?? {}
  const counted = { input: { total: input, cacheRead }, output: { total: output, reasoning } }
  const calls = toolCalls.map(({ name, inputText }) => ({ name: wireName(name), inputText }))
  return { ...scenario, tokens, toolCalls: calls, ...(usage === undefined ? {} : { usage: counted }) }
}

/** Our client of the API, in front of our server of it. */
const ground: LlmGround = {
  async stage(scenario) {
    const core = scriptedCore([stepOf(scenario)], { repeat: true })
    const server = await serveOpenAi(core)
    const driver = openai('test-1', { baseURL: server.baseURL, apiKey: 'sk-conformance' })
    await driver.open?.(fakeDriverServices())
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await setImmediate()
    }
    return {
      driver,
      requests: () => core.requests.length,
      received: (count) => until(() => core.requests.length >= count),
      released: () => until(() => core.running === 0),
      async close() {
        await driver.close?.()
        await server.close()
      },
    }
  },
}

describe('openai() over serveOpenAi(scriptedCore())', () => {
  for (const { name, run } of llmConformance(ground)) it(name, run)
})

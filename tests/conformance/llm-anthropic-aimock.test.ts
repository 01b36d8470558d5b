import { startAimock } from '@aios/ground-aimock'
import { fakeDriverServices } from '@aios/kernel/testing'
import { anthropic } from '@aios/llm/anthropic'
import type { LlmGround, LlmScenario } from '@aios/llm/testing'
import { stopReasonOf, wireFailure, wireName } from '../llm/anthropic/ground.js'
import { AIMOCK_GAPS } from './aimock-gaps.js'
import { proveBackend } from './backend.js'

type Mock = Awaited<ReturnType<typeof startAimock>>['mock']

/** What aimock cannot say as Anthropic would. */
const BEYOND = {
  'arguments that are no JSON are kept and marked, never thrown': 'aimock parses them, and sends {} where it cannot',
}

function rehearse(mock: Mock, scenario: LlmScenario): void {
  const { tokens = [], toolCalls = [], failure, reasoning, usage } = scenario
  if (failure !== undefined) {
    const { status, headers, type } = wireFailure(failure)
    const retryAfter = headers['retry-after'] === undefined ? {} : { retryAfter: Number(headers['retry-after']) }
    mock.on({}, { status, ...retryAfter, error: { type, message: 'As the case demands.' } })
    return
  }
  const calls = toolCalls.map(({ name, inputText }) => ({ name: wireName(name), arguments: inputText }))
  const answer = {
    ...(calls.length === 0
      ? { content: tokens.join('') }
      : tokens.length === 0
        ? { toolCalls: calls }
        : { content: tokens.join(''), toolCalls: calls }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(scenario.finish === undefined ? {} : { finishReason: stopReasonOf(scenario) }),
    ...(usage === undefined ? {} : { usage: { input_tokens: usage.input, output_tokens: usage.output } }),
  }
  // With a moment between chunks, all but the last have left when the connection goes.
  const dropped = { chunkSize: 5, truncateAfterChunks: 5, latency: 2 }
  mock.on({}, answer, scenario.ending === 'drop' ? dropped : { chunkSize: 3 })
}

const ground: LlmGround = {
  cannot: ['silent-usage', 'detailed-usage', 'hang', 'cut'],
  async stage(scenario) {
    const { mock, close } = await startAimock()
    rehearse(mock, scenario)
    const driver = anthropic('test-1', { baseURL: mock.url, apiKey: 'sk-conformance' })
    await driver.open?.(fakeDriverServices())
    return {
      driver,
      requests: () => mock.getRequests().length,
      received: () => Promise.resolve(),
      released: () => Promise.resolve(),
      async close() {
        await driver.close?.()
        await close()
      },
    }
  },
}

proveBackend({ core: 'anthropic()', over: 'aimock', because: AIMOCK_GAPS, beyond: BEYOND }, ground)

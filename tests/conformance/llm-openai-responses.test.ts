import { startAimock } from '@aios/ground-aimock'
import { fakeDriverServices } from '@aios/kernel/testing'
import { openai } from '@aios/llm/openai'
import type { LlmGround, LlmScenario } from '@aios/llm/testing'
import { wireFailure, wireName } from '../llm/openai/ground.js'
import { responsesGround, responseUsage } from '../llm/openai/responses/ground.js'
import { AIMOCK_GAPS } from './aimock-gaps.js'
import { proveBackend } from './backend.js'

type Mock = Awaited<ReturnType<typeof startAimock>>['mock']

const FINISH = { length: 'length', 'content-filter': 'content_filter' } as const

const SILENT = "aimock's responses do not say why they are incomplete"
const beyond = {
  'an answer that ended for length says so': SILENT,
  'an answer that ended for content-filter says so': SILENT,
}

function rehearse(mock: Mock, { tokens = [], toolCalls = [], ...scenario }: LlmScenario): void {
  if (scenario.failure !== undefined) {
    const { status, headers, error } = wireFailure(scenario.failure)
    const { code, ...rest } = error
    const retryAfter = headers['retry-after'] === undefined ? {} : { retryAfter: Number(headers['retry-after']) }
    mock.on({}, { status, ...retryAfter, error: { ...rest, ...(code === null ? {} : { code }) } })
    return
  }
  const calls = toolCalls.map(({ name, inputText }) => ({ name: wireName(name), arguments: inputText }))
  const answer = {
    ...(calls.length === 0
      ? { content: tokens.join('') }
      : tokens.length === 0
        ? { toolCalls: calls }
        : { content: tokens.join(''), toolCalls: calls }),
    ...(scenario.reasoning === undefined ? {} : { reasoning: scenario.reasoning }),
    ...(scenario.finish === undefined ? {} : { finishReason: FINISH[scenario.finish] }),
    ...(scenario.usage === undefined ? {} : { usage: responseUsage(scenario.usage) }),
  }
  // With a moment between chunks, all but the last have left when the connection goes.
  const dropped = { chunkSize: 5, truncateAfterChunks: 9, latency: 2 }
  mock.on({}, answer, scenario.ending === 'drop' ? dropped : { chunkSize: 3 })
}

const aimockGround: LlmGround = {
  cannot: ['silent-usage', 'detailed-usage', 'hang', 'cut'],
  async stage(scenario) {
    const { mock, baseURL, close } = await startAimock()
    rehearse(mock, scenario)
    const driver = openai('test-1', { api: 'responses', baseURL, apiKey: 'sk-conformance' })
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

const core = "openai({ api: 'responses' })"
proveBackend({ core, over: 'a server of our own' }, responsesGround)
proveBackend({ core, over: 'aimock', because: AIMOCK_GAPS, beyond }, aimockGround)

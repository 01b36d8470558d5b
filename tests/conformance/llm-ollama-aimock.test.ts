import { startAimock } from '@aios/ground-aimock'
import { fakeDriverServices } from '@aios/kernel/testing'
import { ollama } from '@aios/llm/ollama'
import type { LlmGround, LlmScenario } from '@aios/llm/testing'
import { wireName } from '../llm/ollama/ground.js'
import { wireFailure } from '../llm/openai/ground.js'
import { AIMOCK_GAPS } from './aimock-gaps.js'
import { proveBackend } from './backend.js'

type Mock = Awaited<ReturnType<typeof startAimock>>['mock']

/** What aimock does not say in Ollama's words. */
const BEYOND = {
  'arguments that are no JSON are kept and marked, never thrown': 'aimock parses them, and sends {} where it cannot',
  'reported usage is passed on': 'aimock counts no tokens in the words of Ollama',
  'an answer that ended for length says so': 'aimock ends every answer of Ollama with a stop',
  'an answer that ended for content-filter says so': 'Ollama has no filter that ends an answer',
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
  const content = tokens.join('')
  const answer = {
    ...(calls.length === 0 ? { content } : tokens.length === 0 ? { toolCalls: calls } : { content, toolCalls: calls }),
  }
  // With a moment between chunks, all but the last have left when the connection goes.
  const dropped = { chunkSize: 5, truncateAfterChunks: 3, latency: 2 }
  mock.on({}, answer, scenario.ending === 'drop' ? dropped : { chunkSize: 3 })
}

const ground: LlmGround = {
  cannot: ['silent-usage', 'detailed-usage', 'reasoning', 'hang', 'cut'],
  async stage(scenario) {
    const { mock, close } = await startAimock()
    rehearse(mock, scenario)
    const driver = ollama('test-1', { baseURL: mock.url })
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

const because = { ...AIMOCK_GAPS, reasoning: 'aimock shows thoughts in a field that Ollama does not have' }
proveBackend({ core: 'ollama()', over: 'aimock', because, beyond: BEYOND }, ground)

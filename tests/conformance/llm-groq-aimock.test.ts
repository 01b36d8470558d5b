import { startAimock } from '@aios/ground-aimock'
import { fakeDriverServices } from '@aios/kernel/testing'
import { groq } from '@aios/llm/groq'
import { llmConformance, type LlmGround, type LlmScenario } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { wireFailure, wireName, wireUsage } from '../llm/openai/ground.js'

type Mock = Awaited<ReturnType<typeof startAimock>>['mock']

/** aimock tells the usage of a stream to those alone who ask for it; Groq tells everybody, in a place of its own. */
const UNSAID = ['reported usage is passed on']

const FINISH = { length: 'length', 'content-filter': 'content_filter' } as const

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
    ...(scenario.usage === undefined ? {} : { usage: wireUsage(scenario.usage) }),
  }
  // With a moment between chunks, all but the last have left when the connection goes.
  const dropped = { chunkSize: 5, truncateAfterChunks: 4, latency: 2 }
  mock.on({}, answer, scenario.ending === 'drop' ? dropped : { chunkSize: 3 })
}

const ground: LlmGround = {
  // aimock always reports usage, without details; it ends answers, or drops the connection.
  cannot: ['silent-usage', 'detailed-usage', 'hang', 'cut'],
  async stage(scenario) {
    const { mock, close } = await startAimock()
    rehearse(mock, scenario)
    const driver = groq('test-1', { baseURL: mock.url, apiKey: 'gsk-conformance' })
    await driver.open?.(fakeDriverServices())
    const requests = () => mock.getRequests().length
    return {
      driver,
      requests,
      received: () => Promise.resolve(),
      released: () => Promise.resolve(),
      async close() {
        await driver.close?.()
        await close()
      },
    }
  },
}

describe('groq() over aimock', () => {
  const cases = llmConformance(ground)
  for (const { name, run } of cases) if (!UNSAID.includes(name)) it(name, run)

  it('is put to every case but the one that aimock cannot play', () => {
    expect(cases.filter(({ name }) => UNSAID.includes(name)).length).toBe(UNSAID.length)
  })
})

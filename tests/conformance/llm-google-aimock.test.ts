import { startAimock } from '@aios/ground-aimock'
import type { LlmGround, LlmScenario } from '@aios/llm/testing'
import { CORES, KEY, opened } from '../llm/gemini/cores.js'
import { wireFailure, wireName } from '../llm/gemini/generated.js'
import { AIMOCK_GAPS } from './aimock-gaps.js'
import { proveBackend } from './backend.js'

type Mock = Awaited<ReturnType<typeof startAimock>>['mock']

const FINISH = { length: 'length', 'content-filter': 'content_filter' } as const

function rehearse(mock: Mock, { tokens = [], toolCalls = [], ...scenario }: LlmScenario): void {
  if (scenario.failure !== undefined) {
    // aimock's errors have no details, so the key is refused by the status that needs none.
    const status = scenario.failure.code === 'AIOS_LLM_AUTH' ? 401 : wireFailure(scenario.failure).status
    const { retryAfterMs } = scenario.failure
    const retryAfter = retryAfterMs === undefined ? {} : { retryAfter: retryAfterMs / 1_000 }
    mock.on({}, { status, ...retryAfter, error: { message: 'As the case demands.', type: 'test' } })
    return
  }
  const calls = toolCalls.map(({ name, inputText }) => ({ name: wireName(name), arguments: inputText }))
  const text = tokens.join('')
  const answer = {
    ...(calls.length === 0
      ? { content: text }
      : text === ''
        ? { toolCalls: calls }
        : { content: text, toolCalls: calls }),
    ...(scenario.reasoning === undefined ? {} : { reasoning: scenario.reasoning }),
    ...(scenario.finish === undefined ? {} : { finishReason: FINISH[scenario.finish] }),
    ...(scenario.usage === undefined
      ? {}
      : { usage: { prompt_tokens: scenario.usage.input, completion_tokens: scenario.usage.output } }),
  }
  mock.on({}, answer, { chunkSize: 3 })
}

const aimockGround = (core: (typeof CORES)[number][1]): LlmGround => ({
  cannot: ['silent-usage', 'detailed-usage', 'hang', 'cut', 'drop'],
  async stage(scenario) {
    const { mock, close } = await startAimock()
    rehearse(mock, scenario)
    const driver = await opened(core('gemini-2.5-flash', { baseURL: mock.url, apiKey: KEY }))
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
})

/** What aimock cannot say in Gemini's words: each with the reason. */
const BEYOND: Readonly<Record<string, string>> = {
  'arguments that are no JSON are kept and marked, never thrown': 'aimock parses them, and sends {} where it cannot',
  "the provider's error becomes AIOS_LLM_CONTENT_FILTER, before any part": 'aimock has no promptFeedback',
}
const BEYOND_FORMER: typeof BEYOND = {
  ...BEYOND,
  "the provider's error becomes AIOS_LLM_RATE_LIMIT, before any part":
    'aimock says how long to wait in a header only, which the package does not show',
}

const because = {
  ...AIMOCK_GAPS,
  drop: 'the last piece of text comes with the finish reason, so that nothing can happen between the two',
}

for (const [core, make] of CORES) {
  const beyond = core === 'google()' ? BEYOND : BEYOND_FORMER
  proveBackend({ core, over: 'aimock', because, beyond }, aimockGround(make))
}

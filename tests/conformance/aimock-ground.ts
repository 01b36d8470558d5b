import { startAimock } from '@aios/ground-aimock'
import type { LlmDriver } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import type { LlmAbility, LlmGround, LlmScenario, LlmScenarioUsage } from '@aios/llm/testing'
import type { Body } from '../llm/core/provider.js'
import { wireFailure, wireName } from '../llm/openai/ground.js'

/** Says why aimock, an independent mock of providers, cannot be made to do what it cannot. */
export const AIMOCK_GAPS = {
  'silent-usage': 'aimock always reports usage',
  'detailed-usage': 'aimock reports no details of usage',
  hang: 'aimock ends every answer, or drops its connection',
  cut: 'aimock ends every answer, or drops its connection',
} as const

type Mock = Awaited<ReturnType<typeof startAimock>>['mock']

/** A core, and how its vendor's words are put into aimock's. */
export interface MockedVendor {
  /** The core, for aimock's addresses: `url`, and `baseURL` with the version in it. */
  make(at: { readonly url: string; readonly baseURL: string }): LlmDriver
  failure(failure: NonNullable<LlmScenario['failure']>): { readonly status: number; readonly error: object }
  usage(usage: LlmScenarioUsage): Body
  readonly finishes?: Readonly<Record<NonNullable<LlmScenario['finish']>, string>>
  /** How many chunks come before a connection drops, which all but the last of a text are. */
  readonly dropsAfter?: number
  /** What this vendor's mock cannot do beside what none of them can. */
  readonly cannot?: readonly LlmAbility[]
}

const FINISHES = { length: 'length', 'content-filter': 'content_filter' } as const

/** Has a mock play a scenario. */
function rehearse(mock: Mock, scenario: LlmScenario, vendor: MockedVendor): void {
  const { tokens = [], toolCalls = [], failure, reasoning, usage, finish, ending } = scenario
  if (failure !== undefined) {
    const { retryAfterMs } = failure
    const retryAfter = retryAfterMs === undefined ? {} : { retryAfter: retryAfterMs / 1_000 }
    const { status, error } = vendor.failure(failure)
    mock.on({}, { status, ...retryAfter, error: { message: 'As the case demands.', ...error } })
    return
  }
  const answer = {
    ...(tokens.length > 0 || toolCalls.length === 0 ? { content: tokens.join('') } : {}),
    ...(toolCalls.length > 0
      ? { toolCalls: toolCalls.map(({ name, inputText }) => ({ name: wireName(name), arguments: inputText })) }
      : {}),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(finish === undefined ? {} : { finishReason: (vendor.finishes ?? FINISHES)[finish] }),
    ...(usage === undefined ? {} : { usage: vendor.usage(usage) }),
  }
  // With a moment between chunks, all but the last have left when the connection goes.
  const dropped = { chunkSize: 5, truncateAfterChunks: vendor.dropsAfter ?? 0, latency: 2 }
  mock.on({}, answer, ending === 'drop' ? dropped : { chunkSize: 3 })
}

/** Puts a core in front of aimock. */
export function aimockGround(vendor: MockedVendor): LlmGround {
  return {
    cannot: ['silent-usage', 'detailed-usage', 'hang', 'cut', ...(vendor.cannot ?? [])],
    async stage(scenario) {
      const { mock, baseURL, close } = await startAimock()
      rehearse(mock, scenario, vendor)
      const driver = vendor.make({ url: mock.url, baseURL })
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
}

/** What fails, in the words of chat completions. */
export function chatFailure(failure: NonNullable<LlmScenario['failure']>): ReturnType<MockedVendor['failure']> {
  const { status, error } = wireFailure(failure)
  const { code, ...rest } = error
  return { status, error: { ...rest, ...(code === null ? {} : { code }) } }
}

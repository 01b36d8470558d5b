import { AiosError, type CoreReply, type LlmDriver, type StreamPart } from '@aios/kernel'
import { llmConformance, type LlmGround, type LlmScenario } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'

const ALL = ['silent-usage', 'detailed-usage', 'reasoning', 'hang', 'cut', 'drop'] as const

function groundOf(driverFor: (scenario: LlmScenario) => Partial<LlmDriver>): LlmGround & { readonly closed: string[] } {
  const closed: string[] = []
  return {
    closed,
    stage: async (scenario) => ({
      driver: { kind: 'llm', id: 'toy', model: 'toy', ...driverFor(scenario) },
      requests: () => 0,
      received: () => Promise.resolve(),
      released: () => Promise.resolve(),
      close: async () => void closed.push('closed'),
    }),
  }
}

const reply = (fields: Partial<CoreReply>): CoreReply => ({
  parts: [],
  finish: { unified: 'stop' },
  usage: { input: {}, output: {} },
  ...fields,
})

/** What a driver with only `chat`, and no provider, must do to pass. */
function honest({ tokens = [], toolCalls = [], reasoning, finish, usage, failure }: LlmScenario): Partial<LlmDriver> {
  return {
    chat: (_, call) => {
      call.signal.throwIfAborted()
      if (failure !== undefined) throw new AiosError(failure.code, 'No.', { retryAfterMs: failure.retryAfterMs })
      const thought = reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]
      const calls = toolCalls.map(({ name, inputText }, n) => {
        const isWhole = inputText.endsWith('}')
        const input: unknown = isWhole ? JSON.parse(inputText) : undefined
        return {
          type: 'tool-call' as const,
          id: `${n}`,
          name,
          input,
          inputText,
          invalid: isWhole ? undefined : 'broken',
        }
      })
      return reply({
        parts: [...thought, { type: 'text', text: tokens.join('') }, ...calls],
        finish: { unified: finish ?? (calls.length > 0 ? 'tool-calls' : 'stop') },
        usage: { input: { total: usage?.input }, output: { total: usage?.output } },
      })
    },
  }
}

async function verdicts(ground: LlmGround): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {}
  for (const { name, run } of llmConformance(ground)) {
    outcomes[name] = await run().then(
      () => 'passed',
      (error: unknown) => (error as Error).message,
    )
  }
  return outcomes
}
const failing = (outcomes: Record<string, string>) =>
  Object.entries(outcomes).flatMap(([name, outcome]) => (outcome === 'passed' ? [] : [name]))

describe('llmConformance', () => {
  it('leaves out only the cases that the ground cannot stage', () => {
    const names = (cannot: LlmGround['cannot']) =>
      llmConformance({ ...groundOf(honest), cannot }).map(({ name }) => name)
    expect(names([]).length).toBe(28)
    expect(names(undefined)).toEqual(names([]))
    expect(names(['reasoning'])).toEqual(names([]).filter((name) => !name.startsWith('reasoning')))
    expect(names(ALL).length).toBe(20)
    expect(new Set(names([])).size).toBe(28)
  })

  it('passes a driver that only chats, honestly', async () => {
    const ground = { ...groundOf(honest), cannot: ['hang', 'detailed-usage'] as const }
    expect(failing(await verdicts(ground))).toEqual([])
  })

  it('closes every stage, also of a case that fails', async () => {
    const ground = groundOf(() => ({ chat: () => Promise.reject(new Error('broken')) }))
    const outcomes = await verdicts({ ...ground, cannot: ALL })
    expect(ground.closed.length).toBe(Object.keys(outcomes).length)
  })

  it('fails a driver that can neither chat nor stream', async () => {
    const outcomes = await verdicts({ ...groundOf(() => ({})), cannot: ALL })
    expect(outcomes['chat and stream bring the text as the provider wrote it, and stop']).toContain(
      'chat, stream or both',
    )
  })

  it('fails a driver that makes usage up', async () => {
    const made = groundOf((scenario) => ({
      chat: async (request, call) => ({
        ...(await honest(scenario).chat!(request, call)),
        usage: { input: { total: 1 }, output: { total: 1 } },
      }),
    }))
    const outcomes = await verdicts({ ...made, cannot: ['hang', 'detailed-usage'] })
    expect(failing(outcomes)).toEqual([
      'reported usage is passed on',
      'usage that the provider does not report is not made up',
    ])
  })

  it('fails a driver whose errors are its own', async () => {
    const own = groundOf(({ failure, ...scenario }) =>
      failure === undefined ? honest(scenario) : { chat: () => Promise.reject(new Error('429')) },
    )
    const outcomes = await verdicts({ ...own, cannot: ['hang', 'detailed-usage'] })
    expect(failing(outcomes).length).toBe(9)
    expect(outcomes["the provider's error becomes AIOS_LLM_SERVER, before any part"]).toContain('got Error: 429')
  })

  it('fails a driver that answers where it must fail', async () => {
    const deaf = groundOf(({ failure: _, ...scenario }) => ({
      chat: (request) => honest(scenario).chat!(request, { signal: new AbortController().signal } as never),
    }))
    const outcomes = await verdicts({ ...deaf, cannot: ['hang', 'detailed-usage'] })
    expect(failing(outcomes).length).toBe(10)
    expect(Object.values(outcomes)).toContain('Expected a rejection, got an answer.')
  })

  it('fails a stream that never says anything, or never ends properly', async () => {
    const streaming = (parts: StreamPart[]) =>
      groundOf(() => ({
        async *stream() {
          yield* parts
        },
      }))
    const mute = await verdicts(streaming([{ type: 'start' }]))
    expect(mute['leaving the loop lets the provider go']).toContain('a piece of text before the end')
    expect(mute['a stream that ends before the answer does is incomplete']).toBe(
      'Expected the stream to fail, got an end.',
    )
    expect(mute["an abort before the first part rejects with the signal's reason and lets the provider go"]).toContain(
      'Expected a rejection',
    )
    expect(mute['reported usage is passed on']).toContain('one finish, last')
  })
})

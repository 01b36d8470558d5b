import { AiosError, type CoreReply, type LlmDriver, type StreamPart } from '@aios/kernel'
import { llmConformance, tokenEngine, type LlmGround, type LlmScenario } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'

const ALL = [
  'silent-usage',
  'detailed-usage',
  'reasoning',
  'hang',
  'cut',
  'drop',
  'resume-state',
  'resume-prefix',
] as const

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
    expect(names([]).length).toBe(30)
    expect(names(undefined)).toEqual(names([]))
    expect(names(['reasoning'])).toEqual(names([]).filter((name) => !name.startsWith('reasoning')))
    expect(names(ALL).length).toBe(20)
    expect(new Set(names([])).size).toBe(30)
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
      "chat, stream, both, or batches['llm.chat']",
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

  it('passes a core that works in batches only, and says which cases do not apply to it', async () => {
    const ground = groundOf((scenario) => ({
      batches: {
        'llm.chat': {
          run: async (items) => {
            for (const { request, call, resolve, reject } of items) {
              try {
                resolve(await honest(scenario).chat!(request, call))
              } catch (error) {
                reject(error)
              }
            }
          },
        },
      },
    }))
    const leftOut = new Map<string, string>()
    const outcomes = await verdicts({
      ...ground,
      cannot: ['detailed-usage'],
      leftOut: (name, why) => void leftOut.set(name, why),
    })
    expect(failing(outcomes)).toEqual([])
    expect([...leftOut.values()]).toEqual([
      ...Array<string>(2).fill('core toy works in batches only, which go on without a call that is given up'),
      ...Array<string>(4).fill('core toy has no stream'),
      'core toy says resume: "none"',
      'core toy says resume: "none"',
    ])
  })

  it('fails a batch that leaves its call open', async () => {
    const open = groundOf(() => ({ batches: { 'llm.chat': { run: () => undefined } } }))
    const outcomes = await verdicts({ ...open, cannot: ALL })
    expect(outcomes['reported usage is passed on']).toBe('Expected the batch to settle its call before it ends.')
  })
})

describe('llmConformance of answers that go on', () => {
  const RESTORED = 'an answer saved after any part and restored is the same answer, with the usage of the whole'
  const CONTINUED = 'an answer continued from any safe place of its text is the same text'

  /** What the suite says of an engine with methods that are made from those of a good one. */
  async function verdictOf(resume: 'state' | 'prefix', broken: (engine: LlmDriver) => Partial<LlmDriver>) {
    const outcomes = await verdicts(
      groundOf(() => {
        const engine = tokenEngine({ resume, tokens: 12 })
        const { save, restore, stream } = engine as Required<LlmDriver>
        const whole = {
          resume,
          save: save.bind(engine),
          restore: restore.bind(engine),
          stream: stream.bind(engine),
        }
        return { ...whole, ...broken(whole as LlmDriver) }
      }),
    )
    return outcomes[resume === 'state' ? RESTORED : CONTINUED]
  }

  it.each(['state', 'prefix'] as const)('passes an engine that goes on (%s)', async (resume) => {
    expect(await verdictOf(resume, () => ({}))).toBe('passed')
  })

  it('fails one whose state is no data', async () => {
    expect(await verdictOf('state', () => ({ save: () => () => undefined }))).toContain('could not be cloned')
  })

  it('fails one that begins anew, with its state or its text', async () => {
    expect(
      await verdictOf('state', ({ stream }) => ({ restore: (_, request, call) => stream!(request, call) })),
    ).toContain('Expected the text saved after')
    expect(
      await verdictOf('prefix', ({ stream }) => ({
        stream: ({ messages }, call) => stream!({ messages: messages.slice(0, 1) }, call),
      })),
    ).toContain('Expected the text continued at')
  })

  it('fails one whose usage is that of the rest', async () => {
    const rest = await verdictOf('state', ({ restore }) => ({
      async *restore(state, request, call) {
        for await (const part of restore!(state, request, call))
          yield part.type === 'finish' ? { ...part, usage: { input: { total: 0 }, output: { total: 1 } } } : part
      },
    }))
    expect(rest).toContain('Expected the usage saved after 1 parts')
  })

  it('fails one that says so and cannot', async () => {
    expect(await verdictOf('state', () => ({ save: undefined as never }))).toContain('to have save')
    expect(await verdictOf('state', () => ({ restore: undefined as never }))).toContain('to have restore')
    const short = await verdictOf('state', ({ stream }) => {
      let asked = 0
      return {
        stream: (request, call) => stream!((asked += 1) === 1 ? request : { ...request, maxOutputTokens: 1 }, call),
      }
    })
    expect(short).toContain('in as many parts each time')
  })
})

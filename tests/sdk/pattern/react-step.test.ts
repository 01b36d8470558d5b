import type { ChatReply, IdentifiedToolCall, Message, ToolCallPart, ToolOutcome, ToolResultPart } from '@aios/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reactState, reactStep } from '../../../packages/sdk/src/pattern/react-step.js'
import type { ReactEffect, ReactInput, ReactState } from '../../../packages/sdk/src/pattern/react-step.js'
import { reply, toolCall } from '../fake-sys.js'

const TOOLS = ['local/add', 'local/clock', 'builtin/clock']

function asked(maxSteps = 5): ReactState {
  return reactStep(reactState({ instructions: 'Think.', tools: TOOLS, maxSteps }), { type: 'question', text: 'Why?' })
    .state
}

const said = (state: ReactState, answer: ChatReply) => reactStep(state, { type: 'reply', reply: answer })
const types = (effects: readonly ReactEffect[]) => effects.map(({ type }) => type)
const done = (call: IdentifiedToolCall): ToolOutcome => ({
  id: call.id,
  name: call.name,
  status: 'fulfilled',
  output: 1,
})

function lastResults(state: ReactState): readonly ToolResultPart[] {
  const last = state.messages.findLast(({ role }) => role === 'tool')
  return (last?.content ?? []) as readonly ToolResultPart[]
}

describe('a step', () => {
  it('asks the model with the instructions and the question', () => {
    const start = reactState({ instructions: 'Think.', tools: TOOLS, maxSteps: 5 })
    const { state, effects } = reactStep(start, { type: 'question', text: 'Why?' })
    const messages: Message[] = [
      { role: 'system', content: 'Think.' },
      { role: 'user', content: 'Why?' },
    ]
    expect(effects).toEqual([{ type: 'ask', messages, toolChoice: 'auto' }])
    expect(state).toMatchObject({ phase: 'thinking', steps: 0, messages })
  })

  it('runs all tool calls of one answer together, under full names', () => {
    const answer = reply('Adding.', [toolCall('a', 'add', { a: 1 }), toolCall('b', 'builtin/clock')])
    const { state, effects } = said(asked(), answer)
    expect(effects).toEqual([
      {
        type: 'act',
        calls: [
          { id: 'a', name: 'local/add', input: { a: 1 } },
          { id: 'b', name: 'builtin/clock', input: {} },
        ],
      },
    ])
    expect(state).toMatchObject({ phase: 'acting', steps: 1 })
  })

  it('shows the model each outcome in the order of its calls, failures as errors', () => {
    const calls = [toolCall('a', 'add'), toolCall('b', 'add'), toolCall('c', 'add')]
    const acting = said(asked(), reply('', calls)).state
    const outcomes: ToolOutcome[] = [
      { id: 'c', name: 'local/add', status: 'fulfilled', output: undefined },
      {
        id: 'b',
        name: 'local/add',
        status: 'rejected',
        error: { code: 'AIOS_TOOL_TIMEOUT', message: 'Slow.', retryable: true },
      },
      { id: 'a', name: 'local/add', status: 'fulfilled', output: { sum: 3 } },
    ]
    const { state, effects } = reactStep(acting, { type: 'outcomes', outcomes })
    expect(lastResults(state)).toEqual([
      { type: 'tool-result', id: 'a', name: 'add', output: { sum: 3 } },
      { type: 'tool-result', id: 'b', name: 'add', output: 'AIOS_TOOL_TIMEOUT: Slow.', isError: true },
      { type: 'tool-result', id: 'c', name: 'add', output: null },
    ])
    expect(types(effects)).toEqual(['report', 'ask'])
    expect(effects[0]).toEqual({ type: 'report', step: { number: 1, thought: '', calls, results: lastResults(state) } })
  })

  it('says so where a call has no outcome', () => {
    const acting = said(asked(), reply('', [toolCall('a', 'add')])).state
    const { state } = reactStep(acting, { type: 'outcomes', outcomes: [] })
    expect(lastResults(state)).toMatchObject([
      { id: 'a', isError: true, output: 'AIOS_TOOL_FAILED: The call has no outcome.' },
    ])
  })

  it('refuses unknown, ambiguous and unreadable calls, and runs the others', () => {
    const broken: ToolCallPart = { ...toolCall('c', 'add'), input: undefined, invalid: 'Unexpected end' }
    const calls = [toolCall('a', 'sub'), toolCall('b', 'clock'), broken, toolCall('d', 'add')]
    const { state: acting, effects } = said(asked(), reply('', calls))
    expect(effects).toEqual([{ type: 'act', calls: [{ id: 'd', name: 'local/add', input: {} }] }])
    const { state } = reactStep(acting, { type: 'outcomes', outcomes: [done({ id: 'd', name: 'local/add' })] })
    const offer = 'Use one of: local/add, local/clock, builtin/clock.'
    expect(lastResults(state).map(({ output }) => output)).toEqual([
      `AIOS_NO_SUCH_TOOL: No tool is named "sub". ${offer}`,
      `AIOS_NO_SUCH_TOOL: No tool is named "clock". ${offer}`,
      'AIOS_INVALID_TOOL_INPUT: Expected the arguments of add as a JSON object, got what cannot be parsed (Unexpected end).',
      1,
    ])
  })

  it('asks again at once when it refused every call', () => {
    const { state, effects } = said(asked(), reply('', [toolCall('a', 'sub')]))
    expect(types(effects)).toEqual(['report', 'ask'])
    expect(state.phase).toBe('thinking')
  })

  it('tells a model that calls a tool where there is none to answer without', () => {
    const none = reactStep(reactState({ instructions: '', tools: [], maxSteps: 2 }), {
      type: 'question',
      text: 'Q',
    }).state
    expect(lastResults(said(none, reply('', [toolCall('a', 'x')])).state)[0]?.output).toContain('There are no tools')
  })

  it('ends with the text of an answer without calls', () => {
    const { state, effects } = said(asked(), reply('42'))
    expect(state).toMatchObject({ phase: 'answered', answer: '42' })
    expect(state.messages.at(-1)).toEqual({ role: 'assistant', content: [{ type: 'text', text: '42' }] })
    expect(effects).toEqual([{ type: 'report', step: { number: 1, thought: '42', calls: [], results: [] } }])
  })

  it('asks again after an empty answer and after one that was cut off', () => {
    const empty = said(asked(), reply(' '))
    expect(types(empty.effects)).toEqual(['report', 'ask'])
    expect(empty.state.messages.at(-1)?.content).toContain('empty')
    const nothing = said(asked(), reply(''))
    expect(nothing.state.messages.map(({ role }) => role)).toEqual(['system', 'user', 'user'])
    const cut = said(asked(), reply('It is bec', [], 'length'))
    expect(cut.state.messages.at(-1)?.content).toContain('cut off')
    expect(cut.state.phase).toBe('thinking')
  })

  it.each([
    ['content-filter', 'AIOS_LLM_CONTENT_FILTER'],
    ['context-overflow', 'AIOS_LLM_CONTEXT_OVERFLOW'],
  ] as const)('fails typed when the answer ends by %s', (unified, code) => {
    const { state, effects } = said(asked(), reply('part', [], unified))
    expect(state).toMatchObject({ phase: 'failed', error: { code } })
    expect(effects).toEqual([])
  })

  it('fails with AIOS_BUDGET_EXCEEDED when a tool call met the end of the budget', () => {
    const acting = said(asked(), reply('', [toolCall('a', 'add')])).state
    const error = { code: 'AIOS_BUDGET_EXCEEDED', message: 'No calls left.', retryable: false }
    const outcomes: ToolOutcome[] = [{ id: 'a', name: 'local/add', status: 'rejected', error }]
    const { state, effects } = reactStep(acting, { type: 'outcomes', outcomes })
    expect(state).toMatchObject({ phase: 'failed', error: { code: 'AIOS_BUDGET_EXCEEDED', message: 'No calls left.' } })
    expect(effects).toEqual([])
  })

  it('calls outcomes without calls a bug', () => {
    expect(() => reactStep(asked(), { type: 'outcomes', outcomes: [] })).toThrow('only after a reply')
  })
})

describe('at the step limit', () => {
  function atLimit(): ReactState {
    const acting = said(asked(1), reply('', [toolCall('a', 'add')])).state
    const { state, effects } = reactStep(acting, { type: 'outcomes', outcomes: [done({ id: 'a', name: 'local/add' })] })
    expect(effects.at(-1)).toMatchObject({ type: 'ask', toolChoice: 'none' })
    expect(state.messages.at(-1)?.content).toContain('best answer')
    return state
  }

  it('takes the text, also a cut one, and ignores further calls', () => {
    expect(said(atLimit(), reply('Maybe 3', [], 'length')).state).toMatchObject({
      phase: 'answered',
      answer: 'Maybe 3',
    })
    expect(said(atLimit(), reply('3', [toolCall('b', 'add')])).state).toMatchObject({ phase: 'answered', answer: '3' })
  })

  it('fails with AIOS_LLM_INVALID_OUTPUT when there is no text', () => {
    const { state } = said(atLimit(), reply('', [toolCall('b', 'add')]))
    expect(state).toMatchObject({ phase: 'failed', error: { code: 'AIOS_LLM_INVALID_OUTPUT' } })
    expect(state.error?.message).toContain('fake-1')
  })
})

const anyCall = fc.record({
  name: fc.constantFrom('add', 'local/add', 'clock', 'nope'),
  invalid: fc.boolean(),
})
const anyReply = fc
  .record({
    text: fc.constantFrom('', 'text'),
    calls: fc.array(anyCall, { maxLength: 4 }),
    finish: fc.constantFrom('stop', 'length', 'tool-calls', 'other', 'paused', 'content-filter'),
  })
  .map(({ text, calls, finish }) => {
    const parts = calls.map(({ name, invalid }, index): ToolCallPart => {
      const call = toolCall(String(index), name)
      return invalid ? { ...call, invalid: 'broken' } : call
    })
    return reply(text, parts, finish)
  })

describe('whatever the model answers', () => {
  it('the agent ends within maxSteps + 1 answers, every call has exactly one result, and no state is changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(anyReply, { minLength: 7, maxLength: 7 }),
        (maxSteps, replies) => {
          let { state, effects } = reactStep(deepFreeze(reactState({ instructions: '', tools: TOOLS, maxSteps })), {
            type: 'question',
            text: 'Q',
          })
          let asks = 0
          while (effects.length > 0) {
            const next = effects.find((effect) => effect.type !== 'report')
            if (next === undefined) break
            if (next.type === 'ask') asks += 1
            const input: ReactInput =
              next.type === 'ask'
                ? { type: 'reply', reply: replies[asks - 1]! }
                : { type: 'outcomes', outcomes: next.calls.map(done) }
            const frozen = deepFreeze(state)
            const once = reactStep(frozen, input)
            expect(reactStep(frozen, input)).toEqual(once)
            ;({ state, effects } = once)
          }
          expect(['answered', 'failed']).toContain(state.phase)
          expect(asks).toBeLessThanOrEqual(maxSteps + 1)
          expectAnswered(state)
        },
      ),
    )
  })
})

/** Providers reject a conversation in which a call lacks its result. */
function expectAnswered(state: ReactState): void {
  state.messages.forEach((message, index) => {
    if (message.role !== 'tool') return
    const before = state.messages[index - 1]
    const calls = (before?.content as readonly { type: string; id?: string }[]).filter(
      ({ type }) => type === 'tool-call',
    )
    const results = message.content as readonly ToolResultPart[]
    expect(results.map(({ id }) => id)).toEqual(calls.map(({ id }) => id))
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}

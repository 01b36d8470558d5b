import type { RunJournal } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { calls, expectTrace, scriptedCore, throws } from '@aios/llm/testing'
import { createKernel, defineTool, react } from '@aios/sdk'
import { AssertionError } from 'node:assert'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

const add = defineTool({
  name: 'add',
  description: 'Adds.',
  input: z.object({ a: z.number(), b: z.number() }),
  execute: ({ a, b }) => a + b,
})
const fail = defineTool({
  name: 'fail',
  description: 'Fails.',
  input: z.object({}),
  execute: () => {
    throw new Error('broken')
  },
})

let run: RunJournal
let twice: RunJournal

async function journalOf(...steps: Parameters<typeof scriptedCore>[0]): Promise<RunJournal> {
  const kernel = await createKernel({ llm: scriptedCore(steps), tools: [add, fail], journal: true })
  const process = kernel.spawn(react({ tools: ['add', 'fail'] }), 'What is 2 + 2?')
  await process.result.catch(() => undefined)
  const journal = await kernel.readRun(process.runId)
  await kernel.close()
  return journal
}

beforeAll(async () => {
  run = await journalOf(calls('add', { a: 2, b: 2 }), calls('fail'), 'It is 4.')
  twice = await journalOf(calls('add', { a: 1, b: 1 }), calls('add', { a: 1, b: 1 }), 'Two.')
})

/** Returns what an expectation throws. */
function thrownBy(expectation: () => unknown): AssertionError {
  try {
    expectation()
  } catch (error) {
    if (error instanceof AssertionError) return error
    throw error
  }
  throw new Error('Expected a failure, got none.')
}

describe('expectTrace() of a run', () => {
  it('is content with what happened', () => {
    expectTrace(run)
      .called('llm.chat')
      .times(3)
      .atLeast(2)
      .before('tool:add')
      .succeeded()
      .called('tool:local/add')
      .with({ input: { a: 2 } })
      .times(1)
      .after('llm.chat')
      .before('tool:fail')
      .called('tool:fail')
      .failed()
      .failed('AIOS_TOOL_FAILED')
      .called('llm.*')
      .times(3)
      .notCalled('memory.*')
      .inOrder('llm.chat', 'tool:add', 'llm.chat', 'tool:fail', 'llm.chat')
      .noDuplicateTools()
      .allSettled()
    expectTrace(run)
      .called('llm.chat')
      .with({ messages: (list: unknown[]) => list.length > 3 })
    expectTrace(run)
      .called('llm.chat')
      .with((request: { messages: unknown[] }) => request.messages.length > 3)
  })

  it.each<[string, (trace: ReturnType<typeof expectTrace>) => unknown, string]>([
    ['called', (trace) => trace.called('tool:sub'), 'Expected a call of tool:sub, got none.'],
    ['called, of a family', (trace) => trace.called('memory.*'), 'Expected a call of memory.*, got none.'],
    ['notCalled', (trace) => trace.notCalled('tool:add'), 'Expected no call of tool:add, got 1.'],
    ['times', (trace) => trace.called('llm.chat').times(2), 'Expected 2 calls of llm.chat, got 3.'],
    ['atLeast', (trace) => trace.called('llm.chat').atLeast(4), 'Expected 4 calls of llm.chat or more, got 3.'],
    [
      'before',
      (trace) => trace.called('tool:fail').before('tool:add'),
      'Expected tool:fail before tool:add, got it the other way round.',
    ],
    [
      'after',
      (trace) => trace.called('llm.chat').after('tool:add'),
      'Expected llm.chat after tool:add, got it the other way round.',
    ],
    ['before nothing', (trace) => trace.called('llm.chat').before('memory.add'), 'got no memory.add.'],
    [
      'with',
      (trace) => trace.called('tool:add').with({ input: { a: 3 } }),
      'Expected a call of tool:add with {"input":{"a":3}}, got none.',
    ],
    ['with an array of another length', (trace) => trace.called('llm.chat').with({ messages: [] }), 'got none.'],
    ['succeeded', (trace) => trace.called('tool.call').succeeded(), 'got one that rejected with AIOS_TOOL_FAILED.'],
    ['failed', (trace) => trace.called('llm.chat').failed(), 'Expected a call of llm.chat to fail, got none.'],
    ['failed with a code', (trace) => trace.called('tool:fail').failed('AIOS_X'), 'to fail with AIOS_X, got none.'],
    [
      'inOrder',
      (trace) => trace.inOrder('tool:fail', 'tool:add'),
      'Expected tool:fail, then tool:add, got no tool:add after tool:fail.',
    ],
  ])('%s says what it missed', (_, expectation, message) => {
    const error = thrownBy(() => expectation(expectTrace(run)))
    expect(error.message).toContain(message)
    expect(error.message).toContain('What was called:')
    expect(error.code).toBe('ERR_ASSERTION')
  })

  it('shows the whole trace, and marks what comes nearest', () => {
    const { message, actual, expected } = thrownBy(() =>
      expectTrace(run)
        .called('tool:add')
        .with({ input: { a: 3 } }),
    )
    const marked = message.split('\n').filter((line) => line.startsWith('>'))
    expect(marked).toHaveLength(1)
    expect(marked[0]).toMatch(/^> \d+\. tool\.call \{.*"a":2.*\} fulfilled$/)
    expect(message).toMatch(/ {2}\d+\. tool\.call .* rejected AIOS_TOOL_FAILED/)
    expect(actual).toMatchObject([{ input: { a: 2, b: 2 } }])
    expect(expected).toEqual({ input: { a: 3 } })
  })

  it('finds tools that were called twice with the same input', () => {
    expect(thrownBy(() => expectTrace(twice).noDuplicateTools()).message).toMatch(
      /twice with the same input, got .*add twice/,
    )
  })

  it('finds calls that never settled, and says where nothing was called', () => {
    const [start] = run.lines
    const call = run.lines.find((line) => line.kind === 'call')!
    const { outcome: _, ...begun } = call
    const open = { ...run, lines: [start!, { ...begun, kind: 'open', intent: true, dueAt: undefined } as never] }
    expect(thrownBy(() => expectTrace(open).allSettled()).message).toContain('got 1 that had not')
    expectTrace({ ...run, lines: [...open.lines, call] }).allSettled()
    const nothing = { ...run, lines: [start!] }
    expect(thrownBy(() => expectTrace(nothing).called('llm.chat')).message).toContain('Nothing was called.')
  })

  it('refuses what it cannot answer', () => {
    expect(() => expectTrace({} as never)).toThrow(/Expected a run/)
    expect(() => expectTrace(run).called('chat')).toThrow(/Expected the name of a syscall/)
    expect(() => expectTrace(run).called('llm.chat').times(-1)).toThrow(/times/)
    expect(() => expectTrace(run).maxConcurrent('llm.*', 1)).toThrow(/Expected events/)
  })
})

describe('expectTrace() of events', () => {
  const request = { messages: [{ role: 'user' as const, content: 'Hi.' }] }
  let events: ReturnType<typeof recordEvents>

  beforeAll(async () => {
    const core = scriptedCore(
      [{ text: 'a', latencyMs: 10 }, { text: 'b', latencyMs: 10 }, { text: 'c', latencyMs: 10 }, throws('bad-request')],
      {
        limits: { concurrency: 2 },
      },
    )
    const kernel = await createTestKernel({ llm: core })
    events = recordEvents(kernel)
    const { llm } = kernel.sys()
    const asked = [1, 2, 3, 4].map(() => llm.chat(request).catch(() => undefined))
    await kernel.clock.advance(100)
    await Promise.all(asked)
    await kernel.close()
  })

  afterAll(() => {
    events.stop()
  })

  it('knows how many calls were on their devices at once', () => {
    expectTrace(events)
      .called('llm.chat')
      .times(4)
      .failed('AIOS_LLM_BAD_REQUEST')
      .maxConcurrent('llm.chat', 2)
      .maxConcurrent('tool.*', 0)
    expect(thrownBy(() => expectTrace(events).maxConcurrent('llm.*', 1)).message).toContain(
      'at most 1 calls of llm.* at once, got 2.',
    )
  })

  it('says that it does not know requests', () => {
    expect(() => expectTrace(events).called('tool:add')).toThrow(/Expected a run of the journal/)
    expect(() => expectTrace(events).called('llm.chat').with({})).toThrow(/Expected a run of the journal/)
    expect(() => expectTrace(events).noDuplicateTools()).toThrow(/Expected a run of the journal/)
  })
})

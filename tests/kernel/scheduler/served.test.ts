/** What the policy of a lane hears of the calls it ordered. */
import {
  AiosError,
  fifo,
  type LlmDriver,
  type PolicyDefinition,
  type StreamPart,
  type Sys,
  type Task,
} from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory, reply, watch } from '../fake-drivers.js'
import { start, testBed } from '../test-bed.js'

interface Ledger extends PolicyDefinition {
  /** `started 1 in 5`, `served 1 in 2 out 7`, `settled 1`, by id of the call. */
  readonly lines: string[]
}

/** Is first in, first out, and writes down what it hears. */
function ledger(shed?: (task: Task, now: number) => boolean): Ledger {
  const lines: string[] = []
  const create: PolicyDefinition['create'] = (lane) => {
    const policy = fifo().create(lane)
    const waiting = new Set<Task>()
    return {
      get size() {
        return policy.size
      },
      enqueue: (task, now) => {
        waiting.add(task)
        policy.enqueue(task, now)
      },
      dequeue: (now) => {
        const task = policy.dequeue(now)
        if (task !== undefined) waiting.delete(task)
        return task
      },
      remove: (task) => policy.remove(task) && waiting.delete(task),
      started: ({ id, inputTokens }) => void lines.push(`started ${id} in ${inputTokens}`),
      served: ({ id }, { inputTokens, outputTokens }) =>
        void lines.push(`served ${id} in ${inputTokens} out ${outputTokens}`),
      settled: ({ id }) => void lines.push(`settled ${id}`),
      ...(shed !== undefined && {
        shed: (now) => {
          const task = [...waiting].find((each) => shed(each, now))
          if (task === undefined) return undefined
          waiting.delete(task)
          policy.remove(task)
          return task
        },
      }),
    }
  }
  return { name: 'ledger', create, lines }
}

const ask = (sys: Sys, text: string) => watch(sys.llm.chat({ messages: [{ role: 'user', content: text }] }))

describe('a policy', () => {
  it('hears of the start, of what the core reports beyond the estimate, and of the end', async () => {
    const policy = ledger()
    const core = heldCore({ limits: { concurrency: 1 } })
    const kernel = await testBed({ llm: core, policies: { llm: policy } })
    const { sys } = await start(kernel)
    ask(sys, 'eight ch')
    ask(sys, 'b')
    expect(policy.lines).toEqual(['started 1 in 3'])
    core.held.succeed('eight ch', reply(10, 4))
    await kernel.clock.settle()
    expect(policy.lines).toEqual(['started 1 in 3', 'served 1 in 7 out 4', 'settled 1', 'started 2 in 2'])
    core.held.fail('b', new AiosError('AIOS_LLM_AUTH', 'down'))
    await kernel.clock.settle()
    expect(policy.lines.slice(4)).toEqual(['settled 2'])
  })

  it('counts a call of a lane without tokens as one', async () => {
    const policy = ledger()
    const memory = heldMemory()
    const kernel = await testBed({ memory, policies: { memory: policy } })
    const { sys } = await start(kernel)
    void watch(sys.memory.add({ content: 'a' }))
    memory.held.succeed('a')
    await kernel.clock.settle()
    expect(policy.lines).toEqual(['started 1 in 1', 'settled 1'])
  })

  it('hears of streamed output while it comes, and of a cancelled call when its slot is free', async () => {
    const policy = ledger()
    const go: { on?: () => void } = {}
    const core: LlmDriver = {
      kind: 'llm',
      id: 'main',
      model: 'm',
      async *stream(): AsyncIterable<StreamPart> {
        yield { type: 'start' }
        yield { type: 'text-delta', id: '0', text: 'x'.repeat(400) }
        await new Promise<void>((resolve) => {
          go.on = resolve
        })
        yield { type: 'finish', finish: { unified: 'stop' }, usage: { input: {}, output: {} } }
      },
    }
    const kernel = await testBed({ llm: core, policies: { llm: policy } })
    const { sys } = await start(kernel)
    const call = new AbortController()
    const stream = sys.llm.stream({ messages: [{ role: 'user', content: 'abcd' }] }, { signal: call.signal })
    const parts = stream[Symbol.asyncIterator]()
    await parts.next()
    await parts.next()
    expect(policy.lines).toEqual(['started 1 in 2', 'served 1 in 0 out 100'])
    void watch(parts.next())
    await kernel.clock.settle()
    call.abort(new Error('enough'))
    await kernel.clock.settle()
    expect(policy.lines.length).toBe(2)
    go.on!()
    await kernel.clock.settle()
    expect(policy.lines.at(-1)).toBe('settled 1')
  })

  it('is told that a call was served nothing which a budget kept from its device', async () => {
    const policy = ledger()
    const core = heldCore({ estimate: () => 1_000 })
    const kernel = await testBed({ llm: core, policies: { llm: policy } })
    const { sys } = await start(kernel, { budget: { tokens: 100 } })
    const call = ask(sys, 'abcd')
    await kernel.clock.settle()
    expect([call.outcome, policy.lines]).toEqual([
      'AIOS_BUDGET_EXCEEDED',
      ['started 1 in 2', 'served 1 in -2 out 0', 'settled 1'],
    ])
  })

  it('that takes over hears nothing of the calls that run, and the one before hears their end', async () => {
    const before = ledger()
    const after = ledger()
    const core = heldCore()
    const kernel = await testBed({ llm: core, policies: { llm: before } })
    const { sys } = await start(kernel)
    ask(sys, 'a')
    kernel.setPolicy('llm', after)
    core.held.succeed('a', reply(2, 0))
    await kernel.clock.settle()
    expect([before.lines, after.lines]).toEqual([['started 1 in 2', 'settled 1'], []])
  })
})

describe('a call that its policy sheds', () => {
  it('rejects before it costs a slot, and those behind it go on', async () => {
    const policy = ledger(({ dueAt }, now) => dueAt - now < 50)
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: policy } })
    const { sys } = await start(kernel)
    const add = (content: string, deadlineMs: number) => watch(sys.memory.add({ content }, { deadlineMs }))
    add('busy', 1_000)
    const hopeless = add('hopeless', 100)
    const fine = add('fine', 1_000)
    await kernel.clock.advance(60)
    memory.held.succeed('busy')
    await kernel.clock.settle()
    expect([hopeless.outcome, fine.outcome, memory.held.started]).toEqual([
      'AIOS_DEADLINE_EXCEEDED',
      'pending',
      ['busy', 'fine'],
    ])
    expect(hopeless.error).toMatchObject({ details: { dueAt: expect.any(Number) as number } })
    expect(kernel.stats().lanes[0]!.queued).toBe(0)
  })

  it('goes by the deadline of its process where that is nearer', async () => {
    const seen: number[] = []
    const policy = ledger(({ dueAt }, now) => {
      seen.push(dueAt - now)
      return false
    })
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: policy } })
    const { sys } = await start(kernel, { deadlineMs: 300 })
    for (const content of ['busy', 'next']) void watch(sys.memory.add({ content }, { deadlineMs: 5_000 }))
    memory.held.succeed('busy')
    await kernel.clock.settle()
    expect(seen).toEqual([300])
  })
})

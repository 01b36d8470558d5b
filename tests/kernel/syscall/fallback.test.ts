import {
  AiosError,
  type CoreOutcome,
  type ErrorCode,
  type KernelEvents,
  type LlmDriver,
  type LlmRouter,
  type StreamPart,
  type SyscallRecord,
} from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, reply, watch } from '../fake-drivers.js'
import { testBed } from '../test-bed.js'
import { spoken } from './cores.js'

const ask = { messages: [{ role: 'user' as const, content: 'a' }] }
const failure = (code: ErrorCode = 'AIOS_LLM_SERVER', options = {}): AiosError =>
  new AiosError(code, 'It failed.', options)

/** Is a core that answers with its id, or throws what it is given. */
function core(id: string, error?: unknown, more: Partial<LlmDriver> = {}): LlmDriver & { asked: number } {
  const made: LlmDriver & { asked: number } = {
    kind: 'llm',
    id,
    model: `${id}-1`,
    asked: 0,
    chat: () => {
      made.asked += 1
      if (error !== undefined) throw error
      return reply(5, 2)
    },
    ...more,
  }
  return made
}

describe('a call whose core fails in passing, where there are others', () => {
  it('goes on at once with the next core that the router names, as a further attempt', async () => {
    const [a, b] = [core('a', failure()), core('b')]
    const kernel = await testBed({ llm: [a, b] })
    const retried: KernelEvents['syscall:retried'][] = []
    const settled: SyscallRecord[] = []
    kernel.on('syscall:retried', (fact) => void retried.push(fact))
    kernel.on('syscall:settled', (record) => void settled.push(record))
    const answer = await kernel.sys().llm.chat(ask)
    expect(answer.model).toBe('b-1')
    expect(answer.meta.attempts.map(({ lane, errorCode }) => [lane, errorCode])).toEqual([
      ['llm/a', 'AIOS_LLM_SERVER'],
      ['llm/b', undefined],
    ])
    expect(retried).toMatchObject([{ lane: 'llm/a', nextLane: 'llm/b', attempt: 1, delayMs: 0 }])
    expect(settled[0]).toMatchObject({ lane: 'llm/b', device: 'b', outcome: 'fulfilled' })
    expect(settled[0]!.attempts).toHaveLength(2)
    expect(kernel.clock.pending).toBe(0)
  })

  it('tries each core once, then waits for the last, and rejects after as many attempts as that allows', async () => {
    const cores = ['a', 'b', 'c'].map((id) => core(id, failure()))
    const kernel = await testBed({ llm: cores, random: () => 0.5 })
    const call = watch(kernel.sys().llm.chat(ask))
    await kernel.clock.settle()
    expect(cores.map(({ asked }) => asked)).toEqual([1, 1, 1])
    await kernel.clock.advance(60_000)
    expect(cores.map(({ asked }) => asked)).toEqual([1, 1, 2])
    expect(call.outcome).toBe('AIOS_LLM_SERVER')
  })

  it('keeps its error where another core could not help, or the core allows one attempt', async () => {
    const other = core('b')
    const wrong = await testBed({ llm: [core('a', failure('AIOS_LLM_BAD_REQUEST')), other] })
    await expect(wrong.sys().llm.chat(ask)).rejects.toThrow('It failed.')
    const once = await testBed({ llm: [core('a', failure(), { limits: { maxAttempts: 1 } }), other] })
    await expect(once.sys().llm.chat(ask)).rejects.toThrow('It failed.')
    expect(other.asked).toBe(0)
  })

  it('tells of a stream what the core left out that answered, not the one that had begun', async () => {
    const saying = (setting: string) => ({ type: 'start' as const, warnings: [{ setting, message: 'Left out.' }] })
    const streaming = (id: string, make: () => Generator<StreamPart>): LlmDriver => ({
      ...{ kind: 'llm', id, model: id },
      async *stream() {
        yield* make()
      },
    })
    const broken = streaming('a', function* () {
      yield saying('temperature')
      throw failure()
    })
    const whole = streaming('b', function* () {
      yield saying('seed')
      yield* [...spoken('Hi.')].slice(1)
    })
    const kernel = await testBed({ llm: [broken, whole] })
    const { warnings, meta } = await kernel.sys().llm.stream(ask).result
    expect(warnings.map(({ setting }) => setting)).toEqual(['seed'])
    expect(meta.attempts.map(({ lane }) => lane)).toEqual(['llm/a', 'llm/b'])
  })

  it('goes nowhere that its process was not granted, and only where the request may go', async () => {
    const other = core('b')
    const kernel = await testBed({ llm: [core('a', failure()), other] })
    const fenced = watch(kernel.sys({ grants: { models: ['a'] } }).llm.chat(ask))
    const named = watch(kernel.sys().llm.chat({ ...ask, model: 'a' }))
    await kernel.clock.advance(60_000)
    expect([fenced.outcome, named.outcome, other.asked]).toEqual(['AIOS_LLM_SERVER', 'AIOS_LLM_SERVER', 0])
  })

  it('goes to another core although the first asks for a pause that is too long to wait', async () => {
    const limited = core('a', failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 3_600_000 }))
    const kernel = await testBed({ llm: [limited, core('b')] })
    expect((await kernel.sys().llm.chat(ask)).model).toBe('b-1')
  })

  it('waits for its own core if the router throws, and says so', async () => {
    let picks = 0
    const router: LlmRouter = {
      pick: (_request, cores) => {
        picks += 1
        if (picks > 1) throw new Error('lost')
        return cores[0]?.id
      },
    }
    const first = core('a', failure())
    const kernel = await testBed({ llm: [first, core('b')], router })
    const failed: KernelEvents['driver:failed'][] = []
    kernel.on('driver:failed', (fact) => void failed.push(fact))
    const call = watch(kernel.sys().llm.chat(ask))
    await kernel.clock.settle()
    expect(failed).toMatchObject([{ device: 'router', message: 'Error: lost' }])
    await kernel.clock.advance(60_000)
    expect([first.asked, call.outcome]).toEqual([4, 'AIOS_LLM_SERVER'])
  })

  it('is given to the other core as that needs it: tools resolved, a schema in words', async () => {
    const seen: unknown[] = []
    const other = core('b', undefined, {
      capabilities: { schema: false },
      chat: (request) => {
        seen.push(request)
        return reply(1, 1)
      },
    })
    const kernel = await testBed({ llm: [core('a', failure()), other] })
    const tool = { name: 't', description: 'd', inputSchema: { type: 'object' } }
    const responseFormat = { type: 'json' as const, schema: { type: 'object' } }
    await kernel.sys().llm.chat({ ...ask, llms: [{ name: 'a' }, { name: 'b' }], tools: [tool], responseFormat })
    expect(seen).toEqual([
      {
        messages: [ask.messages[0], { role: 'system', content: expect.stringContaining('JSON Schema') as string }],
        tools: [tool],
        responseFormat,
      },
    ])
  })

  it('reserves anew at the price of the other core, and is charged for what answered', async () => {
    const price = { inputUsdPerMTok: 0, outputUsdPerMTok: 1_000_000 }
    const dear = { inputUsdPerMTok: 0, outputUsdPerMTok: 2_000_000 }
    const other = heldCore({ id: 'b', price: dear })
    const kernel = await testBed({ llm: [core('a', failure(), { price, maxOutputTokens: 8 }), other] })
    const sys = kernel.sys({ budget: { usd: 10 } })
    const call = watch(sys.llm.chat(ask))
    await kernel.clock.settle()
    expect(other.requests.get('a')?.maxOutputTokens).toBe(5)
    other.held.succeed('a', reply(5, 2))
    await kernel.clock.settle()
    expect(call.state).toBe('fulfilled')
    expect(kernel.ps().find(({ calls }) => calls.length === 0)?.usage.costUsd).toBe(4)
  })
})

describe('a stream whose core fails', () => {
  const breaking = (after: readonly string[]): Partial<LlmDriver> => ({
    async *stream(): AsyncGenerator<StreamPart> {
      yield* [...spoken(...after)].filter(({ type }) => type !== 'finish' && (after.length > 0 || type === 'start'))
      await Promise.resolve()
      throw failure('AIOS_LLM_NETWORK')
    },
  })
  const speaking = (id: string): LlmDriver => ({
    kind: 'llm',
    id,
    model: id,
    async *stream() {
      await Promise.resolve()
      yield* spoken('from ', id)
    },
  })

  it('goes on with another core before the first part, and its consumer sees one answer', async () => {
    const kernel = await testBed({ llm: [{ ...speaking('a'), ...breaking([]) }, speaking('b')] })
    const stream = kernel.sys().llm.stream(ask)
    const types: string[] = []
    for await (const { type } of stream) types.push(type)
    const { text, model, meta } = await stream.result
    expect([text, model, meta.attempts.map(({ lane }) => lane)]).toEqual(['from b', 'b', ['llm/a', 'llm/b']])
    expect(types.filter((type) => type === 'start')).toHaveLength(1)
  })

  it('fails where a part was delivered', async () => {
    const kernel = await testBed({ llm: [{ ...speaking('a'), ...breaking(['half']) }, speaking('b')] })
    const stream = kernel.sys().llm.stream(ask)
    const texts: string[] = []
    const read = async (): Promise<void> => {
      for await (const part of stream) if (part.type === 'text-delta') texts.push(part.text)
    }
    await expect(read()).rejects.toThrow('It failed.')
    expect(texts).toEqual(['half'])
  })
})

describe('a core that is down', () => {
  const limits = { concurrency: 1, breaker: { failures: 1, openMs: 1_000 } }

  it('gets no calls while another is there, but for the next probe', async () => {
    let broken = true
    const a = core('a', undefined, {
      limits,
      chat: () => {
        if (broken) throw failure()
        return reply(1, 1)
      },
    })
    const kernel = await testBed({ llm: [a, core('b')] })
    const models = async (): Promise<readonly string[]> => {
      const { model, meta } = await kernel.sys().llm.chat(ask)
      return [model, ...meta.attempts.map(({ lane }) => lane)]
    }
    expect(await models()).toEqual(['b-1', 'llm/a', 'llm/b'])
    expect(await models()).toEqual(['b-1', 'llm/b'])
    broken = false
    await kernel.clock.advance(1_000)
    expect(await models()).toEqual(['a-1', 'llm/a'])
    expect(await models()).toEqual(['a-1', 'llm/a'])
  })

  it('gives the calls that wait for it to another core', async () => {
    const a = heldCore({ id: 'a', limits })
    const b = heldCore({ id: 'b' })
    const kernel = await testBed({ llm: [a, b] })
    const say = (content: string, more = {}) =>
      watch(kernel.sys().llm.chat({ messages: [{ role: 'user', content }], ...more }))
    const calls = [say('first'), say('second'), say('third', { model: 'a' })]
    await kernel.clock.settle()
    expect(a.held.running).toEqual(['first'])
    a.held.fail('first', failure())
    await kernel.clock.settle()
    expect([...b.held.running].sort()).toEqual(['first', 'second'])
    b.held.succeed('second', reply(1, 1))
    b.held.succeed('first', reply(1, 1))
    await kernel.clock.settle()
    expect(calls.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'pending'])
    expect((calls[1]!.value as { meta: { attempts: unknown[] } }).meta.attempts).toHaveLength(1)
    await kernel.clock.advance(1_000)
    a.held.succeed('third', reply(1, 1))
    await kernel.clock.settle()
    expect(calls[2]!.state).toBe('fulfilled')
  })
})

describe('a router that learns', () => {
  it('hears of every attempt what was asked, how long it took and what it used', async () => {
    const heard: CoreOutcome[] = []
    const router: LlmRouter = {
      pick: (_request, cores) => cores[0]?.id,
      settled: (outcome) => void heard.push(outcome),
    }
    const price = { inputUsdPerMTok: 1_000_000, outputUsdPerMTok: 0 }
    const b = heldCore({ id: 'b', price })
    const kernel = await testBed({ llm: [core('a', failure()), b], router })
    const request = { ...ask, task: 'maths' }
    const call = watch(kernel.sys().llm.chat(request))
    await kernel.clock.advance(70)
    b.held.succeed('a', reply(5, 2))
    await kernel.clock.settle()
    const { meta } = call.value as { meta: { syscallId: number } }
    expect(heard.map((outcome) => ({ ...outcome, core: outcome.core.id }))).toEqual([
      {
        callId: meta.syscallId,
        core: 'a',
        request,
        firstPartMs: undefined,
        durationMs: 0,
        usage: undefined,
        usd: undefined,
        errorCode: 'AIOS_LLM_SERVER',
        at: 0,
      },
      {
        callId: meta.syscallId,
        core: 'b',
        request,
        firstPartMs: undefined,
        durationMs: 70,
        usage: { input: { total: 5 }, output: { total: 2 } },
        usd: 5,
        errorCode: undefined,
        at: 70,
      },
    ])
  })

  it('hears when the first part of a stream came, and nothing of a call that was given up', async () => {
    const heard: CoreOutcome[] = []
    const router: LlmRouter = {
      pick: (_request, cores) => cores[0]?.id,
      settled: (outcome) => void heard.push(outcome),
    }
    const next: (() => void)[] = []
    const slow: LlmDriver = {
      kind: 'llm',
      id: 'a',
      model: 'a',
      async *stream() {
        for (const part of spoken('x')) {
          if (part.type === 'text-start' || part.type === 'finish') await new Promise<void>((go) => next.push(go))
          yield part
        }
      },
    }
    const kernel = await testBed({ llm: slow, router })
    const stream = kernel.sys().llm.stream(ask)
    const read = watch(stream.result)
    await kernel.clock.advance(40)
    next.shift()?.()
    await kernel.clock.advance(10)
    next.shift()?.()
    await kernel.clock.settle()
    expect(read.state).toBe('fulfilled')
    expect(heard).toMatchObject([{ firstPartMs: 40, durationMs: 50, errorCode: undefined }])
    const given = new AbortController()
    const call = watch(kernel.sys().llm.chat(ask, { signal: given.signal }))
    await kernel.clock.settle()
    given.abort('enough')
    await kernel.clock.advance(60_000)
    expect([call.error, heard.length]).toEqual(['enough', 1])
  })

  it('fails no call by what it throws', async () => {
    const router: LlmRouter = {
      pick: (_request, cores) => cores[0]?.id,
      settled: () => {
        throw new Error('full')
      },
    }
    const kernel = await testBed({ llm: core('a'), router })
    const failed: string[] = []
    kernel.on('driver:failed', ({ device, message }) => void failed.push(`${device}: ${message}`))
    await kernel.sys().llm.chat(ask)
    expect(failed).toEqual(['router: Error: full'])
  })

  it("is opened before the cores with the kernel's records, and closed after their last call", async () => {
    const order: string[] = []
    const router: LlmRouter = {
      pick: (_request, cores) => cores[0]?.id,
      open: async ({ records }) => {
        await records.put('routing', new Uint8Array([1]), new Uint8Array([2]))
        order.push('router opened')
      },
      close: () => void order.push('router closed'),
    }
    const a = core('a', undefined, { open: () => void order.push('core opened') })
    const kernel = await testBed({ llm: a, router })
    const sys = kernel.sys()
    await sys.llm.chat(ask)
    await kernel.close()
    expect(order).toEqual(['router opened', 'core opened', 'router closed'])
  })

  it('that cannot open keeps the kernel from starting', async () => {
    const router: LlmRouter = {
      pick: () => undefined,
      open: () => Promise.reject(new Error('no history')),
      close: () => expect.unreachable(),
    }
    await expect(testBed({ llm: core('a'), router })).rejects.toThrow('no history')
  })
})

describe('cores that a budget cannot bear', () => {
  it('are not offered to the router, unless it bears none', async () => {
    const offered: string[][] = []
    const router: LlmRouter = {
      pick: (_request, cores) => {
        offered.push(cores.map(({ id }) => id))
        return cores[0]?.id
      },
    }
    const cheap = core('cheap', undefined, { price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1 } })
    const dear = core('dear', undefined, { price: { inputUsdPerMTok: 1_000_000, outputUsdPerMTok: 1 } })
    const kernel = await testBed({ llm: [core('unpriced'), dear, cheap], router })
    await kernel.sys().llm.chat(ask)
    await kernel.sys({ budget: { usd: 5 } }).llm.chat(ask)
    await expect(kernel.sys({ budget: { usd: 0 } }).llm.chat(ask)).rejects.toMatchObject({
      code: 'AIOS_BUDGET_UNPRICED',
    })
    expect(offered).toEqual([['unpriced', 'dear', 'cheap'], ['cheap'], ['unpriced', 'dear', 'cheap']])
  })
})

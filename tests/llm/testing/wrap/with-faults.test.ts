import type { StreamPart } from '@aios/kernel'
import { createTestKernel, fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import {
  at,
  cutAfter,
  dropUsage,
  duplicateEvents,
  everyN,
  garbageJson,
  hangs,
  scriptedCore,
  sometimes,
  stall,
  throws,
  tokenEngine,
  withFaults,
  type FaultLike,
  type FaultyCore,
  type ScheduledFault,
  type ScriptedReply,
} from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'

const REQUEST = { messages: [{ role: 'user' as const, content: 'Go.' }] }
const JSON_REQUEST = { ...REQUEST, responseFormat: { type: 'json' as const } }
const REPLY: ScriptedReply = {
  text: 'one two three',
  toolCalls: [{ name: 'f', input: { a: [1] } }],
  usage: { input: 3, output: 4 },
}

function faulty(
  faults: readonly (FaultLike | ScheduledFault)[],
  reply: ScriptedReply = REPLY,
  seed?: number,
): FaultyCore {
  return withFaults(scriptedCore([reply], { repeat: true }), faults, seed === undefined ? {} : { seed })
}

const chat = async (core: FaultyCore, request: object = REQUEST) =>
  core.chat!({ ...REQUEST, ...request }, fakeDriverCall())

async function streamed(core: FaultyCore, request: object = REQUEST): Promise<{ parts: StreamPart[]; error: unknown }> {
  const parts: StreamPart[] = []
  try {
    for await (const part of core.stream!({ ...REQUEST, ...request }, fakeDriverCall())) parts.push(part)
    return { parts, error: undefined }
  } catch (error) {
    return { parts, error }
  }
}

const textOf = (parts: readonly { type: string; text?: string }[], type: string) =>
  parts.map((part) => (part.type === type ? part.text : '')).join('')

describe('withFaults()', () => {
  it('fails the requests it is told to, by number from 1, and tells which', async () => {
    const script = scriptedCore([REPLY], { repeat: true })
    const core = withFaults(script, [
      at(2, 'overloaded'),
      at([3, 4], throws('rate-limit', { retryAfterMs: 50 })),
      everyN(5, 'server'),
    ])
    const codes: unknown[] = []
    for (let n = 0; n < 6; n += 1)
      codes.push(
        await chat(core).then(
          () => 'ok',
          (error: { code: string; retryAfterMs?: number }) => [error.code, error.retryAfterMs],
        ),
      )
    expect(codes).toEqual([
      'ok',
      ['AIOS_LLM_OVERLOADED', undefined],
      ['AIOS_LLM_RATE_LIMIT', 50],
      ['AIOS_LLM_RATE_LIMIT', 50],
      ['AIOS_LLM_SERVER', undefined],
      'ok',
    ])
    expect(script.requests).toHaveLength(2)
    expect(core.injected.map(({ request }) => request)).toEqual([2, 3, 4, 5])
    expect(core.injected[0]).toEqual({ request: 2, fault: 'overloaded' })
  })

  it('lets the kernel try again after a fault that passes', async () => {
    const core = faulty([at(1, 'overloaded')])
    const kernel = await createTestKernel({ llm: core })
    const answer = kernel.sys().llm.chat(REQUEST)
    await kernel.clock.advance(60_000)
    expect((await answer).meta.attempts).toHaveLength(2)
    await kernel.close()
  })

  it('is the same at each run of a seed, also where calls overtake each other', async () => {
    const injected = async (seed: number) => {
      const core = faulty([sometimes(0.3, 'server'), sometimes(0.3, dropUsage())], REPLY, seed)
      await Promise.allSettled(Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? chat(core) : streamed(core))))
      return [...core.injected].sort((a, b) => a.request - b.request || a.fault.localeCompare(b.fault))
    }
    const first = await injected(1)
    expect(first.length).toBeGreaterThan(10)
    expect(first.length).toBeLessThan(40)
    expect(await injected(1)).toEqual(first)
    expect(await injected(2)).not.toEqual(first)
  })

  it('cuts a stream after so many pieces, and a whole answer altogether', async () => {
    const core = faulty([cutAfter({ chunks: 2 })])
    const { parts, error } = await streamed(core)
    expect(textOf(parts, 'text-delta')).toBe('one two ')
    expect(error).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM' })
    await expect(chat(faulty([cutAfter({ chunks: 0, with: 'network' })]))).rejects.toMatchObject({
      code: 'AIOS_LLM_NETWORK',
    })
    expect((await streamed(faulty([cutAfter({ chunks: 99 })]))).error).toBeUndefined()
  })

  it('spoils arguments so that they cannot be parsed, streamed as they end up', async () => {
    const core = faulty([garbageJson()])
    const { parts } = await streamed(core)
    const call = parts.find((part) => part.type === 'tool-call')
    expect(call?.invalid).toContain('no JSON')
    expect(textOf(parts as never, 'tool-input-delta')).toBe(call?.inputText)
    expect(textOf(parts, 'text-delta')).toBe('one two three')
    expect((await chat(core)).parts).toContainEqual({ ...call, id: 'call_2_1' })
  })

  it('spoils the text where JSON was demanded', async () => {
    const core = faulty([garbageJson()], { json: { a: ['x'], b: 'y z' } })
    const { parts } = await streamed(core, JSON_REQUEST)
    const said = textOf(parts, 'text-delta')
    expect(() => JSON.parse(said) as unknown).toThrow()
    expect(await chat(core, JSON_REQUEST)).toMatchObject({ parts: [{ type: 'text', text: said }] })
    const number = await chat(faulty([garbageJson()], { json: 5 }), JSON_REQUEST)
    expect(() => JSON.parse((number.parts[0] as { text: string }).text) as unknown).toThrow()
  })

  it('sends events twice, and keeps usage to itself', async () => {
    const doubled = await streamed(faulty([duplicateEvents()]))
    expect(textOf(doubled.parts, 'text-delta')).toBe('one one two two threethree')
    expect(doubled.parts.filter(({ type }) => type === 'tool-call')).toHaveLength(2)
    expect((await chat(faulty([duplicateEvents()]))).parts.filter(({ type }) => type === 'tool-call')).toHaveLength(2)
    const quiet = faulty([dropUsage()])
    expect((await streamed(quiet)).parts.at(-1)).toMatchObject({ usage: { input: {}, output: {} } })
    expect((await chat(quiet)).usage).toEqual({ input: {}, output: {} })
  })

  it('applies several faults in their order', async () => {
    const { parts, error } = await streamed(faulty([duplicateEvents(), cutAfter({ chunks: 3 })]))
    expect(textOf(parts, 'text-delta')).toBe('one one two ')
    expect(error).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM' })
  })

  it('stalls on the clock of the kernel, before the answer or in it', async () => {
    const clock = virtualClock()
    const core = faulty([stall({ ms: 500 }), stall({ ms: 1_000, chunks: 2 })])
    await core.open?.(fakeDriverServices(clock))
    const times: number[] = []
    const reading = (async () => {
      for await (const part of core.stream!(REQUEST, fakeDriverCall()))
        if (part.type === 'text-delta') times.push(clock.now())
    })()
    await clock.advance(5_000)
    await reading
    expect(times).toEqual([500, 500, 1_500])
    const whole = chat(core).then(() => clock.now())
    await clock.advance(5_000)
    expect(await whole).toBe(6_500)
  })

  it('hangs until the call is aborted', async () => {
    const controller = new AbortController()
    const hanging = Promise.resolve(faulty([hangs()]).chat!(REQUEST, fakeDriverCall({ signal: controller.signal })))
    controller.abort(new Error('enough'))
    await expect(hanging).rejects.toThrow('enough')
  })

  it('does not let an answer be saved that it spoilt', async () => {
    const engine = tokenEngine({ resume: 'state' })
    const clock = virtualClock()
    const core = withFaults(engine, [at(1, stall({ ms: 1 }))])
    await core.open?.(fakeDriverServices(clock))
    const call = fakeDriverCall()
    const parts = core.stream!(REQUEST, call)[Symbol.asyncIterator]()
    const first = parts.next()
    await clock.advance(10_000)
    await first
    expect(() => core.save!(call)).toThrow(/a fault was injected/)
    await parts.return?.()
    const sound = fakeDriverCall()
    const next = core.stream!(REQUEST, sound)[Symbol.asyncIterator]()
    const part = next.next()
    await clock.advance(10_000)
    await part
    expect(core.save!(sound)).toBeDefined()
    await next.return?.()
  })

  it('refuses what is no fault', () => {
    expect(() => faulty(['overload' as never])).toThrow(/overloaded/)
    expect(() => faulty([7 as never])).toThrow(/Expected a fault/)
    expect(() => faulty([{} as never])).toThrow(/Expected a fault/)
    expect(() => faulty([throws('server', { text: 'so' })])).toThrow(/Expected no "text"/)
    expect(() => at(0, 'server')).toThrow(/at\(\)/)
    expect(() => everyN(0, 'server')).toThrow(/everyN/)
    expect(() => sometimes(2, 'server')).toThrow(/sometimes/)
    expect(() => cutAfter({ chunks: -1 })).toThrow(/cutAfter/)
    expect(() => stall({ ms: 1, chunk: 2 } as never)).toThrow(/stall/)
    expect(() => withFaults(scriptedCore([]), [], { sed: 1 } as never)).toThrow(/sed/)
  })
})

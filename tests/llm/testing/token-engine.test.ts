import type { CoreRequest, LlmDriver, StreamPart } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { tokenEngine, type TokenEngine } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'

const ask = (content: string, rest: Partial<CoreRequest> = {}): CoreRequest => ({
  messages: [{ role: 'user', content }],
  ...rest,
})
const ONE = ask('Tell me of the kernel.')

async function drained(parts: AsyncIterable<StreamPart> | undefined): Promise<StreamPart[]> {
  const read: StreamPart[] = []
  for await (const part of parts ?? []) read.push(part)
  return read
}

const textOf = (parts: readonly StreamPart[]): string =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')

function endOf(parts: readonly StreamPart[]) {
  const last = parts.at(-1)
  if (last?.type !== 'finish') throw new Error(`Expected a finish, got ${String(last?.type)}.`)
  const { input, output } = last.usage
  return { finish: last.finish.unified, input: input.total, output: output.total }
}

/** Saves an answer after so many parts; returns what was said and the state as another process gets it. */
async function savedAfter(engine: TokenEngine, count: number, request = ONE) {
  const call = fakeDriverCall()
  const source = engine.stream!(request, call)[Symbol.asyncIterator]()
  const before: StreamPart[] = []
  while (before.length < count) before.push((await source.next()).value as StreamPart)
  const state: unknown = structuredClone(engine.save!(call))
  await source.return?.()
  return { before, state }
}

/** Continues an answer from its text. */
const told = (request: CoreRequest, text: string): CoreRequest => ({
  ...request,
  messages: [...request.messages, { role: 'assistant', content: text }],
})

describe('tokenEngine', () => {
  it('says the same of the same request, token by token, and something else of another', async () => {
    const engine = tokenEngine()
    const parts = await drained(engine.stream!(ONE, fakeDriverCall()))
    expect(parts.map(({ type }) => type)).toEqual([
      'start',
      'text-start',
      ...Array<string>(64).fill('text-delta'),
      'text-end',
      'finish',
    ])
    expect(parts.every((part) => part.type !== 'text-delta' || part.tokens === 1)).toBe(true)
    expect(textOf(parts)).toBe(engine.answerTo(ONE))
    expect(textOf(await drained(engine.stream!(ONE, fakeDriverCall())))).toBe(textOf(parts))
    expect(engine.answerTo(ask('Tell me of the queue.'))).not.toBe(textOf(parts))
    expect(engine.generated).toBe(128)
    expect(endOf(parts)).toMatchObject({ finish: 'stop', output: 64 })
  })

  it('has the name, the length and the limits it is given', async () => {
    const engine: LlmDriver = tokenEngine({ id: 'local', tokens: 3, resume: 'none', limits: { concurrency: 2 } })
    expect(engine).toMatchObject({ kind: 'llm', id: 'local', resume: 'none', limits: { concurrency: 2 } })
    expect(endOf(await drained(engine.stream!(ONE, fakeDriverCall())))).toMatchObject({ finish: 'stop', output: 3 })
    expect(tokenEngine()).toMatchObject({ id: 'engine', resume: 'state', limits: undefined })
  })

  it.each([
    { tokens: 0 },
    { tokens: 1.5 },
    { tokenMs: -1 },
    { resume: 'maybe' as never },
    { id: '' },
    { limits: 3 as never },
    { speed: 1 } as never,
  ])('refuses %j', (options) => {
    expect(() => tokenEngine(options)).toThrow(expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }))
  })

  it('takes tokenMs for each token, on the clock of its kernel, and needs one for that', async () => {
    const clock = virtualClock()
    const engine = tokenEngine({ tokens: 3, tokenMs: 10 })
    await expect(drained(engine.stream!(ONE, fakeDriverCall()))).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
    await engine.open?.(fakeDriverServices(clock))
    const answer = drained(engine.stream!(ONE, fakeDriverCall()))
    await clock.advance(29)
    expect(engine.generated).toBe(2)
    await clock.advance(1)
    expect(endOf(await answer)).toMatchObject({ output: 3 })
    expect(clock.pending).toBe(0)
  })

  it("stops with the caller's reason, in the middle of a token too, and leaves no timer", async () => {
    const clock = virtualClock()
    const engine = tokenEngine({ tokenMs: 10 })
    await engine.open?.(fakeDriverServices(clock))
    const controller = new AbortController()
    const reason = new Error('enough')
    const answer = expect(drained(engine.stream!(ONE, fakeDriverCall({ signal: controller.signal })))).rejects.toBe(
      reason,
    )
    await clock.advance(25)
    controller.abort(reason)
    await answer
    expect([engine.generated, clock.pending]).toEqual([2, 0])
  })

  it('goes on from its state wherever it was saved, with the usage of the whole', async () => {
    const engine = tokenEngine({ tokens: 8 })
    const whole = await drained(engine.stream!(ONE, fakeDriverCall()))
    for (let count = 1; count < whole.length; count += 1) {
      const { before, state } = await savedAfter(engine, count)
      const rest = await drained(engine.restore!(state, ONE, fakeDriverCall()))
      expect(textOf([...before, ...rest])).toBe(textOf(whole))
      expect(endOf(rest)).toEqual(endOf(whole))
    }
  })

  it('goes on otherwise from a state that was changed', async () => {
    const engine = tokenEngine({ tokens: 8 })
    const { before, state } = await savedAfter(engine, 5)
    const changed = Uint32Array.from(state as Uint32Array, (value, at) => (at === 0 ? value ^ 1 : value))
    const rest = await drained(engine.restore!(changed, ONE, fakeDriverCall()))
    expect(textOf([...before, ...rest])).not.toBe(engine.answerTo(ONE))
  })

  it('goes on from the text it is told, which it reads again', async () => {
    const engine = tokenEngine({ resume: 'prefix', tokens: 12 })
    const whole = engine.answerTo(ONE)
    const { input = 0 } = endOf(await drained(engine.stream!(ONE, fakeDriverCall())))
    const at = whole.indexOf(' ', 20)
    const rest = await drained(engine.stream!(told(ONE, whole.slice(0, at)), fakeDriverCall()))
    expect(whole.slice(0, at) + textOf(rest)).toBe(whole)
    const end = endOf(rest)
    expect((end.input ?? 0) - input).toBe(12 - (end.output ?? 0))
  })

  it('goes on otherwise from a text that was cut within a word', async () => {
    const engine = tokenEngine({ resume: 'prefix', tokens: 24 })
    const whole = engine.answerTo(ONE)
    const within = whole.search(/kernel|queue|agent|model|token/) + 2
    const rest = await drained(engine.stream!(told(ONE, whole.slice(0, within)), fakeDriverCall()))
    expect(whole.slice(0, within) + textOf(rest)).not.toBe(whole)
  })

  it('bounds a whole answer by maxOutputTokens, over its slices where it saves its state', async () => {
    const engine = tokenEngine({ tokens: 12 })
    const short = { ...ONE, maxOutputTokens: 5 }
    expect(endOf(await drained(engine.stream!(short, fakeDriverCall())))).toMatchObject({ finish: 'length', output: 5 })
    expect(engine.answerTo(ONE).startsWith(engine.answerTo(short))).toBe(true)
    const { before, state } = await savedAfter(engine, 4, short)
    const rest = await drained(engine.restore!(state, short, fakeDriverCall()))
    expect(textOf([...before, ...rest])).toBe(engine.answerTo(short))
    expect(endOf(rest)).toMatchObject({ finish: 'length', output: 5 })
  })

  it('bounds what comes after the text it was told by maxOutputTokens', async () => {
    const engine = tokenEngine({ resume: 'prefix', tokens: 12 })
    const whole = engine.answerTo(ONE)
    const at = whole.indexOf(' ', 20)
    const rest = await drained(
      engine.stream!({ ...told(ONE, whole.slice(0, at)), maxOutputTokens: 2 }, fakeDriverCall()),
    )
    expect(endOf(rest)).toMatchObject({ finish: 'length', output: 2 })
    expect(whole.slice(at).startsWith(textOf(rest))).toBe(true)
  })
})

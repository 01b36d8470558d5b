import { describe, expect, it } from 'vitest'
import { hybrid, roundRobin, type LlmDriver, type StreamPart } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { ask } from '../preemption/ground.js'
import { changed, engine } from './ground.js'

const finish = (usage: unknown): StreamPart => ({ type: 'finish', finish: { unified: 'stop' }, usage }) as StreamPart

/** Is a core that says hello, and of what it used what is given. */
const reporting = (usage: unknown): LlmDriver => ({
  ...{ kind: 'llm', id: 'main', model: 'm' },
  async *stream() {
    await Promise.resolve()
    yield { type: 'text-delta', id: '0', text: 'hello' }
    yield finish(usage)
  },
})

describe('a core that does not keep its word', () => {
  it.each([undefined, {}, { input: {} }, { output: { total: 3 } }, { input: { total: 1e300 }, output: { total: -1 } }])(
    'is charged by estimate when it reports %j, streamed or not',
    async (usage) => {
      const chat: LlmDriver = {
        ...{ kind: 'llm', id: 'main', model: 'm' },
        chat: () => Promise.resolve({ parts: [{ type: 'text', text: 'hello' }], finish: { unified: 'stop' }, usage }),
      } as LlmDriver
      for (const llm of [reporting(usage), chat]) {
        await using kernel = await createTestKernel({ llm })
        const sys = kernel.sys({ name: 'one', budget: { tokens: 10_000 } })
        expect((await sys.llm.chat(ask('Say hello.'))).text).toBe('hello')
        if (llm.stream !== undefined) expect((await sys.llm.stream(ask('Say hello.')).result).text).toBe('hello')
        const { inputTokens, outputTokens } = kernel.stats()
        expect(inputTokens).toBeGreaterThan(0)
        expect(inputTokens + outputTokens).toBeLessThan(1_000)
        expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
      }
    },
  )

  it('goes on uncut when saving its state takes longer than limits.abandonAfterMs', async () => {
    const core = engine('state')
    const llm = changed(core, { save: () => new Promise(() => undefined) })
    await using kernel = await createTestKernel({ llm, policies: { llm: roundRobin({ quantumTokens: 10 }) } })
    const events = recordEvents(kernel, 'driver:failed', 'syscall:preempted')
    const calls = ['one', 'two'].map((name) => kernel.sys({ name }).llm.chat(ask('Tell me.')))
    await kernel.clock.runAll()
    for (const { text } of await Promise.all(calls)) expect(text).toBe(core.answerTo(ask('Tell me.')))
    expect(events.of('syscall:preempted')).toEqual([])
    expect(events.of('driver:failed')[0]?.message).toMatch('It was not done within 5000 ms.')
    expect(kernel.clock.pending).toBe(0)
  })

  it.each([1e308, Number.NaN, -5, Number.MAX_SAFE_INTEGER])(
    'leaves shares and slices in order when it counts %d tokens a part',
    async (tokens) => {
      const core = engine('state')
      const llm = changed(core, {
        async *stream(request, call) {
          for await (const part of core.stream?.(request, call) ?? [])
            yield part.type === 'text-delta' ? { ...part, tokens } : part
        },
      })
      await using kernel = await createTestKernel({ llm, policies: { llm: hybrid() } })
      const calls = ['one', 'two', 'one', 'two'].map((name) => kernel.sys({ name }).llm.chat(ask('Tell me.')))
      await kernel.clock.runAll()
      for (const { text } of await Promise.all(calls)) expect(text).toBe(core.answerTo(ask('Tell me.')))
      expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
    },
  )

  it('keeps its slot until it has let go of a call that was given up, or failed, for limits.abandonAfterMs at most', async () => {
    for (const [lateMs, freeAt] of [
      [700, 1_000],
      [Number.POSITIVE_INFINITY, 5_300],
    ] as const) {
      let calls = 0
      const core = engine('state')
      const llm = changed(core, {
        stream: (request, call) => {
          calls += 1
          const parts = core.stream?.(request, call)[Symbol.asyncIterator]() as AsyncIterator<StreamPart>
          if (calls > 1) return { [Symbol.asyncIterator]: () => parts }
          const later = (): Promise<IteratorResult<StreamPart>> =>
            new Promise((resolve) => {
              if (lateMs < 10_000) kernel.clock.after(lateMs, () => resolve({ done: true, value: undefined }))
            })
          return { [Symbol.asyncIterator]: () => ({ next: () => parts.next(), return: later }) }
        },
      })
      const kernel = await createTestKernel({ llm })
      const first = kernel.sys().llm.chat(ask('Tell me.'), { deadlineMs: 300 })
      const refused = expect(first).rejects.toMatchObject({ code: 'AIOS_DEADLINE_EXCEEDED' })
      const second = kernel.sys().llm.chat(ask('Tell me more.'))
      await kernel.clock.runAll()
      await refused
      expect((await second).meta.attempts[0]?.startedAt).toBe(freeAt)
      await kernel.close()
    }
  })

  it('fails with what it has said when it is restored and says nothing', async () => {
    const llm = changed(engine('state'), {
      async *restore() {
        await Promise.resolve()
        yield* []
      },
    })
    await using kernel = await createTestKernel({ llm, policies: { llm: roundRobin({ quantumTokens: 10 }) } })
    const calls = ['one', 'two'].map((name) => kernel.sys({ name }).llm.chat(ask('Tell me.')))
    const ends = Promise.allSettled(calls)
    await kernel.clock.runAll()
    const codes = (await ends).map((end) => (end.status === 'rejected' ? (end.reason as { code: string }).code : 'ok'))
    expect(codes).toEqual(['AIOS_LLM_INCOMPLETE_STREAM', 'AIOS_LLM_INCOMPLETE_STREAM'])
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
  })

  it('is refused when it limits US dollars and declares no price', async () => {
    const llm = { ...reporting(undefined), limits: { usdPerDay: 5 } }
    await expect(createTestKernel({ llm })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringMatching(/usdPerDay.*give it price: \{ inputUsdPerMTok, outputUsdPerMTok \}/) as unknown,
    })
    await using kernel = await createTestKernel({
      llm: { ...llm, price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1 } },
    })
    await expect(kernel.devices.add({ ...llm, id: 'second' })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})

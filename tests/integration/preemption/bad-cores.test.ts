import { describe, expect, it } from 'vitest'
import { roundRobin, type LlmDriver, type StreamPart } from '@aios/kernel'
import { createTestKernel, recordEvents, type TestKernel } from '@aios/kernel/testing'
import { tokenEngine, type TokenEngine } from '@aios/llm/testing'
import { ask, heard, inPieces, textOf } from './ground.js'

const POLICIES = { llm: roundRobin({ quantumTokens: 10 }) }
const engine = (resume: 'state' | 'prefix'): TokenEngine =>
  tokenEngine({ resume, tokens: 40, tokenMs: 10, limits: { concurrency: 1 } })

/** Is an engine with methods of its own, as far as given. */
function changed(core: TokenEngine, methods: Partial<LlmDriver>): LlmDriver {
  const { id, model, kind, resume, limits } = core
  return {
    kind,
    id,
    model,
    resume,
    limits,
    open: (services) => core.open?.(services),
    stream: (request, call) => core.stream?.(request, call) as AsyncIterable<StreamPart>,
    save: (call) => core.save?.(call),
    restore: (state, request, call) => core.restore?.(state, request, call) as AsyncIterable<StreamPart>,
    ...methods,
  }
}

/** Reads a stream until it fails or ends. */
async function overheard(stream: AsyncIterable<StreamPart>): Promise<{ text: string; code?: string }> {
  let text = ''
  try {
    for await (const part of stream) if (part.type === 'text-delta') text += part.text
    return { text }
  } catch (error) {
    return { text, code: (error as { code: string }).code }
  }
}

/** Starts two streams, one of which is off its core after 150 ms. */
async function contended(kernel: TestKernel) {
  const one = overheard(kernel.sys({ name: 'one' }).llm.stream(ask('Tell me.')))
  const two = overheard(kernel.sys({ name: 'two' }).llm.stream(ask('Tell me more.')))
  await kernel.clock.advance(150)
  return { one, two }
}

describe('an answer that is off its core', () => {
  it('rejects with AIOS_NO_DEVICE after its parts when the core was removed', async () => {
    const core = engine('state')
    await using kernel = await createTestKernel({ llm: core, policies: POLICIES })
    const { one, two } = await contended(kernel)
    const removed = kernel.devices.remove('llm/engine')
    await kernel.clock.runAll()
    await removed
    const lost = await one
    expect(lost.code).toBe('AIOS_NO_DEVICE')
    expect(core.answerTo(ask('Tell me.')).startsWith(lost.text)).toBe(true)
    expect(lost.text).not.toBe('')
    // The other had the core, and keeps it to its end.
    expect(await two).toEqual({ text: core.answerTo(ask('Tell me more.')) })
  })

  it('loses none of its parts with the core, however slowly they are read', async () => {
    const core = engine('prefix')
    await using kernel = await createTestKernel({
      llm: inPieces(core, 2),
      policies: { llm: roundRobin({ quantumMs: 50 }) },
    })
    const stream = kernel.sys({ name: 'one' }).llm.stream(ask('Tell me.'))
    const parts = stream[Symbol.asyncIterator]()
    const read = (async () => {
      for (let next = await parts.next(); next.value?.type !== 'text-delta';) next = await parts.next()
    })()
    const two = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))
    await kernel.clock.advance(90)
    await read
    const removed = kernel.devices.remove('llm/engine')
    const rest = await overheard({ [Symbol.asyncIterator]: () => parts })
    expect(rest).toMatchObject({ code: 'AIOS_NO_DEVICE' })
    expect(rest.text).not.toBe('')
    await kernel.clock.runAll()
    await removed
    expect((await two).text).toBe(core.answerTo(ask('Tell me more.')))
  })

  it('rejects after its parts when the core cannot go on', async () => {
    const core = engine('state')
    const llm = changed(core, {
      restore: () => {
        throw new Error('no memory')
      },
    })
    await using kernel = await createTestKernel({ llm, policies: POLICIES })
    const { one } = await contended(kernel)
    await kernel.clock.runAll()
    const lost = await one
    expect(lost.code).toBe('AIOS_DRIVER_FAILED')
    expect(lost.text).not.toBe('')
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0, queued: 0 })
  })

  it.each(['state', 'prefix'] as const)('rejects at once when it is killed or out of time (%s)', async (resume) => {
    await using kernel = await createTestKernel({ llm: engine(resume), policies: POLICIES })
    const killed = kernel.spawn((sys) => overheard(sys.llm.stream(ask('Tell me.'))), undefined, {
      budget: { tokens: 5_000 },
    })
    const late = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'), { deadlineMs: 330 })
    const last = kernel.sys({ name: 'three' }).llm.chat(ask('Tell me at last.'))
    const refused = expect(late).rejects.toMatchObject({ code: 'AIOS_DEADLINE_EXCEEDED' })
    await kernel.clock.advance(150)
    expect(kernel.ps().find(({ pid }) => pid === killed.pid)?.state).toBe('runnable')
    killed.kill('enough')
    await expect(killed.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    await kernel.clock.runAll()
    await refused
    expect((await last).finish.unified).toBe('stop')
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
  })

  it('ends with what it has when its consumer leaves', async () => {
    const core = engine('state')
    await using kernel = await createTestKernel({ llm: core, policies: POLICIES })
    const stream = kernel.sys({ name: 'one', budget: { tokens: 5_000 } }).llm.stream(ask('Tell me.'))
    const parts = stream[Symbol.asyncIterator]()
    const text = (async () => {
      let read = ''
      while (read.length < 20) {
        const { value } = await parts.next()
        if (value?.type === 'text-delta') read += value.text
      }
      return read
    })()
    const other = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))
    await kernel.clock.advance(160)
    const read = await text
    await parts.return?.()
    expect(await stream.result).toMatchObject({ text: read, finish: { unified: 'aborted' } })
    await kernel.clock.runAll()
    expect((await other).text).toBe(core.answerTo(ask('Tell me more.')))
    expect(kernel.stats().outstanding).toBe(0)
  })
})

describe('a core that does not let itself be cut', () => {
  it('goes on uncut when it cannot save its state, which is reported once', async () => {
    const core = engine('state')
    const llm = changed(core, {
      save: () => {
        throw new Error('disk full')
      },
    })
    await using kernel = await createTestKernel({ llm, policies: POLICIES })
    const events = recordEvents(kernel, 'driver:failed', 'syscall:preempted')
    const { one, two } = await contended(kernel)
    await kernel.clock.runAll()
    expect([await one, await two]).toEqual([
      { text: core.answerTo(ask('Tell me.')) },
      { text: core.answerTo(ask('Tell me more.')) },
    ])
    expect(events.of('driver:failed').map(({ message }) => message)).toEqual(['Error: disk full'])
    expect(events.of('syscall:preempted')).toEqual([])
  })

  it('is cut where it stands when it says nothing for limits.abandonAfterMs, and goes on later', async () => {
    const core = engine('prefix')
    let silent = true
    const llm = changed(core, {
      async *stream(request, call) {
        let tokens = 0
        for await (const part of core.stream?.(request, call) ?? []) {
          yield part
          if (part.type !== 'text-delta' || !silent || (tokens += 1) < 12) continue
          silent = false
          await new Promise((_, reject) => {
            call.signal.addEventListener('abort', () => {
              reject(new Error('aborted'))
            })
          })
        }
      },
    })
    await using kernel = await createTestKernel({ llm, policies: { llm: roundRobin({ quantumTokens: 12 }) } })
    const one = heard(kernel.sys({ name: 'one' }).llm.stream(ask('Tell me.')))
    const two = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))
    await kernel.clock.runAll()
    expect(textOf(await one)).toMatch(/\S/)
    expect((await two).meta.waitMs).toBeGreaterThanOrEqual(5_000)
    expect((await two).text).toBe(core.answerTo(ask('Tell me more.')))
  })

  it('loses its slot when it does not close within limits.abandonAfterMs', async () => {
    const core = engine('state')
    const llm = changed(core, {
      stream: (request, call) => ({
        [Symbol.asyncIterator]: () => {
          const parts = (core.stream?.(request, call) as AsyncIterable<StreamPart>)[Symbol.asyncIterator]()
          return { next: () => parts.next(), return: () => new Promise(() => undefined) }
        },
      }),
    })
    await using kernel = await createTestKernel({ llm, policies: POLICIES })
    const events = recordEvents(kernel, 'driver:abandoned')
    const one = kernel.sys({ name: 'one' }).llm.chat(ask('Tell me.'))
    const two = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))
    await kernel.clock.runAll()
    expect([(await one).text, (await two).text]).toEqual([
      core.answerTo(ask('Tell me.')),
      core.answerTo(ask('Tell me more.')),
    ])
    expect(events.of('driver:abandoned').map(({ why }) => why)).toContain('slot-reclaimed')
  })

  it('is refused when it says that it can and has no way to', async () => {
    const core = engine('state')
    await expect(createTestKernel({ llm: { ...changed(core, {}), save: 'no' as never } })).rejects.toThrow(
      'Expected the llm driver "engine", which says resume: "state", to have a method save.',
    )
    await expect(createTestKernel({ llm: changed(core, { resume: 'maybe' as never }) })).rejects.toThrow(
      /Expected "state", "prefix" or "none" for "llm driver "engine", resume", got "maybe"/,
    )
  })
})

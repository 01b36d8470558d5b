import { describe, expect, it } from 'vitest'
import { AiosError, type CoreLimits, type StreamPart } from '@aios/kernel/driver'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { ASK, spoken, streamingCore, typesOf } from '../cores.js'

const overloaded = (): AiosError => new AiosError('AIOS_LLM_OVERLOADED', 'Too busy.', { retryAfterMs: 1_000 })

/** Streams what the n-th attempt does. */
function core(attempts: readonly (() => Generator<StreamPart>)[], limits?: CoreLimits) {
  let asked = 0
  const driver = streamingCore(() => (attempts[asked++] as () => Generator<StreamPart>)())
  return { ...driver, limits, asked: () => asked }
}

/** What somebody waits for until the test opens it. */
function gate() {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return {
    passed,
    open: () => {
      open()
    },
  }
}

function* failing(...before: readonly StreamPart[]): Generator<StreamPart> {
  yield* before
  throw overloaded()
}

describe('a stream whose core fails in passing', () => {
  it('is tried again as long as nothing was delivered, with one start', async () => {
    const llm = core([
      () => failing(),
      () => failing({ type: 'start' }, { type: 'response-metadata', model: 'x' }),
      () => spoken('Hello.'),
    ])
    await using kernel = await createTestKernel({ llm })
    const events = recordEvents(kernel, 'syscall:retried')
    const stream = kernel.sys().llm.stream(ASK)
    const heard = typesOf(stream)
    await kernel.clock.runAll()
    expect((await heard).filter((type) => type === 'start' || type === 'finish')).toEqual(['start', 'finish'])
    const { text, meta } = await stream.result
    expect(text).toBe('Hello.')
    expect(meta.attempts.map(({ errorCode }) => errorCode)).toEqual([
      'AIOS_LLM_OVERLOADED',
      'AIOS_LLM_OVERLOADED',
      undefined,
    ])
    expect(events.of('syscall:retried').map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  it('rejects once something was delivered, after the parts', async () => {
    const llm = core([() => failing({ type: 'start' }, { type: 'text-delta', id: 'a', text: 'Hel' })])
    await using kernel = await createTestKernel({ llm })
    const stream = kernel.sys().llm.stream(ASK)
    const parts = stream[Symbol.asyncIterator]()
    expect([(await parts.next()).value?.type, (await parts.next()).value?.type]).toEqual(['start', 'text-delta'])
    await expect(parts.next()).rejects.toMatchObject({ code: 'AIOS_LLM_OVERLOADED' })
    await expect(stream.result).rejects.toMatchObject({ code: 'AIOS_LLM_OVERLOADED' })
    await kernel.clock.runAll()
    expect(llm.asked()).toBe(1)
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
  })

  it('rejects once something was delivered, also when it fails while nobody reads', async () => {
    const [failed, back] = [gate(), gate()]
    let asked = 0
    const llm = streamingCore(async function* () {
      asked += 1
      yield { type: 'start' }
      yield { type: 'text-delta', id: 'a', text: 'Hel' }
      await failed.passed
      throw overloaded()
    })
    await using kernel = await createTestKernel({ llm })
    const process = kernel.spawn(async (sys) => {
      const parts = sys.llm.stream(ASK)[Symbol.asyncIterator]()
      await parts.next()
      await parts.next()
      await back.passed
      return parts.next()
    }, undefined)
    await kernel.clock.settle()
    // What is suspended is read ahead.
    process.suspend()
    failed.open()
    await kernel.clock.runAll()
    process.resume()
    back.open()
    await expect(process.result).rejects.toMatchObject({ code: 'AIOS_LLM_OVERLOADED' })
    expect(asked).toBe(1)
  })

  it('rejects when its attempts are used up', async () => {
    const llm = core([() => failing(), () => failing()], { maxAttempts: 2 })
    await using kernel = await createTestKernel({ llm })
    const { result } = kernel.sys().llm.stream(ASK)
    const failed = expect(result).rejects.toMatchObject({ code: 'AIOS_LLM_OVERLOADED' })
    await kernel.clock.runAll()
    await failed
    expect(llm.asked()).toBe(2)
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
  })

  it('rejects at once with an error that does not pass', async () => {
    const llm = core([
      () => {
        throw new AiosError('AIOS_LLM_AUTH', 'Who are you?')
      },
    ])
    await using kernel = await createTestKernel({ llm })
    await expect(kernel.sys().llm.stream(ASK).result).rejects.toMatchObject({ code: 'AIOS_LLM_AUTH' })
    expect(llm.asked()).toBe(1)
  })

  it('ends in its pause when its consumer leaves or its process is killed', async () => {
    const llm = core([() => failing(), () => failing()])
    await using kernel = await createTestKernel({ llm })
    const left = kernel.sys().llm.stream(ASK)
    const parts = left[Symbol.asyncIterator]()
    const pulled = parts.next()
    await kernel.clock.settle()
    await parts.return?.()
    expect((await left.result).finish).toEqual({ unified: 'aborted' })
    await expect(pulled).rejects.toThrow('The consumer left the stream.')
    const process = kernel.spawn((sys) => typesOf(sys.llm.stream(ASK)), undefined)
    await kernel.clock.settle()
    process.kill('enough')
    await expect(process.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    await kernel.clock.runAll()
    expect(llm.asked()).toBe(2)
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
  })
})

import { describe, expect, it } from 'vitest'
import type { LlmDriver, StreamPart } from '@aios/kernel/driver'
import { createTestKernel, recordEvents, type TestKernel } from '@aios/kernel/testing'
import { ASK, spoken } from '../cores.js'

/** A core with one slot whose stream never ends when it is told to, until `letGo` is called. */
function clinging(parts: () => Iterable<StreamPart>): { readonly llm: LlmDriver; readonly letGo: () => void } {
  const held: (() => void)[] = []
  const llm: LlmDriver = {
    kind: 'llm',
    id: 'clinging',
    model: 'clinging-1',
    limits: { concurrency: 1 },
    stream: () => {
      const source = parts()[Symbol.iterator]()
      const iterator: AsyncIterator<StreamPart> = {
        next: async () => source.next(),
        return: () =>
          new Promise((resolve) => {
            held.push(() => {
              resolve({ done: true, value: undefined })
            })
          }),
      }
      return { [Symbol.asyncIterator]: () => iterator }
    },
  }
  const letGo = (): void => {
    for (const each of held.splice(0)) each()
  }
  return { llm, letGo }
}

function* broken(): Generator<StreamPart> {
  yield { type: 'text-delta', id: 'a', text: 'half' }
  throw new Error('socket closed')
}

/** Reads the text of a stream to its end. */
const textOf = (kernel: TestKernel, signal?: AbortSignal): Promise<string> =>
  kernel
    .sys()
    .llm.stream(ASK, signal && { signal })
    .result.then(({ text }) => text)

const LIMITS = { abandonAfterMs: 1_000 }
const RECLAIMED = [{ name: 'llm.stream', device: 'clinging', why: 'slot-reclaimed' }]

describe('a core that does not let go of a stream', () => {
  it('loses its slot limits.abandonAfterMs after it said everything, and the answer counts', async () => {
    const { llm, letGo } = clinging(() => spoken('all'))
    await using kernel = await createTestKernel({ llm, limits: LIMITS })
    const events = recordEvents(kernel, 'driver:abandoned', 'syscall:settled')
    const [first, second] = [textOf(kernel), textOf(kernel)]
    await kernel.clock.advance(999)
    expect(kernel.stats()).toMatchObject({ lanes: [{ running: 1, queued: 1 }] })
    await kernel.clock.advance(1)
    expect(await first).toBe('all')
    expect(events.of('driver:abandoned')).toMatchObject(RECLAIMED)
    await kernel.clock.advance(1_000)
    expect(await second).toBe('all')
    expect(events.of('syscall:settled').map(({ outcome }) => outcome)).toEqual(['fulfilled', 'fulfilled'])
    letGo()
    await kernel.clock.settle()
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
    expect(events.of('driver:abandoned')).toHaveLength(2)
  })

  it('keeps its slot no longer than it needs, without a report', async () => {
    const { llm, letGo } = clinging(() => spoken('all'))
    await using kernel = await createTestKernel({ llm, limits: LIMITS })
    const events = recordEvents(kernel, 'driver:abandoned')
    const text = textOf(kernel)
    await kernel.clock.advance(500)
    letGo()
    expect(await text).toBe('all')
    await kernel.clock.advance(5_000)
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
    expect(events.all).toEqual([])
  })

  it('loses its slot likewise after it failed, which is reported once', async () => {
    const { llm } = clinging(broken)
    await using kernel = await createTestKernel({ llm, limits: LIMITS })
    const events = recordEvents(kernel, 'driver:abandoned')
    const failed = expect(textOf(kernel)).rejects.toMatchObject({ code: 'AIOS_DRIVER_FAILED' })
    await kernel.clock.advance(1_000)
    await failed
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
    expect(events.of('driver:abandoned')).toMatchObject(RECLAIMED)
  })

  it.each([
    ['said everything', () => spoken('all')],
    ['failed', broken],
  ])('is reported once when the call is aborted after the core %s', async (_, parts) => {
    const { llm, letGo } = clinging(parts)
    await using kernel = await createTestKernel({ llm, limits: LIMITS })
    const events = recordEvents(kernel, 'driver:abandoned')
    const stop = new AbortController()
    textOf(kernel, stop.signal).catch(() => undefined)
    await kernel.clock.advance(600)
    stop.abort('stop')
    await kernel.clock.advance(400)
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
    await kernel.clock.advance(5_000)
    letGo()
    await kernel.clock.settle()
    expect(events.of('driver:abandoned')).toMatchObject(RECLAIMED)
  })

  it('is reported once when the abort itself is what it does not let go for', async () => {
    const { llm } = clinging(() => spoken('one', 'two'))
    await using kernel = await createTestKernel({ llm, limits: LIMITS })
    const events = recordEvents(kernel, 'driver:abandoned')
    const stop = new AbortController()
    const parts = kernel.sys().llm.stream(ASK, { signal: stop.signal })[Symbol.asyncIterator]()
    await parts.next()
    stop.abort('stop')
    await kernel.clock.advance(999)
    expect(kernel.stats()).toMatchObject({ lanes: [{ running: 1 }] })
    await kernel.clock.advance(1)
    await expect(parts.next()).rejects.toBe('stop')
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
    expect(events.of('driver:abandoned')).toMatchObject(RECLAIMED)
  })
})

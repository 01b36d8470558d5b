import { describe, expect, it } from 'vitest'
import type { ChatStream } from '@aios/kernel/driver'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { ASK, sayingCore, spoken, streamingCore, typesOf } from '../cores.js'

async function texts(stream: ChatStream): Promise<string[]> {
  const found: string[] = []
  for await (const part of stream) if (part.type === 'text-delta') found.push(part.text)
  return found
}

describe('llm.stream', () => {
  it('delivers the parts in order with one start and one finish, and resolves result with the whole reply', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('He', 'llo')) })
    const stream = kernel.sys().llm.stream(ASK)
    expect(await typesOf(stream)).toEqual(['start', 'text-start', 'text-delta', 'text-delta', 'text-end', 'finish'])
    const reply = await stream.result
    expect(reply).toMatchObject({
      text: 'Hello',
      finish: { unified: 'stop' },
      model: 'streaming-1',
      usage: { output: { total: 2 } },
    })
    expect(reply.message).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'Hello' }] })
  })

  it('adds the start part that a core forgot', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => [...spoken('x')].slice(1)) })
    expect(await typesOf(kernel.sys().llm.stream(ASK))).toEqual([
      'start',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ])
  })

  it('is queued when it is called, before the first pull', async () => {
    let asked = 0
    await using kernel = await createTestKernel({
      llm: streamingCore(function* () {
        asked += 1
        yield* spoken('x')
      }),
    })
    const stream = kernel.sys().llm.stream(ASK)
    expect(kernel.stats().lanes[0]).toMatchObject({ lane: 'llm/streaming', running: 1 })
    expect(asked).toBe(0)
    await stream.result
    expect(asked).toBe(1)
  })

  it('pulls the core only as the consumer pulls', async () => {
    let pulled = 0
    await using kernel = await createTestKernel({
      llm: streamingCore(function* () {
        for (const part of spoken('a', 'b', 'c', 'd')) {
          pulled += 1
          yield part
        }
      }),
    })
    const iterator = kernel.sys().llm.stream(ASK)[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()
    await kernel.clock.settle()
    expect(pulled).toBe(2)
    await iterator.return?.()
  })

  it('drops the parts when only result is awaited, and a later iteration throws', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('a', 'b')) })
    const stream = kernel.sys().llm.stream(ASK)
    expect((await stream.result).text).toBe('ab')
    expect(() => stream[Symbol.asyncIterator]()).toThrow(/dropped because only its result was awaited/)
  })

  it('lets a consumer iterate in the turn in which another awaits the result', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('a', 'b')) })
    const stream = kernel.sys().llm.stream(ASK)
    const [reply, parts] = await Promise.all([stream.result, texts(stream)])
    expect([reply.text, parts]).toEqual(['ab', ['a', 'b']])
  })

  it('refuses a second iteration', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('a')) })
    const stream = kernel.sys().llm.stream(ASK)
    await texts(stream)
    expect(() => stream[Symbol.asyncIterator]()).toThrow(/already being iterated/)
  })

  it('resolves with the partial reply, finish aborted, and stops the core when the consumer leaves the loop', async () => {
    let stopped = false
    await using kernel = await createTestKernel({
      llm: {
        kind: 'llm',
        id: 's',
        model: 's',
        async *stream() {
          try {
            yield* spoken('one', 'two', 'three')
          } finally {
            stopped = true
          }
        },
      },
    })
    const events = recordEvents(kernel, 'driver:abandoned', 'syscall:settled')
    const stream = kernel.sys().llm.stream(ASK)
    for await (const part of stream) if (part.type === 'text-delta') break
    expect(await stream.result).toMatchObject({
      text: 'one',
      finish: { unified: 'aborted' },
      usage: { estimated: true },
    })
    await kernel.clock.settle()
    expect(stopped).toBe(true)
    expect(events.names).toEqual(['syscall:settled'])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
  })

  it('takes a queued call off its lane when the consumer leaves before it starts', async () => {
    await using kernel = await createTestKernel({
      llm: { ...streamingCore(() => spoken('a')), limits: { concurrency: 1 } },
    })
    const first = kernel.sys().llm.stream(ASK)
    const second = kernel.sys().llm.stream(ASK)
    await second[Symbol.asyncIterator]().return?.()
    expect(await second.result).toMatchObject({ text: '', finish: { unified: 'aborted' } })
    expect(kernel.stats().lanes[0]).toMatchObject({ queued: 0, running: 1 })
    expect((await first.result).text).toBe('a')
  })

  it('rejects a pull and the result alike when the core throws in mid-stream, as AIOS_DRIVER_FAILED with the cause', async () => {
    const broken = new Error('socket closed')
    await using kernel = await createTestKernel({
      llm: streamingCore(function* () {
        yield { type: 'text-delta', id: 'a', text: 'half' }
        throw broken
      }),
    })
    const stream = kernel.sys().llm.stream(ASK)
    const seen: string[] = []
    const reading = (async () => {
      for await (const part of stream) seen.push(part.type)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'AIOS_DRIVER_FAILED', cause: broken })
    await expect(stream.result).rejects.toMatchObject({ code: 'AIOS_DRIVER_FAILED', cause: broken })
    expect(seen).toEqual(['start', 'text-delta'])
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
  })

  it('says AIOS_LLM_INCOMPLETE_STREAM when a core ends without a finish part', async () => {
    await using kernel = await createTestKernel({
      llm: streamingCore(() => [{ type: 'text-delta', id: 'a', text: 'x' }]),
    })
    await expect(kernel.sys().llm.stream(ASK).result).rejects.toMatchObject({
      code: 'AIOS_LLM_INCOMPLETE_STREAM',
      retryable: true,
    })
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM' })
  })

  it('stops a core that streams for ever at limits.replyChars', async () => {
    await using kernel = await createTestKernel({
      limits: { replyChars: 1_000 },
      llm: streamingCore(function* () {
        for (;;) yield { type: 'text-delta', id: 'a', text: '0123456789' }
      }),
    })
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({ code: 'AIOS_QUOTA_EXCEEDED' })
    await expect(kernel.sys().llm.stream(ASK).result).rejects.toMatchObject({ code: 'AIOS_QUOTA_EXCEEDED' })
    expect(kernel.stats().outstanding).toBe(0)
  })

  it('bounds a reply given in one piece the same way', async () => {
    await using kernel = await createTestKernel({
      limits: { replyChars: 3 },
      llm: sayingCore('four'),
    })
    await expect(kernel.sys().llm.chat(ASK)).rejects.toMatchObject({ code: 'AIOS_QUOTA_EXCEEDED' })
  })

  it('ends a stream whose consumer does not come back with AIOS_STREAM_IDLE and frees its slot', async () => {
    await using kernel = await createTestKernel({
      limits: { streamIdleMs: 1_000 },
      llm: streamingCore(() => spoken('a', 'b', 'c')),
    })
    const stream = kernel.sys().llm.stream(ASK)
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    await kernel.clock.advance(900)
    await iterator.next()
    await kernel.clock.advance(999)
    expect(kernel.stats().outstanding).toBe(1)
    await kernel.clock.advance(1)
    await expect(stream.result).rejects.toMatchObject({ code: 'AIOS_STREAM_IDLE' })
    await expect(iterator.next()).rejects.toMatchObject({ code: 'AIOS_STREAM_IDLE' })
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
  })

  it('never turns into an unhandled rejection when nobody looks at a stream that fails', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown): void => {
      unhandled.push(reason)
    }
    process.on('unhandledRejection', listen)
    await using kernel = await createTestKernel({ limits: { streamIdleMs: 10 }, llm: streamingCore(() => spoken('a')) })
    kernel.sys().llm.stream(ASK)
    kernel.sys().llm.stream({ messages: [] })
    await kernel.clock.advance(100)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })

  it('rejects pulls and result with signal.reason when the caller aborts', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('a', 'b')) })
    const stop = new AbortController()
    const stream = kernel.sys().llm.stream(ASK, { signal: stop.signal })
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    stop.abort('enough')
    await expect(iterator.next()).rejects.toBe('enough')
    await expect(stream.result).rejects.toBe('enough')
  })

  it('shows a suspended consumer only a pause, frees the slot meanwhile, and loses no part', async () => {
    await using kernel = await createTestKernel({
      llm: { ...streamingCore(() => spoken('a', 'b', 'c')), limits: { concurrency: 1 } },
    })
    const seen: string[] = []
    const process = kernel.spawn(async (sys) => {
      for await (const part of sys.llm.stream(ASK)) {
        if (part.type === 'text-delta') seen.push(part.text)
        if (part.type === 'text-start') await Promise.resolve()
      }
      return seen.length
    }, undefined)
    while (seen.length === 0) await Promise.resolve()
    process.suspend()
    await kernel.clock.settle()
    const before = seen.length
    expect(before).toBeLessThan(3)
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
    await kernel.clock.advance(120_000)
    expect(seen.length).toBe(before)
    process.resume()
    expect(await process.result).toBe(3)
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  it('keeps the slot when the buffer of a suspended consumer is full, and goes on after resume', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `${index} `)
    await using kernel = await createTestKernel({
      limits: { streamBufferParts: 5 },
      llm: streamingCore(() => spoken(...many)),
    })
    const process = kernel.spawn(async (sys) => (await sys.llm.stream(ASK).result).text, undefined)
    await kernel.clock.settle()
    const other = kernel.spawn(async (sys) => {
      let text = ''
      for await (const part of sys.llm.stream(ASK)) {
        if (part.type === 'text-delta') text += part.text
        if (text === '0 ') other.suspend()
      }
      return text
    }, undefined)
    await kernel.clock.settle()
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1 })
    other.resume()
    expect(await other.result).toBe(many.join(''))
    expect(await process.result).toBe(many.join(''))
  })

  it('streams a core that only answers in one piece, and answers in one piece from a core that only streams', async () => {
    const parts = [
      { type: 'reasoning' as const, text: 'hm', opaque: { p: 1 } },
      { type: 'text' as const, text: 'Hi', opaque: { s: 2 } },
      { type: 'source' as const, url: 'https://example.org' },
      { type: 'tool-call' as const, id: '1', name: 'add', input: { a: 1 }, inputText: '{"a":1}' },
    ]
    await using kernel = await createTestKernel({
      llm: [
        {
          kind: 'llm',
          id: 'whole',
          model: 'w',
          chat: () => ({
            parts,
            finish: { unified: 'tool-calls', raw: 'tool_use' },
            usage: { input: { total: 1 }, output: { total: 2 } },
            model: 'w-2026',
          }),
        },
        streamingCore(() => spoken('a', 'b')),
      ],
    })
    const sys = kernel.sys()
    const streamed = await sys.llm.stream({ ...ASK, model: 'whole' }).result
    const whole = await sys.llm.chat({ ...ASK, model: 'whole' })
    expect(streamed.message).toEqual(whole.message)
    expect(streamed).toMatchObject({
      model: 'w-2026',
      finish: { unified: 'tool-calls', raw: 'tool_use' },
      toolCalls: [{ id: '1' }],
    })
    expect((await sys.llm.chat({ ...ASK, model: 'streaming-1' })).text).toBe('ab')
  })

  it('delivers to concurrent pulls in order', async () => {
    await using kernel = await createTestKernel({ llm: streamingCore(() => spoken('a', 'b')) })
    const iterator = kernel.sys().llm.stream(ASK)[Symbol.asyncIterator]()
    const pulled = await Promise.all(Array.from({ length: 8 }, () => iterator.next()))
    expect(pulled.map(({ done, value }) => (done === true ? 'done' : value.type))).toEqual([
      'start',
      'text-start',
      'text-delta',
      'text-delta',
      'text-end',
      'finish',
      'done',
      'done',
    ])
  })
})

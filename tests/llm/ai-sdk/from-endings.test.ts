/** How answers of a model end, whatever the model does. */
import { fakeDriverCall, virtualClock } from '@aios/kernel/testing'
import { fromAiSdk, type AiSdkSpec } from '@aios/llm/ai-sdk'
import { describe, expect, it } from 'vitest'
import { chat, drained, failure, HELLO, parts, streamed, textOf } from '../core/asking.js'
import { opened } from '../core/opened.js'
import { finished, languageModel, sdkFinish, sdkUsage, type Behaviour, type Fields } from './structural-model.js'

const SPECS: readonly AiSdkSpec[] = ['v2', 'v3', 'v4']

async function coreOf(behaviour: Behaviour, clock = virtualClock()) {
  const { model, asked } = languageModel(behaviour)
  const driver = await opened(fromAiSdk(model, { timeoutMs: 1_000 }), clock)
  return { driver, asked, clock, model }
}

const ONCE: Fields = { type: 'text-delta', id: '0', delta: 'Once' }

describe.each(SPECS)('a model of %s', (spec) => {
  it('that says why it ended and never closes is done in two seconds', async () => {
    let left = 0
    const { driver, clock } = await coreOf({
      spec,
      stream(write) {
        write(ONCE)
        write(finished(spec))
        return 'hang'
      },
      left: () => void (left += 1),
    })
    const iterator = parts(driver)
    while ((await iterator.next()).value?.type !== 'text-delta');
    const rest = drained(iterator)
    await clock.advance(2_000)
    expect((await rest).at(-1)).toMatchObject({ type: 'finish', finish: { unified: 'stop' } })
    expect(left).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('that falls silent is given up', async () => {
    const { driver, clock } = await coreOf({ spec, stream: (write) => (write(ONCE), 'hang') })
    const iterator = parts(driver)
    while ((await iterator.next()).value?.type !== 'text-delta');
    const next = failure(Promise.resolve(iterator.next()))
    await clock.advance(1_000)
    expect((await next).code).toBe('AIOS_LLM_TIMEOUT')
  })

  it('that answers an abort with a stream all the same is let go', async () => {
    let left = 0
    let answer: (value: unknown) => void = () => undefined
    const { driver, asked } = await coreOf({
      spec,
      stream: () => new Promise((resolve) => (answer = resolve)),
      left: () => void (left += 1),
    })
    const controller = new AbortController()
    const call = failure<unknown>(streamed(driver, HELLO, fakeDriverCall({ signal: controller.signal })))
    while (asked.length === 0) await new Promise(setImmediate)
    const reason = new Error('Enough.')
    controller.abort(reason)
    expect(await call).toBe(reason)
    answer('hang')
    while (left === 0) await new Promise(setImmediate)
    expect(left).toBe(1)
  })

  it('that fails only after the abort fails unheard', async () => {
    let fail: (error: Error) => void = () => undefined
    const late = () => new Promise<never>((_, reject) => (fail = reject))
    const { driver, asked } = await coreOf({ spec, generate: late, stream: late })
    for (const ask of [chat, streamed]) {
      const before = asked.length
      const controller = new AbortController()
      const call = failure<unknown>(ask(driver, HELLO, fakeDriverCall({ signal: controller.signal })))
      while (asked.length === before) await new Promise(setImmediate)
      controller.abort(new Error('Enough.'))
      await call
      fail(new Error('Too late.'))
      await new Promise(setImmediate)
    }
  })

  it('is read no further than the parts that are asked for', async () => {
    let given = 0
    const { driver } = await coreOf({
      spec,
      stream(write) {
        for (let n = 0; n < 10_000; n += 1) write({ ...ONCE, delta: `${n} ` })
        write(finished(spec))
      },
      given: () => void (given += 1),
    })
    const iterator = parts(driver)
    for (let n = 0; n < 100; n += 1) await iterator.next()
    expect(given).toBeLessThan(110)
    const rest = textOf(await drained(iterator))
    expect(rest.endsWith('9998 9999 ')).toBe(true)
  })

  it('that writes nothing answers nothing, and usage that nobody counted is not made up', async () => {
    const nothing = { finishReason: sdkFinish(spec, 'stop'), usage: sdkUsage(spec) }
    const { driver } = await coreOf({
      spec,
      generate: () => ({ content: [], ...nothing }),
      stream: (write) => {
        write({ type: 'text-start', id: '0' })
        write({ type: 'text-end', id: '0' })
        write({ type: 'finish', ...nothing, usage: undefined })
      },
    })
    const { parts: said, usage } = await chat(driver)
    expect([said, usage.input, usage.output]).toEqual([[], {}, {}])
    const read = await streamed(driver)
    expect(textOf(read)).toBe('')
    expect(read.at(-1)).toMatchObject({ type: 'finish', usage: { input: {}, output: {} } })
  })

  it.each([
    ['nothing', undefined],
    ['no object', 'Hello!'],
    ['an answer without content', { finishReason: 'stop' }],
  ])('that answers with %s fails', async (_, answer) => {
    const { driver } = await coreOf({ spec, generate: () => answer })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
  })

  it('that returns no stream, or one that somebody reads, fails', async () => {
    const { driver, model } = await coreOf({ spec })
    model.doStream = () => Promise.resolve({} as never)
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    const stream = new ReadableStream<never>()
    stream.getReader()
    model.doStream = () => Promise.resolve({ stream, response: { headers: { 'x-ratelimit-remaining-requests': '' } } })
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    model.doStream = () => {
      throw new TypeError('No.')
    }
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
  })

  it('keeps what comes twice, in the wrong order or without a beginning', async () => {
    const { driver } = await coreOf({
      spec,
      stream(write) {
        write({ type: 'text-end', id: '7' })
        write({ type: 'text-delta', id: '1', delta: 'A' })
        write({ type: 'text-start', id: '1' })
        write({ type: 'text-delta', id: '1', delta: 'B' })
        write({ type: 'tool-input-delta', id: 'c', delta: '{}' })
        write({ type: 'tool-input-end', id: 'c' })
        write({ type: 'tool-call', toolCallId: 'c', toolName: 'add', input: '{}' })
        write({ type: 'text-delta', id: '1', delta: 'C' })
        write(finished(spec, 'tool-calls'))
        write(finished(spec, 'length'))
      },
    })
    const read = await streamed(driver)
    expect(textOf(read)).toBe('ABC')
    expect(read.filter(({ type }) => type === 'tool-call')).toHaveLength(1)
    expect(read.filter(({ type }) => type === 'finish')).toMatchObject([{ finish: { unified: 'tool-calls' } }])
  })
})

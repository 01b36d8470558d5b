import { AiosError, type CoreRequest } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { scriptedCore, type ScriptedOptions, type ScriptedStep } from '@aios/llm/testing'
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { chat, drained, failure, HELLO, parts, streamed, textOf } from '../core/asking.js'

const ask = (text: string): CoreRequest => ({ messages: [{ role: 'user', content: text }] })

async function onClock(steps: readonly ScriptedStep[], options?: ScriptedOptions) {
  const clock = virtualClock()
  const core = scriptedCore(steps, options)
  await core.open?.(fakeDriverServices(clock))
  return { core, clock }
}

describe('the answers of scriptedCore', () => {
  it('come in the order of the script, asked for either way', async () => {
    const core = scriptedCore(['one', { text: 'two' }, { tokens: ['th', 'ree'] }])
    expect((await chat(core)).parts).toEqual([{ type: 'text', text: 'one' }])
    expect(textOf(await streamed(core))).toBe('two')
    expect((await chat(core)).parts).toEqual([{ type: 'text', text: 'three' }])
  })

  it('stream word by word, or in the tokens they are written in', async () => {
    const core = scriptedCore(['Hello, big  world\n', { tokens: ['He', 'llo'] }])
    const deltas = async () => (await streamed(core)).flatMap((part) => (part.type === 'text-delta' ? [part.text] : []))
    expect(await deltas()).toEqual(['Hello, ', 'big  ', 'world\n'])
    expect(await deltas()).toEqual(['He', 'llo'])
  })

  it('carry everything that a model can say', async () => {
    const step: ScriptedStep = {
      reasoning: 'Hm, well.',
      text: 'Adding.',
      toolCalls: [
        { name: 'local/add', input: { a: 1 } },
        { name: 'now', id: 'mine' },
      ],
      usage: { input: 12, output: { total: 5, text: 3, reasoning: 2 } },
    }
    const core = scriptedCore([step, step])
    const calls = (n: number) => [
      { type: 'tool-call', id: `call_${n}_1`, name: 'local/add', input: { a: 1 }, inputText: '{"a":1}' },
      { type: 'tool-call', id: 'mine', name: 'now', input: {}, inputText: '{}' },
    ]
    const usage = { input: { total: 12 }, output: { total: 5, text: 3, reasoning: 2 } }
    expect(await chat(core)).toEqual({
      parts: [{ type: 'reasoning', text: 'Hm, well.' }, { type: 'text', text: 'Adding.' }, ...calls(1)],
      finish: { unified: 'tool-calls' },
      usage,
    })
    const read = await streamed(core)
    expect(read.filter(({ type }) => type === 'tool-call')).toEqual(calls(2))
    expect(read.map((part) => (part.type === 'reasoning-delta' ? part.text : '')).join('')).toBe('Hm, well.')
    expect(read.at(-1)).toEqual({ type: 'finish', finish: { unified: 'tool-calls' }, usage })
  })

  it('write values as JSON', async () => {
    expect((await chat(scriptedCore([{ json: { sum: 5 } }]))).parts).toEqual([{ type: 'text', text: '{"sum":5}' }])
    expect((await chat(scriptedCore([{ json: null }]))).parts).toEqual([{ type: 'text', text: 'null' }])
  })

  it('can be wrong: broken arguments, another finish, nothing at all', async () => {
    const core = scriptedCore([
      { toolCalls: [{ name: 'add', inputText: '{"a"' }] },
      { text: 'On', finish: 'length' },
      {},
    ])
    expect((await chat(core)).parts).toMatchObject([{ inputText: '{"a"', invalid: expect.any(String) as unknown }])
    expect((await chat(core)).finish).toEqual({ unified: 'length' })
    expect(await streamed(core)).toEqual([
      { type: 'start' },
      { type: 'finish', finish: { unified: 'stop' }, usage: { input: {}, output: {} } },
    ])
  })

  it('are decided by functions, which see the request and how many came before', async () => {
    const core = scriptedCore([
      (request, index) => `${index}: ${request.messages.length}`,
      async () => ({ text: 'later' }),
    ])
    expect((await chat(core)).parts).toEqual([{ type: 'text', text: '0: 1' }])
    expect(textOf(await streamed(core))).toBe('later')
  })

  it('repeat for ever where that is asked for', async () => {
    const core = scriptedCore(['a', 'b'], { repeat: true })
    const texts: string[] = []
    for (let n = 0; n < 5; n += 1) texts.push(textOf(await streamed(core)))
    expect(texts).toEqual(['a', 'b', 'a', 'b', 'a'])
    expect(() => {
      core.assertDone()
    }).not.toThrow()
  })
})

describe('the faults of scriptedCore', () => {
  it('are thrown as they are, before the first part', async () => {
    const error = new AiosError('AIOS_LLM_RATE_LIMIT', 'Slow down.', { retryAfterMs: 5 })
    const core = scriptedCore([{ error }, { error }])
    expect(await failure(chat(core))).toBe(error)
    const iterator = parts(core)
    expect(await failure(Promise.resolve(iterator.next()))).toBe(error)
  })

  it.each<[string, Omit<Extract<ScriptedStep, { error: Error }>, 'error'>, string]>([
    ['so many tokens', { afterTokens: 2 }, 'token1 token2 '],
    ['so many of its own tokens', { tokens: ['a', 'b', 'c'], afterTokens: 1 }, 'a'],
    ['all of its text', { text: 'Once upon' }, 'Once upon'],
    ['nothing', { text: 'Once upon', afterTokens: 0 }, ''],
  ])('come after %s', async (_, beginning, text) => {
    const error = new Error('socket hang up')
    const iterator = parts(scriptedCore([{ ...beginning, error }]))
    let read = ''
    const failed = await failure(
      (async () => {
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
          read += textOf([next.value])
      })(),
    )
    expect([failed, read]).toEqual([error, text])
  })

  it('of functions are those they throw', async () => {
    const error = new Error('unexpected prompt')
    const core = scriptedCore([
      () => {
        throw error
      },
    ])
    expect(await failure(chat(core))).toBe(error)
    expect(core.running).toBe(0)
  })
})

describe('the time of scriptedCore', () => {
  it('passes on the clock of the kernel: first the latency, then between tokens', async () => {
    const step = { tokens: ['a', 'b', 'c'], latencyMs: 100, tokenMs: 10 }
    const { core, clock } = await onClock([step, step])
    const arrived: [string, number][] = []
    const reading = (async () => {
      const iterator = parts(core)
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        if (next.value.type === 'text-delta') arrived.push([next.value.text, clock.now()])
      }
    })()
    await clock.runAll()
    await reading
    expect(arrived).toEqual([
      ['a', 100],
      ['b', 110],
      ['c', 120],
    ])
    const whole = chat(core).then(() => clock.now())
    await clock.runAll()
    expect(await whole).toBe(240)
  })

  it('can be set for all steps at once, and by each', async () => {
    const { core, clock } = await onClock(['one', { text: 'two', latencyMs: 0 }, { hang: true, latencyMs: 7 }], {
      latencyMs: 50,
      tokenMs: 5,
    })
    const first = chat(core).then(() => clock.now())
    await clock.runAll()
    expect(await first).toBe(50)
    await chat(core)
    expect(clock.now()).toBe(50)
  })

  it('needs a kernel to come from', async () => {
    expect(await failure(chat(scriptedCore([{ latencyMs: 1 }])))).toMatchObject({
      code: 'AIOS_CLOSED',
      message: expect.stringContaining('an answer that takes 1 ms') as unknown,
    })
  })

  it("ends with an abort: the pause, the timer and the listener, with the signal's reason", async () => {
    for (const how of [chat, async (...args: Parameters<typeof chat>) => drained(parts(...args))]) {
      const { core, clock } = await onClock([{ text: 'late', latencyMs: 1_000 }])
      const controller = new AbortController()
      const asking = failure<string>(how(core, HELLO, fakeDriverCall({ signal: controller.signal })))
      await clock.advance(10)
      expect([core.running, clock.pending]).toEqual([1, 1])
      controller.abort('enough')
      expect(await asking).toBe('enough')
      expect([core.running, clock.pending, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0, 0])
    }
  })

  it('stands still for an answer that hangs, until it is aborted', async () => {
    const { core, clock } = await onClock([{ hang: true }])
    const controller = new AbortController()
    let isSettled = false
    const asking = failure<string>(chat(core, HELLO, fakeDriverCall({ signal: controller.signal })))
    void asking.then(() => (isSettled = true))
    await clock.advance(1e9)
    expect([isSettled, core.running]).toEqual([false, 1])
    controller.abort('enough')
    expect(await asking).toBe('enough')
    expect(core.running).toBe(0)
  })

  it('interrupts a function that takes for ever', async () => {
    const core = scriptedCore([() => new Promise<string>(() => undefined)])
    const controller = new AbortController()
    const asking = failure<string>(chat(core, HELLO, fakeDriverCall({ signal: controller.signal })))
    controller.abort('enough')
    expect(await asking).toBe('enough')
  })

  it('ends a part that is awaited while the loop is left', async () => {
    const core = scriptedCore([{ text: 'Once', hang: true }])
    const iterator = parts(core)
    while ((await iterator.next()).value?.type !== 'text-delta');
    const awaited = failure(Promise.resolve(iterator.next()))
    await iterator.return?.()
    expect((await awaited).code).toBe('AIOS_CLOSED')
    expect(core.running).toBe(0)
  })
})

describe('the record of scriptedCore', () => {
  it('keeps each request as it was when it came', async () => {
    const core = scriptedCore(['a', 'b'])
    const messages = [{ role: 'user' as const, content: 'first' }]
    await chat(core, { messages })
    messages.push({ role: 'user', content: 'second' })
    await streamed(core, { messages })
    expect(core.requests.map((request) => request.messages.length)).toEqual([1, 2])
  })

  it('counts the steps that are left', async () => {
    const core = scriptedCore(['a', 'b'])
    expect(core.remaining).toBe(2)
    await chat(core)
    expect(core.remaining).toBe(1)
    expect(() => {
      core.assertDone()
    }).toThrow('Expected all 2 steps of core "scripted" to be used, got 1 requests.')
    await chat(core)
    expect(core.remaining).toBe(0)
    core.assertDone()
  })

  it('does not count a call that was aborted before it began', async () => {
    const core = scriptedCore(['a'])
    const call = fakeDriverCall({ signal: AbortSignal.abort('early') })
    expect(await failure<string>(chat(core, HELLO, call))).toBe('early')
    expect(await failure<string>(drained(parts(core, HELLO, call)))).toBe('early')
    expect([core.remaining, core.running]).toEqual([1, 0])
  })

  it('names the request that came after the end, at once and again at the end', async () => {
    const core = scriptedCore(['only one'], { id: 'main' })
    await chat(core)
    const request = { ...ask('And now?'), tools: [{ name: 'local/add', description: '', inputSchema: {} }] }
    const message =
      'The script of core "main" has 1 steps, but request 2 came: user: "And now?" (message 1, tools: local/add). ' +
      'Add a step, or pass { repeat: true }.'
    expect(await failure(chat(core, request))).toMatchObject({ code: 'AIOS_DRIVER_FAILED', message })
    expect(() => {
      core.assertDone()
    }).toThrow(message)
  })
})

describe('the options of scriptedCore', () => {
  it('describe the core to the kernel', () => {
    expect(scriptedCore([])).toMatchObject({ kind: 'llm', id: 'scripted', model: 'scripted' })
    const shown = {
      id: 'main',
      model: 'm',
      limits: { concurrency: 1 },
      price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1 },
      contextWindow: 10,
      maxOutputTokens: 5,
    }
    const core = scriptedCore([], { ...shown, repeat: false, latencyMs: 1, tokenMs: 1 })
    expect(core).toMatchObject(shown)
    expect(Object.keys(core)).not.toContain('latencyMs')
  })

  it.each([
    [[], { repaet: true }, 'got "repaet" in scriptedCore().'],
    [[], { repeat: true }, 'Expected a step to repeat, got an array of 0 in scriptedCore().'],
    ['hi', {}, 'Expected an array of steps, got "hi" in scriptedCore().'],
    [[], { latencyMs: -1 }, 'for "latencyMs", got -1 in scriptedCore().'],
  ])('are checked: %j %j', (steps, options, message) => {
    expect(() => scriptedCore(steps as ScriptedStep[], options as ScriptedOptions)).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION', message: expect.stringContaining(message) as unknown }),
    )
  })
})

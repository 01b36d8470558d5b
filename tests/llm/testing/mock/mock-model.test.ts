import { AiosError, createKernel, type CoreRequest, type Message } from '@aios/kernel'
import {
  anyUser,
  calls,
  fromFunction,
  hangs,
  hasTool,
  hasToolResult,
  lastUser,
  mockModel,
  nthRequest,
  says,
  scriptedCore,
  system,
  throws,
  type MockModel,
  type RequestMatcher,
} from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'

const user = (content: string): Message => ({ role: 'user', content })
const tool = (name: string) => ({ name, description: name, inputSchema: { type: 'object' } })
const result = (name: string, output: unknown): Message => ({
  role: 'tool',
  content: [{ type: 'tool-result', id: '1', name, output }],
})
const answer: Message = { role: 'assistant', content: 'Well.' }

async function asked(core: MockModel, ...messages: readonly Message[]): Promise<string> {
  const kernel = await createKernel({ llm: core })
  try {
    return (await kernel.sys().llm.chat({ messages })).text
  } finally {
    await kernel.close()
  }
}

describe('the matchers', () => {
  const matching = (matcher: RequestMatcher, request: CoreRequest, index = 0) => matcher.matches(request, index)
  const of = (...messages: readonly Message[]): CoreRequest => ({ messages })

  it('lastUser looks at the last message, and only where the user said it', () => {
    expect(matching(lastUser('weather'), of(user('How is the weather?')))).toBe(true)
    expect(matching(lastUser(/WEATHER/i), of(user('weather')))).toBe(true)
    expect(
      matching(
        lastUser((text) => text.length === 2),
        of(user('Hi')),
      ),
    ).toBe(true)
    expect(matching(lastUser('weather'), of(user('weather'), answer, user('Bye')))).toBe(false)
    expect(matching(lastUser('weather'), of(user('weather'), answer, result('get', 1)))).toBe(false)
  })

  it('a global expression matches each time', () => {
    const matcher = lastUser(/a/g)
    expect([1, 2, 3].map(() => matching(matcher, of(user('a'))))).toEqual([true, true, true])
  })

  it('anyUser and system look at every message of their role', () => {
    const request = of({ role: 'system', content: 'Be kind.' }, user('first'), answer, user('second'))
    expect(matching(anyUser('first'), request)).toBe(true)
    expect(matching(anyUser('kind'), request)).toBe(false)
    expect(matching(system(/kind/), request)).toBe(true)
    expect(matching(system('first'), request)).toBe(false)
  })

  it('hasToolResult looks at what came since the last answer, by name and content', () => {
    const fresh = of(user('q'), answer, result('add', { sum: 4 }))
    expect(matching(hasToolResult(), fresh)).toBe(true)
    expect(matching(hasToolResult('add'), fresh)).toBe(true)
    expect(matching(hasToolResult('add', '"sum":4'), fresh)).toBe(true)
    expect(matching(hasToolResult('add', '5'), fresh)).toBe(false)
    expect(matching(hasToolResult('sub'), fresh)).toBe(false)
    expect(matching(hasToolResult('add', '"sum":"4"'), of(user('q'), answer, result('add', { sum: 4n })))).toBe(true)
    expect(matching(hasToolResult(), of(user('q'), answer, result('add', 'text'), answer, user('next')))).toBe(false)
  })

  it('hasTool looks at what is offered, nthRequest at the number', () => {
    expect(matching(hasTool('add'), { messages: [], tools: [tool('add')] })).toBe(true)
    expect(matching(hasTool('add'), { messages: [] })).toBe(false)
    expect(matching(nthRequest(2), of(), 1)).toBe(true)
    expect(matching(nthRequest(2), of(), 0)).toBe(false)
  })

  it('refuse what they cannot match by', () => {
    expect(() => lastUser(7 as never)).toThrow(/AIOS_INVALID_OPTION|Expected a string, a RegExp or a function/)
    expect(() => hasTool('')).toThrow(/hasTool/)
    expect(() => nthRequest(0)).toThrow(/nthRequest/)
    expect(() => mockModel().on('weather' as never)).toThrow(/mockModel\(\)\.on\(\)/)
  })
})

describe('mockModel()', () => {
  it('answers by the first rule whose matchers all match', async () => {
    const model = mockModel()
      .on(lastUser('weather'), nthRequest(1))
      .callsTool('get_weather', { city: 'Paris' })
      .on(hasToolResult('get_weather'))
      .says('It is 21 degrees.', { usage: { output: 5 } })
      .on(({ messages }) => messages.length === 9)
      .json({ nine: true })
    const kernel = await createKernel({ llm: model })
    const { llm } = kernel.sys()
    const first = await llm.chat({ messages: [user('How is the weather?')] })
    expect(first.toolCalls.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'get_weather', input: { city: 'Paris' } },
    ])
    const second = await llm.chat({ messages: [user('weather'), first.message, result('get_weather', '21')] })
    expect([second.text, second.usage.output.total]).toEqual(['It is 21 degrees.', 5])
    expect(model.remaining).toBe(1)
    expect(() => model.assertDone()).toThrow(/on\(a function|on\(.*\) answered 0/)
    await llm.chat({ messages: Array.from({ length: 9 }, () => user('x')) })
    expect(model.remaining).toBe(0)
    model.assertDone()
    expect(model.requests).toHaveLength(3)
    await kernel.close()
  })

  it('fails where no rule matches, and says of each why', async () => {
    const model = mockModel().on(lastUser('weather'), hasTool('get')).says('x').on(nthRequest(1)).times(1).says('first')
    expect(await asked(model, user('Hello'))).toBe('first')
    const error: unknown = await asked(model, user('Hello')).catch((caught: unknown) => caught)
    expect(AiosError.is(error, 'AIOS_DRIVER_FAILED')).toBe(true)
    expect((error as Error).message).toContain('No rule of core "mock" is for request 2: user: "Hello"')
    expect((error as Error).message).toContain(
      'on(lastUser("weather"), hasTool("get")): not lastUser("weather"), not hasTool("get")',
    )
    expect((error as Error).message).toContain('on(nthRequest(1)).times(1): it has answered as often as it may')
    expect(() => model.assertDone()).toThrow('No rule of core "mock" is for request 2')
  })

  it('leaves what no rule matches to otherwise(), and a spent rule to the next', async () => {
    const model = mockModel()
      .on()
      .times(1)
      .says('once')
      .otherwise(({ messages }) => `other ${messages.length}`)
    expect(await asked(model, user('a'))).toBe('once')
    expect(await asked(model, user('a'), answer, user('b'))).toBe('other 3')
    model.assertDone()
  })

  it('wants a rule with times() used that often', async () => {
    const model = mockModel().on().times(2).says('again')
    await asked(model, user('a'))
    expect(model.remaining).toBe(1)
    expect(() => model.assertDone()).toThrow('on().times(2) answered 1')
  })

  it('fails and hangs as a rule says', async () => {
    const model = mockModel({ limits: { maxAttempts: 1 } })
      .on(lastUser('limit'))
      .throws('rate-limit', { retryAfterMs: 50 })
      .on(lastUser('hang'))
      .hangs()
      .on()
      .callsTools([{ name: 'a' }, { name: 'b' }])
    const error: unknown = await asked(model, user('limit')).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 50 })
    const kernel = await createKernel({ llm: model })
    const { signal, abort } = (() => {
      const controller = new AbortController()
      return { signal: controller.signal, abort: () => controller.abort(new Error('enough')) }
    })()
    const hanging = kernel.sys().llm.chat({ messages: [user('hang')] }, { signal })
    abort()
    await expect(hanging).rejects.toThrow('enough')
    expect((await kernel.sys().llm.chat({ messages: [user('b')] })).toolCalls).toHaveLength(2)
    await kernel.close()
  })

  it('refuses a rule that cannot be where it is written', () => {
    expect(() => mockModel().on().replies({ text: 'a', json: 1 })).toThrow(/rule 1 of mockModel\(\)/)
    expect(() => mockModel().otherwise({ txt: 'a' } as never)).toThrow(/otherwise\(\) of mockModel\(\)/)
    expect(() => mockModel().on().times(0)).toThrow(/times/)
    expect(() => mockModel({ repeat: true } as never)).not.toThrow()
  })
})

describe('the steps', () => {
  it('make what scriptedCore plays', async () => {
    const core = scriptedCore([says('a', { finish: 'length' }), calls('f', { x: 1 }), throws('overloaded'), 'b'])
    const kernel = await createKernel({ llm: core })
    const chat = () => kernel.sys().llm.chat({ messages: [user('q')] })
    expect(await chat()).toMatchObject({ text: 'a', finish: { unified: 'length' } })
    expect((await chat()).toolCalls[0]).toMatchObject({ name: 'f', input: { x: 1 } })
    await kernel.close()
    expect(throws('timeout').error).toMatchObject({ code: 'AIOS_LLM_TIMEOUT', retryable: true })
    expect(hangs({ text: 'so far' })).toEqual({ hang: true, text: 'so far' })
  })

  it('throw an error of the caller as it is', () => {
    const error = new Error('mine')
    expect(throws(error).error).toBe(error)
    expect(throws('server', { message: 'Down.', text: 'Hel' })).toMatchObject({
      text: 'Hel',
      error: { message: 'Down.' },
    })
  })

  it('refuse a failure that there is not', () => {
    expect(() => throws('ratelimit' as never)).toThrow(/rate-limit/)
    expect(() => throws('server', { retryAfterMs: -1 })).toThrow(/retryAfterMs/)
    expect(() => says(7 as never)).toThrow(/says/)
  })
})

describe('fromFunction()', () => {
  it('hands each request to the function and answers with what it returns', async () => {
    const core = fromFunction(async ({ messages }, index) => ({
      text: `${index}: ${messages.length}`,
      usage: { input: 3 },
    }))
    const kernel = await createKernel({ llm: core })
    const { llm } = kernel.sys()
    expect((await llm.chat({ messages: [user('a')] })).text).toBe('0: 1')
    const second = await llm.chat({ messages: [user('a'), answer, user('b')] })
    expect([second.text, second.usage.input.total]).toEqual(['1: 3', 3])
    await kernel.close()
  })

  it('turns what the function throws into the failure of the call', async () => {
    const kernel = await createKernel({
      llm: fromFunction(() => {
        throw new AiosError('AIOS_LLM_CONTENT_FILTER', 'No.')
      }),
    })
    await expect(kernel.sys().llm.chat({ messages: [user('a')] })).rejects.toMatchObject({
      code: 'AIOS_LLM_CONTENT_FILTER',
    })
    await kernel.close()
    expect(() => fromFunction('text' as never)).toThrow(/fromFunction/)
  })
})

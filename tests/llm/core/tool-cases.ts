/** What every core must make of calls with one id, and of what tools return, whichever vendor is to see it. */
import type { Message, ToolCallPart, ToolResultPart } from '@aios/kernel'
import { expect, it } from 'vitest'
import { contentState } from '../../../packages/llm/src/core/result-content.js'
import { chat, HELLO, streamed, textOf } from './asking.js'
import { answering, callsOf, type BadVendor, type bench } from './bad-vendor.js'
import type { Body } from './provider.js'

const CALL: ToolCallPart = { type: 'tool-call', id: 'c', name: 'shot', input: {}, inputText: '{}' }
const SHOT = [
  { type: 'text', text: 'Here:' },
  { type: 'image-data', mediaType: 'image/png', data: 'AQID' },
]

/** A conversation that ends with what a tool returned. */
const withResult = (result: Pick<ToolResultPart, 'output' | 'opaque'>): readonly Message[] => [
  ...HELLO.messages,
  { role: 'assistant', content: [CALL] },
  { role: 'tool', content: [{ type: 'tool-result', id: 'c', name: 'shot', ...result }] },
]

/** Gives all calls in what a provider sends the same id. */
const withOneId = (body: Body): Body =>
  JSON.parse(JSON.stringify(body).replaceAll(/"(?:call|toolu|fc)_\d+"/g, '"call_0"')) as Body

/** Lists the cases of tools; `facing` is that of the list around them, which closes what it opens. */
export function toolCases(vendor: BadVendor, facing: ReturnType<typeof bench>['facing']): void {
  it('two calls with one id, each with an id of its own that its result goes back with', async () => {
    const saying = {
      calls: [
        { name: 'add', args: '{"a":1}' },
        { name: 'add', args: '{"a":2}' },
      ],
    }
    const alike = vendor.events(saying).map(withOneId)
    const { driver, provider } = await facing(answering(vendor, withOneId(vendor.whole(saying)), alike))
    const whole = (await chat(driver)).parts.filter((part) => part.type === 'tool-call')
    const read = await streamed(driver)
    const begun = read.flatMap((part) => (part.type === 'tool-input-start' ? [part.id] : []))
    expect(begun).toEqual(callsOf(read).map(({ id }) => id))
    for (const calls of [whole, callsOf(read)]) {
      expect(calls).toMatchObject([
        { id: 'call_0', input: { a: 1 } },
        { id: expect.not.stringMatching(/^(?:call_0)?$/) as string, input: { a: 2 } },
      ])
      const results = calls.map(({ id, name }, n) => ({ type: 'tool-result' as const, id, name, output: n }))
      const answered = { role: 'tool' as const, content: results }
      await chat(driver, { messages: [...HELLO.messages, { role: 'assistant', content: calls }, answered] })
      const sent = JSON.stringify(provider.requests.at(-1)?.body)
      // Gemini's API pairs calls by their order: an id that it did not give is not sent.
      const times = calls.map(({ id }) => sent.split(`"${id}"`).length - 1)
      expect(times[0]).toBeGreaterThan(1)
      expect(times.map((n) => n % 2)).toEqual([0, 0])
    }
  })

  it('results of tools that JSON cannot write, each as something that a model can read', async () => {
    const circle: Record<string, unknown> = {
      rows: 10n,
      when: new Date(0),
      tags: new Set(['x']),
      at: new Map([['k', 1]]),
    }
    circle['self'] = circle
    const saying = { text: ['Hi.'] }
    const { driver, provider } = await facing(answering(vendor, vendor.whole(saying), vendor.events(saying)))
    for (const output of [circle, 7n, new Uint8Array(3), undefined]) {
      const messages = withResult({ output })
      expect((await chat(driver, { messages })).parts).toMatchObject([{ text: 'Hi.' }])
      expect(textOf(await streamed(driver, { messages }))).toBe('Hi.')
    }
    const sent = provider.requests.map(({ body }) => JSON.stringify(body).replaceAll('\\', ''))
    expect(sent[0]).toContain(
      '{"rows":"10","when":"1970-01-01T00:00:00.000Z","tags":["x"],"at":{"k":1},"self":"[circular]"}',
    )
    expect(sent[2]).toContain('"7"')
    expect(sent[4]).toContain('[application/octet-stream, 3 bytes]')
  })

  it('images in results of tools, as such or by their kind and size, but never as text', async () => {
    const saying = { text: ['Hi.'] }
    const { driver, provider } = await facing(answering(vendor, vendor.whole(saying), vendor.events(saying)))
    const messages = withResult({ ...contentState(undefined), output: SHOT })
    const { warnings = [] } = await chat(driver, { messages })
    const [start] = await streamed(driver, { messages })
    const sent = JSON.stringify(provider.requests[0]?.body)
    expect(sent).toContain('Here:')
    expect(sent.includes('AQID')).toBe(vendor.seesResults === true)
    expect(sent.includes('[image/png, 3 bytes]')).toBe(vendor.seesResults !== true)
    expect(sent).not.toContain('image-data')
    expect(warnings.map(({ setting }) => setting)).toEqual(vendor.seesResults === true ? [] : ['messages'])
    expect(start).toEqual({ type: 'start', ...(warnings.length > 0 ? { warnings } : {}) })
  })
}

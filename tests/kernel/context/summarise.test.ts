import { contextWindow, dropToolOutput, fitContext, messageText, prune, summarise, type Message } from '@aios/kernel'
import type { CoreRequest } from '@aios/kernel/driver'
import { recordEvents } from '@aios/kernel/testing'
import { scriptedCore, type ScriptedStep } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { row, testBed } from '../test-bed.js'

const user = (text: string): Message => ({ role: 'user', content: text })
const assistant = (text: string): Message => ({ role: 'assistant', content: text })
const turns = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n).flatMap((n) => [
    user(`question ${n} ${'q'.repeat(400)}`),
    assistant(`answer ${n} ${'a'.repeat(400)}`),
  ])
const talk = [...turns(1, 4), user('And now?')]
const textOf = (message: Message | undefined) => (message === undefined ? '' : messageText(message))
const isSummariser = ({ messages }: CoreRequest) => textOf(messages[0]).startsWith('You summarise')
const answers = (request: CoreRequest): ScriptedStep =>
  isSummariser(request)
    ? { text: 'They spoke of q and a.', usage: { input: 900, output: 9 } }
    : { text: 'ok', usage: { input: 50, output: 1 } }
const core = (step: ScriptedStep = answers as never) => scriptedCore([step], { repeat: true, contextWindow: 3_000 })
const hook = (...steps: Parameters<typeof contextWindow>) => contextWindow({ reserveOutputTokens: 0, ...steps[0] })
const CHATS = ['llm.chat', 'llm.stream']

describe('summarise', () => {
  it('puts a summary in the place of old turns, written by a syscall that is charged to the caller', async () => {
    const llm = core()
    const kernel = await testBed({ llm })
    kernel.use(hook({ steps: [summarise()] }), CHATS)
    const events = recordEvents(kernel, 'context:trimmed', 'syscall:settled')
    const sys = kernel.sys({ name: 'talker', budget: { tokens: 100_000 } })
    const reply = await sys.llm.chat({ messages: talk })
    expect(reply.text).toBe('ok')
    const [asked, sent] = [llm.requests.filter(isSummariser), llm.requests.at(-1)]
    expect(asked.length).toBeGreaterThan(0)
    expect(sent?.messages.map((message) => textOf(message).slice(0, 11))).toEqual([
      '[Summary of',
      'question 4 ',
      'answer 4 aa',
      'And now?',
    ])
    expect(sent?.messages[0]?.content).toBe('[Summary of 6 earlier messages]\nThey spoke of q and a.')
    expect(row(kernel, sys.pid).usage).toMatchObject({
      calls: asked.length + 1,
      inputTokens: asked.length * 900 + 50,
      outputTokens: asked.length * 9 + 1,
    })
    expect(events.of('syscall:settled').every(({ pid }) => pid === sys.pid)).toBe(true)
    expect(events.of('context:trimmed')[0]?.steps).toMatchObject([{ step: 'summarise', messages: 6 }])
  })

  it('uses a summary again as long as it fits, and then continues it', async () => {
    const llm = core()
    const kernel = await testBed({ llm })
    kernel.use(hook({ steps: [summarise()] }), CHATS)
    const sys = kernel.sys({ name: 'talker' })
    await sys.llm.chat({ messages: talk })
    const first = llm.requests.filter(isSummariser).length
    const longer = [...talk, assistant('So.'), user('Go on.')]
    await sys.llm.chat({ messages: longer })
    expect(llm.requests.filter(isSummariser)).toHaveLength(first)
    await sys.llm.chat({ messages: [...longer, ...turns(5, 9), user('And then?')] })
    const later = llm.requests.filter(isSummariser).slice(first)
    expect(later.length).toBeGreaterThan(0)
    expect(textOf(later[0]?.messages[1])).toMatch(/^Summary so far:\nThey spoke of q and a\.\n/)
    expect(JSON.stringify(later)).not.toContain('question 1')
    expect(JSON.stringify(later)).toContain('question 5')
  })

  it('knows what it has summarised also when its output was dropped since, and when the turn is over', async () => {
    const llm = core()
    const kernel = await testBed({ llm })
    kernel.use(hook({ steps: [dropToolOutput({ keepToolResults: 1 }), summarise()] }), CHATS)
    const sys = kernel.sys()
    const step = (n: number): Message[] => [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'read', input: {}, inputText: `${n}` }] },
      { role: 'tool', content: [{ type: 'tool-result', id: 'c', name: 'read', output: 'o'.repeat(900) }] },
    ]
    const first = [...turns(1, 2), user('Do it.'), ...step(1), assistant('m'.repeat(900)), ...step(2)]
    await sys.llm.chat({ messages: first })
    const asked = llm.requests.filter(isSummariser).length
    expect(asked).toBeGreaterThan(0)
    expect(llm.requests.at(-1)?.messages.map(textOf)).not.toContain('m'.repeat(900))
    const next = [...first, assistant('Done.'), user('Thanks. Now?')]
    await sys.llm.chat({ messages: next })
    expect(llm.requests.filter(isSummariser)).toHaveLength(asked)
    expect(llm.requests.at(-1)?.messages[0]?.content).toContain('[Summary of')
  })

  it('stops with the call that it is for', async () => {
    const llm = core(((request: CoreRequest) => (isSummariser(request) ? { hang: true } : 'ok')) as never)
    const kernel = await testBed({ llm })
    kernel.use(hook({ steps: [summarise(), prune()] }), CHATS)
    const stop = new AbortController()
    const asked = kernel.sys().llm.chat({ messages: talk }, { signal: stop.signal })
    await kernel.clock.settle()
    expect(llm.running).toBe(1)
    stop.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
    await kernel.clock.settle()
    expect(llm.running).toBe(0)
    expect(llm.requests).toHaveLength(1)
  })

  it('sends a transcript longer than the window in pieces, each on top of the summary so far', async () => {
    const llm = core()
    const kernel = await testBed({ llm })
    kernel.use(hook({ steps: [summarise({ summaryTokens: 100 })] }), CHATS)
    await kernel.sys().llm.chat({ messages: [...turns(1, 20), user('And now?')] })
    const asked = llm.requests.filter(isSummariser)
    expect(asked.length).toBeGreaterThan(5)
    for (const { messages, maxOutputTokens } of asked) {
      expect(textOf(messages[1]).length).toBeLessThan(3_000)
      expect(maxOutputTokens).toBe(100)
    }
    const all = asked.map(({ messages }) => textOf(messages[1])).join('')
    for (let n = 1; n <= 17; n += 1) expect(all).toContain(`question ${n} `)
  })

  it('goes on to the next step when the summariser fails, and tells why', async () => {
    const failing: readonly ScriptedStep[] = [{ error: new Error('out of order') }, { text: ' ' }]
    for (const failure of failing) {
      const llm = core(((request: CoreRequest) => (isSummariser(request) ? failure : 'ok')) as never)
      const kernel = await testBed({ llm })
      kernel.use(hook({ steps: [summarise(), prune()] }), CHATS)
      const events = recordEvents(kernel, 'context:trimmed')
      const reply = await kernel.sys().llm.chat({ messages: talk })
      expect(llm.requests.at(-1)?.messages[0]).toMatchObject({ content: expect.stringMatching(/^question 2/) })
      expect(events.of('context:trimmed')[0]?.steps).toMatchObject([
        { step: 'summarise', messages: 0, tokens: 0, failed: expect.stringMatching(/out of order|no summary/) },
        { step: 'prune', messages: 2 },
      ])
      expect(reply.warnings[0]?.message).toContain('summarise failed: ')
    }
  })

  it('rejects with the overflow when nothing is left to do after a failing summariser', async () => {
    const llm = core((request: CoreRequest) => (isSummariser(request) ? { error: new Error('no') } : 'ok'))
    const kernel = await testBed({ llm })
    kernel.use(hook({ steps: [summarise()] }), CHATS)
    await expect(kernel.sys().llm.chat({ messages: talk })).rejects.toMatchObject({
      code: 'AIOS_LLM_CONTEXT_OVERFLOW',
      message: expect.stringContaining('summarise failed:'),
    })
  })

  it('is not written by a caller whose budget does not allow it', async () => {
    const llm = core()
    const kernel = await testBed({ llm })
    kernel.use(hook({ steps: [summarise(), prune()] }), CHATS)
    const sys = kernel.sys({ name: 'poor', budget: { calls: 1 } })
    // The summary takes the one call that there is.
    await expect(sys.llm.chat({ messages: talk })).rejects.toMatchObject({ code: 'AIOS_BUDGET_EXCEEDED' })
    expect(llm.requests.every(isSummariser)).toBe(true)
  })

  it('says that it needs a kernel where there is none, and refuses options that cannot be', async () => {
    await expect(fitContext(talk, { maxTokens: 500, steps: [summarise()] })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining('{ sys }'),
    })
    expect(() => summarise({ summaryTokens: 0 })).toThrow('"summaryTokens"')
    expect(() => summarise({ tokens: 1 } as never)).toThrow('"tokens"')
  })
})

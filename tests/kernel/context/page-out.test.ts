import { contextWindow, dropToolOutput, fitContext, pageOut, prune, type Message } from '@aios/kernel'
import { recordEvents } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { embeddedMemory } from '@aios/memory'
import { describe, expect, it } from 'vitest'
import { testBed } from '../test-bed.js'

const user = (text: string): Message => ({ role: 'user', content: text })
const assistant = (text: string): Message => ({ role: 'assistant', content: text })
const facts = ['The harbour master is called Ingrid.', 'The lighthouse burns seal oil.', 'The ferry leaves at noon.']
const talk: Message[] = facts.flatMap((fact) => [user(`${fact} ${'.'.repeat(300)}`), assistant('Noted.')])
const asking = (question: string): Message[] => [
  ...talk,
  user('Filler? '.repeat(40)),
  assistant('Yes.'),
  user(question),
]
const CHATS = ['llm.chat', 'llm.stream']
const core = () => scriptedCore(['ok'], { repeat: true, contextWindow: 1_300 })
const hook = (steps = [pageOut({ recall: 1, recallTokens: 450 }), prune()]) =>
  contextWindow({ reserveOutputTokens: 0, steps })

describe('pageOut', () => {
  it('moves old turns to memory and brings the one back that the newest message asks for', async () => {
    const llm = core()
    const kernel = await testBed({ llm, memory: embeddedMemory() })
    kernel.use(hook(), CHATS)
    const events = recordEvents(kernel, 'context:trimmed')
    const sys = kernel.sys({ name: 'sailor' })
    await sys.llm.chat({ messages: asking('Who is the harbour master?') })
    const [sent] = llm.requests
    expect(sent?.messages[0]).toMatchObject({ role: 'user', content: expect.stringContaining('moved to memory') })
    expect(sent?.messages[0]?.content).toContain('called Ingrid')
    expect(sent?.messages[0]?.content).not.toContain('seal oil')
    const notes = await sys.memory.retrieve({ query: 'harbour', tags: ['context'] })
    expect(notes[0]).toMatchObject({ namespace: 'sailor', metadata: { position: 0, messages: 1 } })
    const run = notes[0]?.metadata['run'] as string
    expect(notes[0]?.tags).toEqual(['context', `run:${run}`])
    expect(sent?.messages[0]?.content).toContain(`"run:${run}"`)
    expect(events.of('context:trimmed')[0]?.steps).toMatchObject([{ step: 'pageOut' }])
    expect(events.of('context:trimmed')[0]?.afterTokens).toBeLessThanOrEqual(1_300)
    await sys.llm.chat({ messages: asking('What does the lighthouse burn?') })
    expect(llm.requests[1]?.messages[0]?.content).toContain('seal oil')
  })

  it('brings back only what there is room for', async () => {
    const kernel = await testBed({ llm: core(), memory: embeddedMemory() })
    kernel.use(hook([pageOut({ recall: 3, recallTokens: 0 }), prune()]), CHATS)
    const events = recordEvents(kernel, 'context:trimmed')
    await kernel.sys().llm.chat({ messages: asking(facts.join(' ')) })
    expect(events.of('context:trimmed')[0]?.steps.map(({ step }) => step)).toEqual(['pageOut'])
  })

  it('stores the same messages once', async () => {
    const kernel = await testBed({ llm: core(), memory: embeddedMemory() })
    kernel.use(hook(), CHATS)
    const sys = kernel.sys({ name: 'sailor' })
    const notes = async () => (await sys.memory.retrieve({ query: facts.join(' '), limit: 100 })).length
    await sys.llm.chat({ messages: asking('Who?') })
    const before = await notes()
    await sys.llm.chat({ messages: asking('Who now?') })
    expect(before).toBeGreaterThan(0)
    expect(await notes()).toBe(before)
  })

  it('stores tool output as it was before a step dropped it', async () => {
    const kernel = await testBed({ memory: embeddedMemory() })
    const sys = kernel.sys()
    const messages: Message[] = [
      user('Read it.'),
      { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'read', input: {}, inputText: '{}' }] },
      { role: 'tool', content: [{ type: 'tool-result', id: 'a', name: 'read', output: 'whale '.repeat(100) }] },
      assistant('Done. '.repeat(100)),
      user('And now?'),
    ]
    const steps = [dropToolOutput({ keepToolResults: 0 }), pageOut({ recall: 0 })]
    const fitted = await fitContext(messages, { maxTokens: 300, steps, sys })
    expect(fitted.steps).toMatchObject([
      { step: 'dropToolOutput', messages: 0, parts: 1 },
      { step: 'pageOut', messages: 4 },
    ])
    expect((await sys.memory.retrieve({ query: 'whale' }))[0]?.content).toContain('whale whale')
  })

  it('brings nothing back of another conversation in the same run and namespace', async () => {
    const llm = core()
    const kernel = await testBed({ llm, memory: embeddedMemory() })
    kernel.use(hook(), CHATS)
    const sys = kernel.sys()
    const filler = [user('.'.repeat(1_400)), assistant('Noted.'), user('Thanks.')]
    const secret = [user('The vault code is 4711.'), assistant('Noted.'), ...filler]
    await sys.llm.chat({ messages: secret })
    await sys.llm.chat({ messages: asking('What is the vault code?') })
    expect(JSON.stringify(await sys.memory.retrieve({ query: 'vault code' }))).toContain('4711')
    expect(JSON.stringify(llm.requests[1])).not.toContain('4711')
  })

  it('goes on to the next step, and tells why, where there is no memory', async () => {
    const llm = core()
    const kernel = await testBed({ llm })
    kernel.use(hook(), CHATS)
    const events = recordEvents(kernel, 'context:trimmed')
    await kernel.sys().llm.chat({ messages: asking('Who?') })
    expect(events.of('context:trimmed')[0]?.steps).toMatchObject([
      { step: 'pageOut', messages: 0, failed: expect.stringContaining('AIOS_NO_DEVICE') },
      { step: 'prune' },
    ])
  })

  it('works for a stream', async () => {
    const llm = core()
    const kernel = await testBed({ llm, memory: embeddedMemory() })
    kernel.use(hook(), CHATS)
    const stream = kernel.sys().llm.stream({ messages: asking('When does the ferry leave?') })
    expect((await stream.result).warnings[0]?.message).toContain('pageOut dropped')
    expect(llm.requests[0]?.messages.length).toBeLessThan(9)
  })

  it('says that it needs a kernel where there is none, and refuses options that cannot be', async () => {
    await expect(fitContext(talk, { maxTokens: 600, steps: [pageOut()] })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining('{ sys }'),
    })
    expect(() => pageOut({ recall: -1 })).toThrow('"recall"')
    expect(() => pageOut({ recal: 1 } as never)).toThrow('"recal"')
  })
})

import { createKernel, type Message } from '@aios/kernel'
import { exerciseTools, type ExerciseOptions } from '@aios/llm/testing'
import { createKernel as createSystem, defineTool, react } from '@aios/sdk'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const user = (content: string): Message => ({ role: 'user', content })
const TOOLS = [
  {
    name: 'add',
    description: 'Adds.',
    inputSchema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
  },
  { name: 'now', description: 'Tells the time.', inputSchema: { type: 'object' } },
]

async function chat(options: ExerciseOptions, request: object = {}) {
  const kernel = await createKernel({ llm: exerciseTools(options) })
  try {
    return await kernel.sys().llm.chat({ messages: [user('Go.')], tools: TOOLS, ...request })
  } finally {
    await kernel.close()
  }
}

const names = (calls: readonly { readonly name: string }[]) => calls.map(({ name }) => name)

describe('exerciseTools()', () => {
  it('drives an agent through every tool once, with input that their schemas pass, and finishes with the results', async () => {
    const seen: unknown[] = []
    const book = defineTool({
      name: 'book',
      description: 'Books.',
      input: z.object({
        guests: z.int().min(1).max(8),
        date: z.iso.date(),
        mail: z.email().optional(),
        kind: z.enum(['a', 'b']),
      }),
      execute: (input) => {
        seen.push(input)
        return 'booked'
      },
    })
    const list = defineTool({ name: 'list', description: 'Lists.', input: z.object({}), execute: () => [1, 2] })
    const core = exerciseTools({ seed: 3 })
    const kernel = await createSystem({ llm: core, tools: [book, list] })
    const answer = await kernel.run(react({ tools: ['book', 'list'] }), 'Try it all.')
    expect(seen).toHaveLength(1)
    expect(core.requests).toHaveLength(2)
    expect(Object.values(JSON.parse(answer) as object)).toEqual(expect.arrayContaining(['booked']))
    await kernel.close()
  })

  it('makes the same arguments for the same seed, and others for another', async () => {
    const [first, again, other] = await Promise.all([chat({ seed: 1 }), chat({ seed: 1 }), chat({ seed: 2 })])
    expect(names(first.toolCalls)).toEqual(['add', 'now'])
    expect(again.toolCalls[0]?.inputText).toBe(first.toolCalls[0]?.inputText)
    expect(other.toolCalls[0]?.inputText).not.toBe(first.toolCalls[0]?.inputText)
  })

  it('calls only the tools it is told to, one by one where wanted, with arguments by hand', async () => {
    const { toolCalls } = await chat({ tools: ['add'], inputs: { add: { a: 5 } } })
    expect(toolCalls.map(({ name, input }) => ({ name, input }))).toEqual([{ name: 'add', input: { a: 5 } }])
    expect(names((await chat({ oneByOne: true })).toolCalls)).toEqual(['add'])
    await expect(chat({ tools: ['sub'] })).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_TOOL' })
  })

  it('heeds the choice of tools', async () => {
    expect(names((await chat({}, { toolChoice: { tool: 'now' } })).toolCalls)).toEqual(['now'])
    expect((await chat({ text: 'Done.' }, { toolChoice: 'none' })).text).toBe('Done.')
  })

  it('begins anew when the user speaks again', async () => {
    const call = { type: 'tool-call' as const, id: '1', name: 'add', input: { a: 1 }, inputText: '{"a":1}' }
    const done: Message[] = [
      user('Go.'),
      { role: 'assistant', content: [call] },
      { role: 'tool', content: [{ type: 'tool-result', id: '1', name: 'add', output: 1 }] },
    ]
    expect(names((await chat({}, { messages: done })).toolCalls)).toEqual(['now'])
    const next = [...done, { role: 'assistant', content: 'Done.' }, user('Again.')]
    expect(names((await chat({}, { messages: next })).toolCalls)).toEqual(['add', 'now'])
  })

  it('finishes with a value for the schema that is demanded', async () => {
    const kernel = await createKernel({ llm: exerciseTools() })
    const schema = z.object({ name: z.string().min(3), tags: z.array(z.string()).min(1) })
    const { value, attempts } = await kernel.sys().llm.json({ messages: [user('Go.')], schema })
    expect(value.tags.length).toBeGreaterThan(0)
    expect(attempts).toHaveLength(1)
    await kernel.close()
  })

  it('says at which place of a schema it has nothing to give', async () => {
    const inputSchema = { type: 'object', properties: { a: { not: { type: 'string' } } }, required: ['a'] }
    await expect(chat({}, { tools: [{ name: 'odd', description: '', inputSchema }] })).rejects.toThrow(
      'got the keyword "not" at the input of odd.a',
    )
  })

  it('refuses options that it does not know', () => {
    expect(() => exerciseTools({ sed: 1 } as never)).toThrow(/sed/)
    expect(() => exerciseTools({ oneByOne: 1 } as never)).toThrow(/oneByOne/)
  })
})

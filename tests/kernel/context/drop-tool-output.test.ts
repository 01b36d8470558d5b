import { dropToolOutput, fitContext, type Message } from '@aios/kernel'
import { describe, expect, it } from 'vitest'

const called = (id: string, output: unknown, pinned?: boolean): Message[] => [
  { role: 'assistant', content: [{ type: 'tool-call', id, name: 'read', input: {}, inputText: '{}' }] },
  { role: 'tool', content: [{ type: 'tool-result', id, name: 'read', output, isError: true, pinned }] },
]
const view = {
  limitTokens: 1,
  count: () => Promise.resolve(0),
  original: (message: Message) => message,
  sys: undefined,
  runId: 'r',
}
const long = 'z'.repeat(1_000)
const outputs = (messages: readonly Message[]) =>
  messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.flatMap((part) => (part.type === 'tool-result' ? [part.output] : [])),
  )
const drop = async (messages: readonly Message[], keepToolResults?: number) => {
  const step = dropToolOutput({ keepToolResults })
  return step.apply({ messages, ...view })
}

describe('dropToolOutput', () => {
  it('puts a marker that says how to get it back in the place of all but the newest results', async () => {
    const messages = [...called('a', long), ...called('b', { long }), ...called('c', long), ...called('d', long)]
    const { messages: left, droppedParts } = await drop([...messages, { role: 'user', content: 'Go on.' }], 2)
    expect(outputs(left)).toEqual([
      '[Output of read dropped to save room: 1000 characters. Call it again with the same arguments to see it.]',
      expect.stringContaining('1011 characters'),
      long,
      long,
    ])
    expect(droppedParts).toBe(2)
    expect(left[1]).toMatchObject({ content: [{ id: 'a', name: 'read', isError: true }] })
  })

  it('leaves what the model has not seen yet, what is pinned, and what is shorter than the marker', async () => {
    const fresh = called('a', long)
    expect((await drop(fresh, 0)).messages).toBe(fresh)
    const messages = [
      ...called('a', long, true),
      ...called('b', 'short'),
      { role: 'assistant' as const, content: 'So.' },
    ]
    expect((await drop(messages, 0)).messages).toBe(messages)
    const whole = called('a', long).map((message) => ({ ...message, pinned: true }))
    expect(outputs((await drop([...whole, { role: 'assistant', content: 'So.' }], 0)).messages)).toEqual([long])
  })

  it('makes the same message again of the same message, until one more part of it is stale', async () => {
    const step = dropToolOutput({ keepToolResults: 0 })
    const messages: Message[] = [...called('a', long), { role: 'assistant', content: 'So.' }]
    const first = await step.apply({ ...view, messages })
    const second = await step.apply({ ...view, messages: [...messages, { role: 'user', content: 'And?' }] })
    expect(second.messages[1]).toBe(first.messages[1])
  })

  it('tells two messages apart that share a part', async () => {
    const [call, result] = called('a', long) as [Message, Message]
    const { messages } = await drop([call, result, call, { ...result }, { role: 'assistant', content: 'So.' }], 1)
    expect(outputs(messages)).toEqual([expect.stringContaining('dropped'), long])
  })

  it('does not touch what fits', async () => {
    const messages = [...called('a', long), { role: 'user' as const, content: 'x' }]
    expect((await fitContext(messages, { maxTokens: 2_000 })).messages).toBe(messages)
  })

  it('refuses options that cannot be', () => {
    expect(() => dropToolOutput({ keepToolResults: -1 })).toThrow('"keepToolResults"')
    expect(() => dropToolOutput({ keep: 1 } as never)).toThrow('"keep"')
  })
})

import { toolNameMap } from '@aios/llm'
import { describe, expect, it } from 'vitest'
import type { CallFragment } from '../../../packages/llm/src/openai/completion.js'
import { toolCallPart, ToolFragments } from '../../../packages/llm/src/openai/tool-fragments.js'

const fragment = (fields: Partial<CallFragment>): CallFragment => ({
  index: undefined,
  id: undefined,
  name: undefined,
  inputText: '',
  ...fields,
})

function read(...fragments: Partial<CallFragment>[]) {
  const tools = new ToolFragments({ names: toolNameMap(['a/b']), makeId: (n) => `made_${n}`, host: 'h' })
  return { during: fragments.flatMap((one) => tools.read(fragment(one), 0)), after: tools.end(), size: tools.size }
}

describe('ToolFragments', () => {
  it('puts fragments together by index, interleaved or not', () => {
    const { during, after } = read(
      { index: 0, id: 'x', name: 'a_b' },
      { index: 1, id: 'y', name: 'c', inputText: '{"n"' },
      { index: 0, inputText: '{}' },
      { index: 1, inputText: ':1}' },
    )
    expect(during).toEqual([
      { type: 'tool-input-start', id: 'x', name: 'a/b' },
      { type: 'tool-input-start', id: 'y', name: 'c' },
      { type: 'tool-input-delta', id: 'y', text: '{"n"' },
      { type: 'tool-input-delta', id: 'x', text: '{}' },
      { type: 'tool-input-delta', id: 'y', text: ':1}' },
    ])
    expect(after).toEqual([
      { type: 'tool-input-end', id: 'x' },
      { type: 'tool-call', id: 'x', name: 'a/b', input: {}, inputText: '{}' },
      { type: 'tool-input-end', id: 'y' },
      { type: 'tool-call', id: 'y', name: 'c', input: { n: 1 }, inputText: '{"n":1}' },
    ])
  })

  it('tells two calls apart that share an index', () => {
    const { after } = read(
      { index: 0, id: 'x', name: 'c', inputText: '{}' },
      { index: 0, id: 'y', name: 'c', inputText: '{}' },
    )
    expect(after.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []))).toEqual(['x', 'y'])
  })

  it.each([
    ['of two tools', 'd', '{"n":2}'],
    ['of one tool', 'c', '{"n":2}'],
    ['of two tools, the second in pieces', 'd', ''],
  ])('tells two calls %s apart that have neither an index nor an id of their own', (_, name, inputText) => {
    const { after } = read({ name: 'c', inputText: '{"n":1}' }, { name, inputText }, { inputText: '' })
    const called = after.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.name, part.inputText]] : []))
    expect(called).toEqual([
      ['made_0', 'c', '{"n":1}'],
      ['made_1', name, inputText],
    ])
  })

  it('keeps one call one where a server repeats its name', () => {
    const { after, size } = read(
      { index: 0, name: 'c', inputText: '{"a":{}' },
      { index: 0, name: 'c', inputText: ',"b":{' },
      { index: 0, name: 'c', inputText: '}}' },
      { index: 0, name: 'c', inputText: '' },
    )
    expect(size).toBe(1)
    expect(after.at(-1)).toMatchObject({ name: 'c', input: { a: {}, b: {} } })
  })

  it('keeps one call one where a server repeats or changes its id on the way', () => {
    const { after, size } = read(
      { index: 0, id: 'x', name: 'c', inputText: '{"a"' },
      { index: 0, id: 'x', name: 'c', inputText: ':' },
      { index: 0, id: 'z', inputText: '1}' },
    )
    expect(size).toBe(1)
    expect(after.at(-1)).toMatchObject({ id: 'x', name: 'c', input: { a: 1 } })
  })

  it('makes ids where none come', () => {
    const { after } = read({ index: 0, name: 'c' }, { index: 1, name: 'c' })
    expect(after.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []))).toEqual(['made_0', 'made_1'])
  })

  it('holds arguments back until their tool has a name', () => {
    const { during } = read({ index: 0, id: 'x', inputText: '{' }, { index: 0, name: 'c', inputText: '}' })
    expect(during).toEqual([
      { type: 'tool-input-start', id: 'x', name: 'c' },
      { type: 'tool-input-delta', id: 'x', text: '{}' },
    ])
  })

  it('keeps what Google has with a call', () => {
    const extra = { google: { thought_signature: 'Sig==' } }
    const { after } = read({ id: 'x', name: 'c', inputText: '{', extra }, { inputText: '}' })
    expect(after.at(-1)).toMatchObject({ input: {}, opaque: { openai: { host: 'h', extra_content: extra } } })
  })

  it('keeps a call that never gets a name, marked', () => {
    expect(read({ id: 'x', inputText: '{}' }).after).toEqual([
      {
        type: 'tool-call',
        id: 'x',
        name: '',
        input: undefined,
        inputText: '{}',
        invalid: 'The model named no tool.',
      },
    ])
  })
})

describe('toolCallPart', () => {
  it('parses the arguments', () => {
    expect(toolCallPart({ id: 'x', name: 'c', inputText: '[1]' })).toMatchObject({ input: [1] })
  })
})

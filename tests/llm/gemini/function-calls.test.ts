import { describe, expect, it } from 'vitest'
import { FunctionCalls } from '../../../packages/llm/src/gemini/function-calls.js'
import { functionNames } from '../../../packages/llm/src/gemini/function-names.js'

const reading = { names: functionNames(['a/b']), host: 'h', makeId: (n: number) => `made_${n}` }
const piece = (functionCall: object, thoughtSignature?: string) => ({ functionCall, thoughtSignature })

function read(...parts: object[]) {
  const calls = new FunctionCalls(reading)
  return [...parts.flatMap((part) => calls.read(part as Record<string, unknown>)), ...calls.end()]
}
const called = (...parts: object[]) => read(...parts).filter((part) => part.type === 'tool-call')

describe('FunctionCalls', () => {
  it('shows a whole call at once, under the name of the request', () => {
    expect(read(piece({ name: 'a_b', args: { x: 1 }, id: 'g1' }, 'sig'))).toEqual([
      { type: 'tool-input-start', id: 'g1', name: 'a/b' },
      { type: 'tool-input-delta', id: 'g1', text: '{"x":1}' },
      { type: 'tool-input-end', id: 'g1' },
      {
        type: 'tool-call',
        id: 'g1',
        name: 'a/b',
        input: { x: 1 },
        inputText: '{"x":1}',
        opaque: { google: { host: 'h', signature: 'sig', id: 'g1' } },
      },
    ])
  })

  it('shows a call in pieces when it begins, and its arguments when they are whole', () => {
    const parts = read(
      piece({ name: 'a_b', willContinue: true }, 'sig'),
      piece({ partialArgs: [{ jsonPath: '$.x', stringValue: 'Y', willContinue: true }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.x', stringValue: 'Z' }], willContinue: true }),
      piece({}),
    )
    expect(parts.map(({ type }) => type)).toEqual([
      'tool-input-start',
      'tool-input-delta',
      'tool-input-end',
      'tool-call',
    ])
    expect(parts.at(-1)).toMatchObject({ id: 'made_0', input: { x: 'YZ' }, opaque: { google: { signature: 'sig' } } })
  })

  it('ends a call in pieces that the next one, or the end, cuts short', () => {
    const begun = (name: string) => piece({ name, willContinue: true, args: { of: name } })
    expect(called(begun('p'), begun('q')).map(({ id, input }) => [id, input])).toEqual([
      ['made_0', { of: 'p' }],
      ['made_1', { of: 'q' }],
    ])
  })

  it('makes nothing of the end of a call that has ended, and a call of one without arguments', () => {
    expect(read(piece({}))).toEqual([])
    expect(called(piece({ name: 'p' }))).toEqual([
      { type: 'tool-call', id: 'made_0', name: 'p', input: {}, inputText: '{}' },
    ])
  })

  it('keeps and marks what cannot be used, and throws never', () => {
    const marked = called(
      piece({ name: 'p', args: '{"x"' }),
      piece({ args: { x: 1 } }),
      piece({ name: 'p', partialArgs: [{ jsonPath: 'nowhere', numberValue: 1 }] }),
      piece({ partialArgs: [{ jsonPath: '$.x', numberValue: 1 }] }),
    )
    expect(marked.map(({ input, inputText }) => [input, inputText])).toEqual([
      [undefined, '{"x"'],
      [undefined, '{"x":1}'],
      [undefined, '{}'],
      [undefined, '{"x":1}'],
    ])
    const reasons = ['no JSON', 'named no tool', 'belongs nowhere', 'named no tool']
    for (const [n, { invalid }] of marked.entries()) expect(invalid).toContain(reasons[n])
  })
})

import { describe, expect, it } from 'vitest'
import type { CoreWarning, Message, ToolResultPart } from '@aios/kernel'
import { toolNameMap } from '@aios/llm'
import { contentState } from '../../../packages/llm/src/core/result-content.js'
import { chatHistory } from '../../../packages/llm/src/gguf/chat-history.js'

const NAMES = toolNameMap(['math/add'])
const history = (...messages: Message[]) => chatHistory({ messages }, NAMES, [])
const call = { type: 'tool-call', id: 'c1', name: 'math/add', input: { a: 1 }, inputText: '{"a":1}' } as const
const result = { type: 'tool-result', id: 'c1', name: 'math/add', output: { sum: 3 } } as const

describe('chatHistory', () => {
  it('ends with what the model says next', () => {
    expect(history({ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi.' })).toEqual([
      { type: 'system', text: 'Be brief.' },
      { type: 'user', text: 'Hi.' },
      { type: 'model', response: [] },
    ])
  })

  it('puts what a tool answered beside its call, under the name that the model knows', () => {
    const items = history(
      { role: 'user', content: 'Add.' },
      { role: 'assistant', content: [{ type: 'reasoning', text: 'Hm.' }, { type: 'text', text: 'Adding.' }, call] },
      { role: 'tool', content: [result] },
    )
    expect(items.at(-1)).toEqual({
      type: 'model',
      response: [
        { type: 'segment', segmentType: 'thought', text: 'Hm.', ended: true },
        'Adding.',
        { type: 'functionCall', name: 'math_add', params: { a: 1 }, result: { sum: 3 } },
      ],
    })
  })

  it('writes what a tool returned as JSON can carry it, and names a file of it, with a warning', () => {
    const warnings: CoreWarning[] = []
    const returned = (more: Pick<ToolResultPart, 'output' | 'opaque'>): unknown => {
      const messages: Message[] = [
        { role: 'assistant', content: [call] },
        { role: 'tool', content: [{ ...result, ...more }] },
      ]
      return chatHistory({ messages }, NAMES, warnings).at(-1)
    }
    expect(returned({ output: { n: 1n } })).toMatchObject({ response: [{ result: { n: '1' } }] })
    const shot = [{ type: 'image-data', mediaType: 'image/png', data: 'AQID' }]
    expect(returned({ output: shot, ...contentState(undefined) })).toMatchObject({
      response: [{ result: '[image/png, 3 bytes]' }],
    })
    expect(warnings).toMatchObject([{ setting: 'messages' }])
  })

  it('tells the model of a tool that failed, and of its own arguments as it wrote them', () => {
    const broken = { ...call, input: undefined, inputText: '{"a":', invalid: 'no JSON' }
    const items = history(
      { role: 'assistant', content: [broken] },
      { role: 'tool', content: [{ ...result, output: 'No such.', isError: true }] },
    )
    expect(items).toMatchObject([{ response: [{ params: '{"a":', result: { error: 'No such.' } }] }])
  })

  it('lets the model go on with its own last words', () => {
    expect(history({ role: 'assistant', content: 'Once' })).toEqual([{ type: 'model', response: ['Once'] }])
  })

  it('leaves out what other providers said beside their text', () => {
    const content = [
      { type: 'custom' as const, kind: 'x.y', value: 1 },
      { type: 'text' as const, text: 'Yes.' },
    ]
    expect(history({ role: 'assistant', content })).toEqual([{ type: 'model', response: ['Yes.'] }])
  })

  it('refuses files, and results without a call', () => {
    const file = { type: 'file' as const, mediaType: 'image/png', data: 'AA==' }
    const code = (message: Message) => {
      try {
        return history(message)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(code({ role: 'user', content: [file] })).toBe('AIOS_UNSUPPORTED')
    expect(code({ role: 'assistant', content: [file] })).toBe('AIOS_UNSUPPORTED')
    expect(code({ role: 'tool', content: [result] })).toBe('AIOS_LLM_BAD_REQUEST')
  })
})

import { describe, expect, it } from 'vitest'
import type { TemplateMessage } from '../../../packages/llm/src/huggingface/chat-messages.js'
import { PLAIN_CALL } from '../../../packages/llm/src/huggingface/plain-tools.js'
import { templateMarks, type Render } from '../../../packages/llm/src/huggingface/template-marks.js'

type Write = (message: TemplateMessage) => string

/** A chat template that writes turns between bars, and calls its own way. */
const template =
  (calls: (calls: NonNullable<TemplateMessage['tool_calls']>) => string, opening = ''): Render =>
  (messages, _, asks = true) => {
    const turn: Write = ({ role, content, tool_calls = [] }) =>
      `<|${role}|>${content}${tool_calls.length === 0 ? '' : calls(tool_calls)}<|end|>`
    return messages.map(turn).join('') + (asks ? `<|assistant|>${opening}` : '')
  }

const json = (value: unknown): string => JSON.stringify(value)
const qwen = template((calls) =>
  calls
    .map(
      (call) =>
        `<tool_call>\n{"name": "${call.function.name}", "arguments": ${json(call.function.arguments)}}\n</tool_call>`,
    )
    .join('\n'),
)
const mistral = template(
  (calls) =>
    `[TOOL_CALLS] [${calls.map((call) => `{"name": "${call.function.name}", "arguments": ${json(call.function.arguments)}}`).join(', ')}]`,
)
const single = template((calls) => {
  if (calls.length > 1) throw new Error('This model only supports single tool-calls at once!')
  return `{"name": "${calls[0]!.function.name}", "parameters": ${json(calls[0]!.function.arguments)}}`
})

describe('templateMarks', () => {
  it('reads how calls are marked from what the template writes', () => {
    expect(templateMarks(qwen, '')).toMatchObject({
      hasTools: true,
      turnEnd: '<|end|><|user|>Hello.<|end|><|assistant|>',
      syntax: {
        call: {
          opens: ['<tool_call>\n{"name": "', '<tool_call>{"name": "'],
          middle: '", "arguments": ',
          closes: '}\n</tool_call>',
          isParallel: true,
        },
      },
    })
  })

  it('reads one call where several are written in a list, or none beside another', () => {
    expect(templateMarks(mistral, '').syntax.call).toMatchObject({
      opens: ['[TOOL_CALLS] [{"name": "'],
      middle: '", "arguments": ',
      isParallel: false,
    })
    expect(templateMarks(single, '').syntax.call).toMatchObject({
      opens: ['{"name": "'],
      middle: '", "parameters": ',
      isParallel: false,
    })
  })

  it('makes do with plain words where the template writes no calls, or refuses them', () => {
    const silent = template(() => '')
    const strict: Render = (messages, tools, asks) => {
      if (tools !== undefined || messages.some(({ tool_calls }) => tool_calls)) throw new Error('No tools!')
      return silent(messages, tools, asks)
    }
    for (const render of [silent, strict])
      expect(templateMarks(render, '')).toMatchObject({ hasTools: false, syntax: { call: PLAIN_CALL } })
    const refusing: Render = () => {
      throw new Error('Never!')
    }
    expect(templateMarks(refusing, '')).toMatchObject({ hasTools: false, turnEnd: '' })
  })

  it('knows thoughts by their marks, also where every answer begins with one', () => {
    const marks = '<think> and </think>'
    expect(templateMarks(qwen, 'no marks').syntax.thought).toBeUndefined()
    expect(templateMarks(qwen, marks).syntax.thought).toEqual({ opens: '<think>', closes: '</think>' })
    const opened = template(() => '', '<think>\n')
    expect(templateMarks(opened, marks).syntax.thought).toEqual({ opens: undefined, closes: '</think>' })
  })
})

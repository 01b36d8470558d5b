import type { ToolCallPart } from '@aios/kernel'
import type { AnswerReading } from '../core/protocol.js'
import { parseToolInput } from '../tool-call/tool-input.js'
import type { AnsweredCall } from './answer.js'

/** Makes the part of a tool call, the n-th of its answer. */
export function calledTool(call: AnsweredCall, n: number, { names, makeId }: AnswerReading): ToolCallPart {
  const { id = makeId(n), name, inputText } = call
  if (name !== undefined) return { type: 'tool-call', id, name: names.fromWire(name), ...parseToolInput(inputText) }
  return { type: 'tool-call', id, name: '', input: undefined, inputText, invalid: 'The model named no tool.' }
}

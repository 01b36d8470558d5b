import type { CustomPart } from '@aios/kernel'
import { isRecord } from '../core/record.js'
import { inputTextOf } from '../tool-call/tool-input.js'

type Fields = Readonly<Record<string, unknown>>

/** Is an answer, or one line of a streamed one, with everything checked that servers may get wrong. */
export interface Answer {
  readonly model: string | undefined
  readonly text: string
  readonly thinking: string
  readonly calls: readonly AnsweredCall[]
  /** Whatever else it holds. */
  readonly extras: readonly CustomPart[]
  readonly isDone: boolean
  readonly doneReason: string | undefined
  /** All of it, for its counts. */
  readonly fields: Fields
}

/** Is a tool call of an answer. */
export interface AnsweredCall {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly inputText: string
}

const MESSAGE_FIELDS = new Set(['role', 'content', 'thinking', 'tool_calls'])
const ANSWER_FIELDS = new Set(['logprobs'])

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const someText = (value: unknown): string | undefined => textOf(value) || undefined
const isSomething = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)

function callOf(call: unknown): AnsweredCall {
  const fields = isRecord(call) ? call : {}
  const called = isRecord(fields['function']) ? fields['function'] : {}
  // Ollama sends the arguments as an object; gateways that imitate it send its text.
  const inputText = inputTextOf(called['arguments'])
  return { id: someText(fields['id']), name: someText(called['name']), inputText }
}

/** Keeps what is not read here, so that nothing is lost. */
function custom(kind: string, fields: Fields, isKept: (name: string) => boolean): CustomPart[] {
  const kept = Object.entries(fields).filter(([name, value]) => isKept(name) && isSomething(value))
  return kept.length === 0 ? [] : [{ type: 'custom', kind, value: Object.fromEntries(kept) }]
}

/** Reads what a server sent; nothing is taken for granted and nothing throws. */
export function readAnswer(value: unknown): Answer {
  const fields = isRecord(value) ? value : {}
  const message = isRecord(fields['message']) ? fields['message'] : {}
  const calls = message['tool_calls']
  return {
    model: someText(fields['model']),
    text: textOf(message['content']),
    thinking: textOf(message['thinking']),
    calls: Array.isArray(calls) ? calls.map(callOf) : [],
    extras: [
      ...custom('ollama.message', message, (name) => !MESSAGE_FIELDS.has(name)),
      ...custom('ollama.answer', fields, (name) => ANSWER_FIELDS.has(name)),
    ],
    isDone: fields['done'] === true,
    doneReason: someText(fields['done_reason']),
    fields,
  }
}

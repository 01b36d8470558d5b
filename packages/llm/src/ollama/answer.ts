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
  /** Whatever else its message holds. */
  readonly extras: readonly CustomPart[]
  /** Of its tokens, where they were asked for. */
  readonly logprobs: readonly unknown[]
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
function extrasOf(message: Fields): CustomPart[] {
  const kept = Object.entries(message).filter(([name, value]) => !MESSAGE_FIELDS.has(name) && isSomething(value))
  return kept.length === 0 ? [] : [{ type: 'custom', kind: 'ollama.message', value: Object.fromEntries(kept) }]
}

/** Returns the log probabilities of an answer as a part, or none. */
export function logprobParts(logprobs: readonly unknown[]): CustomPart[] {
  return logprobs.length === 0 ? [] : [{ type: 'custom', kind: 'ollama.answer', value: { logprobs: [...logprobs] } }]
}

/** Reads what a server sent; nothing is taken for granted and nothing throws. */
export function readAnswer(value: unknown): Answer {
  const fields = isRecord(value) ? value : {}
  const message = isRecord(fields['message']) ? fields['message'] : {}
  const calls = message['tool_calls']
  const { logprobs } = fields
  return {
    model: someText(fields['model']),
    text: textOf(message['content']),
    thinking: textOf(message['thinking']),
    calls: Array.isArray(calls) ? calls.map(callOf) : [],
    extras: extrasOf(message),
    logprobs: Array.isArray(logprobs) ? logprobs : [],
    isDone: fields['done'] === true,
    doneReason: someText(fields['done_reason']),
    fields,
  }
}

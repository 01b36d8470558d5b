import type { SourcePart } from '@aios/kernel'
import { jsonText } from '../core/json-text.js'
import { isRecord } from '../core/record.js'
import { readExtra } from './call-origin.js'
import { readDetails, type ReasoningDetail } from './reasoning-details.js'
import { readLogprobs, type TokenLogprob } from './token-logprobs.js'

/** Names the fields in which servers show the model's reasoning: DeepSeek and xAI the first, Groq and vLLM the second. */
export const REASONING_FIELDS = ['reasoning_content', 'reasoning'] as const

/** Is one of {@link REASONING_FIELDS}, or `content`: Mistral's models think in a part of that. */
export type ReasoningField = (typeof REASONING_FIELDS)[number] | 'content'

/** Is a chat completion, or one chunk of a streamed one, with everything checked that servers get wrong. */
export interface Completion {
  readonly id: string | undefined
  readonly model: string | undefined
  /** The provider's own usage object. */
  readonly usage: Readonly<Record<string, unknown>> | undefined
  /** The first alternative; further ones, asked for with `n`, are not read. */
  readonly choice: Choice | undefined
}

/** Is the answer, or the next piece of it. */
export interface Choice {
  readonly text: string
  /** What the model said instead of an answer. */
  readonly refusal: string
  readonly reasoning: { readonly field: ReasoningField; readonly text: string } | undefined
  /** What a router wants back of the reasoning. */
  readonly details: readonly ReasoningDetail[]
  readonly sources: readonly SourcePart[]
  readonly calls: readonly CallFragment[]
  /** Of its tokens, where they were asked for. */
  readonly logprobs: readonly TokenLogprob[]
  readonly finishReason: string | undefined
}

/** Is a tool call, or a fragment of one. */
export interface CallFragment {
  readonly index: number | undefined
  readonly id: string | undefined
  readonly name: string | undefined
  readonly inputText: string
  /** Whether it calls a tool that takes text, which is no JSON. */
  readonly isCustom?: boolean
  /** What its own server wants back with it. */
  readonly extra?: unknown
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})
const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])
/** An empty string says as little as none: Azure's first chunk is full of them. */
const textOrNone = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const textOf = (value: unknown): string => textOrNone(value) ?? ''

/** Mistral answers in a list of parts where it reasons. */
function contentText(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content)
  return records(content)
    .map((part) => textOf(part['text']))
    .join('')
}

const thinkingText = ({ thinking }: Fields): string => contentText(thinking)

function reasoningOf(answer: Fields): Choice['reasoning'] {
  const field = REASONING_FIELDS.find((name) => textOrNone(answer[name]) !== undefined)
  if (field !== undefined) return { field, text: textOf(answer[field]) }
  const text = records(answer['content']).map(thinkingText).join('')
  return text === '' ? undefined : { field: 'content', text }
}

function sourcesOf(answer: Fields): SourcePart[] {
  return records(answer['annotations']).flatMap((annotation) => {
    const cited = fieldsOf(annotation['url_citation'])
    const url = textOrNone(cited['url'])
    const title = textOrNone(cited['title'])
    if (url === undefined) return []
    return [{ type: 'source' as const, url, ...(title === undefined ? {} : { title }) }]
  })
}

function callOf(call: Fields): CallFragment {
  const isCustom = isRecord(call['custom'])
  const called = fieldsOf(call['custom'] ?? call['function'])
  const input = called[isCustom ? 'input' : 'arguments']
  return {
    index: typeof call['index'] === 'number' ? call['index'] : undefined,
    id: textOrNone(call['id']),
    name: textOrNone(called['name']),
    // A few servers send the arguments as an object instead of its text.
    inputText: isRecord(input) ? jsonText(input) : textOf(input),
    ...(isCustom ? { isCustom } : {}),
    extra: readExtra(call),
  }
}

/** Reads the field that OpenAI had before an answer could have several calls. */
function onlyCallOf(called: unknown): CallFragment[] {
  const call = callOf({ function: fieldsOf(called) })
  return call.name === undefined && call.inputText === '' ? [] : [call]
}

function callsOf(answer: Fields): CallFragment[] {
  const calls = records(answer['tool_calls'])
  return calls.length > 0 ? calls.map(callOf) : onlyCallOf(answer['function_call'])
}

function choiceOf(choice: Fields): Choice {
  const answer = fieldsOf(choice['message'] ?? choice['delta'])
  const logprobs = fieldsOf(choice['logprobs'])
  return {
    text: contentText(answer['content']),
    refusal: textOf(answer['refusal']),
    reasoning: reasoningOf(answer),
    details: readDetails(answer['reasoning_details']),
    sources: sourcesOf(answer),
    calls: callsOf(answer),
    logprobs: [...readLogprobs(logprobs['content']), ...readLogprobs(logprobs['refusal'])],
    finishReason: textOrNone(choice['finish_reason']),
  }
}

/**
 * Reads what a server sent. The SDK's types promise more than the many servers that copy OpenAI keep, so nothing is
 * taken for granted and nothing throws.
 */
export function readCompletion(value: unknown): Completion {
  const fields = fieldsOf(value)
  const first = records(fields['choices']).find((choice) => (choice['index'] ?? 0) === 0)
  // Groq's older place for the usage of a stream.
  const usage = fields['usage'] ?? fieldsOf(fields['x_groq'])['usage']
  return {
    id: textOrNone(fields['id']),
    model: textOrNone(fields['model']),
    usage: isRecord(usage) ? usage : undefined,
    choice: first === undefined ? undefined : choiceOf(first),
  }
}

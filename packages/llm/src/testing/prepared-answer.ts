import { AiosError, type Finish, type FinishReason, type ToolCallPart, type Usage } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { parseToolInput } from '../tool-call/tool-input.js'
import type {
  ScriptedAnswer,
  ScriptedBeginning,
  ScriptedFault,
  ScriptedHang,
  ScriptedReply,
  ScriptedToolCall,
  ScriptedUsage,
} from './scripted-step.js'
import { words } from './answer-parts.js'

/** Says how long an answer takes. */
export interface Timing {
  readonly latencyMs: number
  readonly tokenMs: number
}

/** Is a checked answer with every default filled in. */
export interface PreparedAnswer extends Timing {
  readonly reasoning: string
  readonly tokens: readonly string[]
  readonly calls: readonly ToolCallPart[]
  readonly usage: Usage
  readonly finish: Finish
  /** How the answer breaks off after its tokens, if it does. */
  readonly breaksOff: { readonly error: Error } | 'hang' | undefined
}

/** Says which answer of which core to prepare. */
export interface Preparation {
  /** Names the step in errors. */
  readonly where: string
  /** Number of requests before this one: makes ids of tool calls unique. */
  readonly index: number
  readonly timing: Timing
}

const REASONS: readonly string[] = [
  'stop',
  'length',
  'tool-calls',
  'content-filter',
  'context-overflow',
  'paused',
  'aborted',
  'other',
] satisfies FinishReason[]

const { optional } = option
const TIMED = { latencyMs: optional(option.number(0)), tokenMs: optional(option.number(0)) }
const SPOKEN = { text: optional(option.string), tokens: optional(option.array(option.string)) }
const JSON_VALUE = optional(
  option.custom('a value that JSON can carry', (value) => JSON.stringify(value) !== undefined),
)
const COUNT = option.number(0)
const USAGE = optional(
  option.union(
    'a number of tokens, or an object of such numbers',
    COUNT,
    option.custom('', (value) => option.record(value, '') === undefined && areCounts(Object.values(value as object))),
  ),
)
const CALL = option.object({
  name: option.name,
  input: JSON_VALUE,
  inputText: optional(option.string),
  id: optional(option.name),
})
const REPLY = option.object({
  ...SPOKEN,
  json: JSON_VALUE,
  reasoning: optional(option.string),
  toolCalls: optional(option.array(CALL)),
  usage: optional(option.object({ input: USAGE, output: USAGE })),
  finish: optional(option.oneOf(...REASONS)),
  ...TIMED,
})
const BEGINNING = { ...SPOKEN, afterTokens: optional(option.integer(0)), ...TIMED }
const FAULT = option.object({ error: option.custom('an Error', (value) => value instanceof Error), ...BEGINNING })
const HANG = option.object({ hang: option.custom('true', (value) => value === true), ...BEGINNING })
const ANSWER = option.union('a string, an object or a function', option.string, option.record)

function areCounts(values: readonly unknown[]): boolean {
  return values.every((value) => value === undefined || COUNT(value, '') === undefined)
}

function refuse(expects: string, got: string, where: string): never {
  throw new AiosError('AIOS_INVALID_OPTION', `Expected ${expects}, got ${got} in ${where}.`)
}

function checkOneSource(where: string, step: Readonly<Record<string, unknown>>): void {
  const given = ['text', 'tokens', 'json'].filter((key) => step[key] !== undefined)
  if (given.length > 1) refuse('one of text, tokens and json', given.join(' and '), where)
}

function preparedCall(call: ScriptedToolCall, id: string, where: string): ToolCallPart {
  if (call.input !== undefined && call.inputText !== undefined) refuse('input or inputText', 'both', where)
  const inputText = call.inputText ?? JSON.stringify(call.input ?? {})
  return { type: 'tool-call', id: call.id ?? id, name: call.name, ...parseToolInput(inputText) }
}

function preparedUsage({ input = {}, output = {} }: ScriptedUsage = {}): Usage {
  return {
    input: typeof input === 'number' ? { total: input } : input,
    output: typeof output === 'number' ? { total: output } : output,
  }
}

function preparedReply(reply: ScriptedReply, { where, index, timing }: Preparation): PreparedAnswer {
  checkOptions(where, reply, REPLY)
  checkOneSource(where, { ...reply })
  const text = reply.json === undefined ? (reply.text ?? '') : JSON.stringify(reply.json)
  const calls = (reply.toolCalls ?? []).map((call, n) =>
    preparedCall(call, `call_${index + 1}_${n + 1}`, `tool call ${n + 1} of ${where}`),
  )
  return {
    latencyMs: reply.latencyMs ?? timing.latencyMs,
    tokenMs: reply.tokenMs ?? timing.tokenMs,
    reasoning: reply.reasoning ?? '',
    tokens: reply.tokens ?? words(text),
    calls,
    usage: preparedUsage(reply.usage),
    finish: { unified: reply.finish ?? (calls.length > 0 ? 'tool-calls' : 'stop') },
    breaksOff: undefined,
  }
}

function beginning(step: ScriptedBeginning, { where, timing }: Preparation): Omit<PreparedAnswer, 'breaksOff'> {
  checkOneSource(where, { ...step })
  const said = step.tokens ?? (step.text === undefined ? undefined : words(step.text))
  const count = step.afterTokens ?? said?.length ?? 0
  if (said !== undefined && count > said.length) {
    refuse(`at most ${said.length}, the number of tokens, for "afterTokens"`, String(count), where)
  }
  return {
    latencyMs: step.latencyMs ?? timing.latencyMs,
    tokenMs: step.tokenMs ?? timing.tokenMs,
    reasoning: '',
    tokens: (said ?? Array.from({ length: count }, (_, n) => `token${n + 1} `)).slice(0, count),
    calls: [],
    usage: { input: {}, output: {} },
    finish: { unified: 'other' },
  }
}

const isFault = (answer: object): answer is ScriptedFault => 'error' in answer
const isHang = (answer: object): answer is ScriptedHang => 'hang' in answer

/**
 * Checks an answer and fills in its defaults.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for what a step cannot be
 */
export function prepare(answer: ScriptedAnswer, preparation: Preparation): PreparedAnswer {
  const { where } = preparation
  if (typeof answer === 'string') return preparedReply({ text: answer }, preparation)
  checkOptions(where, answer, ANSWER)
  if (isFault(answer)) {
    checkOptions(where, answer, FAULT)
    return { ...beginning(answer, preparation), breaksOff: { error: answer.error } }
  }
  if (isHang(answer)) {
    checkOptions(where, answer, HANG)
    return { ...beginning(answer, preparation), breaksOff: 'hang' }
  }
  return preparedReply(answer, preparation)
}

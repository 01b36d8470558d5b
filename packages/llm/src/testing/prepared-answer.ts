import type { Finish, FinishReason, ToolCallPart, Usage } from '@aios/kernel'
import { checkOptions, describe, invalidOption, isRecord, OPTION_RULES, type OptionRule } from '../option/options.js'
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

const isText = (value: unknown): boolean => typeof value === 'string'
const TEXT: OptionRule = { expects: 'a string', accepts: isText }
const COUNT: OptionRule = {
  expects: 'an integer, 0 or more',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
}
const TIMED = { latencyMs: OPTION_RULES.duration, tokenMs: OPTION_RULES.duration }
const SPOKEN = {
  text: TEXT,
  tokens: { expects: 'an array of strings', accepts: (value: unknown) => Array.isArray(value) && value.every(isText) },
}
const REPLY_RULES = {
  ...SPOKEN,
  json: { expects: 'a value that JSON can carry', accepts: (value: unknown) => JSON.stringify(value) !== undefined },
  reasoning: TEXT,
  toolCalls: { expects: 'an array of tool calls', accepts: Array.isArray },
  usage: OPTION_RULES.object,
  finish: { expects: REASONS.join(', '), accepts: (value: unknown) => REASONS.includes(value as string) },
  ...TIMED,
}
const BEGINNING_RULES = { ...SPOKEN, afterTokens: COUNT, ...TIMED }
const FAULT_RULES = {
  error: { expects: 'an Error', accepts: (value: unknown) => value instanceof Error },
  ...BEGINNING_RULES,
}
const HANG_RULES = { hang: { expects: 'true', accepts: (value: unknown) => value === true }, ...BEGINNING_RULES }
const CALL_RULES = {
  name: OPTION_RULES.name,
  input: { expects: 'a value that JSON can carry', accepts: (value: unknown) => JSON.stringify(value) !== undefined },
  inputText: TEXT,
  id: OPTION_RULES.name,
}
const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0
const isCountOrNone = (value: unknown): boolean => value === undefined || isCount(value)
const USAGE_RULE = {
  expects: 'a number of tokens, or an object of such numbers',
  accepts: (value: unknown) => isCount(value) || (isRecord(value) && Object.values(value).every(isCountOrNone)),
}
const USAGE_RULES = { input: USAGE_RULE, output: USAGE_RULE }

function checkOneSource(where: string, step: Readonly<Record<string, unknown>>): void {
  const given = ['text', 'tokens', 'json'].filter((key) => step[key] !== undefined)
  if (given.length > 1) throw invalidOption('one of text, tokens and json', where, given.join(' and '))
}

function preparedCall(call: ScriptedToolCall, id: string, where: string): ToolCallPart {
  checkOptions(where, call, CALL_RULES)
  if (call.name === undefined) throw invalidOption('a name', where, 'none')
  if (call.input !== undefined && call.inputText !== undefined) {
    throw invalidOption('input or inputText', where, 'both')
  }
  const inputText = call.inputText ?? JSON.stringify(call.input ?? {})
  return { type: 'tool-call', id: call.id ?? id, name: call.name, ...parseToolInput(inputText) }
}

function preparedUsage(usage: ScriptedUsage | undefined, where: string): Usage {
  checkOptions(where, usage ?? {}, USAGE_RULES)
  const { input = {}, output = {} } = usage ?? {}
  return {
    input: typeof input === 'number' ? { total: input } : input,
    output: typeof output === 'number' ? { total: output } : output,
  }
}

function preparedReply(reply: ScriptedReply, { where, index, timing }: Preparation): PreparedAnswer {
  checkOptions(where, reply, REPLY_RULES)
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
    usage: preparedUsage(reply.usage, `usage of ${where}`),
    finish: { unified: reply.finish ?? (calls.length > 0 ? 'tool-calls' : 'stop') },
    breaksOff: undefined,
  }
}

function beginning(step: ScriptedBeginning, { where, timing }: Preparation): Omit<PreparedAnswer, 'breaksOff'> {
  checkOneSource(where, { ...step })
  const said = step.tokens ?? (step.text === undefined ? undefined : words(step.text))
  const count = step.afterTokens ?? said?.length ?? 0
  if (said !== undefined && count > said.length) {
    throw invalidOption(`at most ${said.length}, the number of tokens,`, `"afterTokens" of ${where}`, String(count))
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
  if (!isRecord(answer)) throw invalidOption('a string, an object or a function', where, describe(answer))
  if (isFault(answer)) {
    checkOptions(where, answer, FAULT_RULES)
    return { ...beginning(answer, preparation), breaksOff: { error: answer.error } }
  }
  if (isHang(answer)) {
    checkOptions(where, answer, HANG_RULES)
    return { ...beginning(answer, preparation), breaksOff: 'hang' }
  }
  return preparedReply(answer, preparation)
}

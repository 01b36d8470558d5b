import { AiosError, type AiosErrorOptions, type BuiltinErrorCode } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import type { ScriptedBeginning, ScriptedFault, ScriptedHang, ScriptedReply } from '../scripted-step.js'

const CODES = {
  auth: 'AIOS_LLM_AUTH',
  permission: 'AIOS_LLM_PERMISSION',
  'not-found': 'AIOS_LLM_NOT_FOUND',
  'bad-request': 'AIOS_LLM_BAD_REQUEST',
  'context-overflow': 'AIOS_LLM_CONTEXT_OVERFLOW',
  'content-filter': 'AIOS_LLM_CONTENT_FILTER',
  'rate-limit': 'AIOS_LLM_RATE_LIMIT',
  overloaded: 'AIOS_LLM_OVERLOADED',
  server: 'AIOS_LLM_SERVER',
  timeout: 'AIOS_LLM_TIMEOUT',
  network: 'AIOS_LLM_NETWORK',
  'incomplete-stream': 'AIOS_LLM_INCOMPLETE_STREAM',
  'invalid-output': 'AIOS_LLM_INVALID_OUTPUT',
} as const satisfies Readonly<Record<string, BuiltinErrorCode>>

/** Names what a provider fails with: the `AIOS_LLM_…` code in small letters. */
export type FailureKind = keyof typeof CODES

/** Is what {@link throws} takes. Unknown keys are rejected. */
export interface ThrowsOptions extends ScriptedBeginning, Pick<AiosErrorOptions, 'retryAfterMs'> {
  /** Default: says which failure was asked for. */
  readonly message?: string | undefined
}

const KIND = option.oneOf(...Object.keys(CODES))
const isFailure = option.union(
  `an Error, or one of ${Object.keys(CODES).join(', ')}`,
  option.custom('', (value) => value instanceof Error),
  KIND,
)
const OWN = option.object({ retryAfterMs: option.optional(option.number(0)), message: option.optional(option.name) })

/**
 * Makes the error of a kind of failure, as a core would throw it.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for a kind that there is not
 */
export function failure(kind: FailureKind, options: Pick<ThrowsOptions, 'retryAfterMs' | 'message'> = {}): AiosError {
  checkOptions('a failure', kind, KIND)
  const { retryAfterMs, message = `A test asked for the failure "${kind}".` } = options
  return new AiosError(CODES[kind], message, retryAfterMs === undefined ? {} : { retryAfterMs })
}

/**
 * Makes a step that answers with a text.
 *
 * @example
 * ```ts
 * import { calls, says, scriptedCore, throws } from '@aios/llm/testing'
 *
 * const core = scriptedCore([
 *   calls('get_weather', { city: 'Paris' }),
 *   throws('rate-limit', { retryAfterMs: 50 }),
 *   says('It is 21 degrees.', { usage: { input: 30, output: 6 } }),
 * ])
 * console.log(core.remaining) // 3
 * ```
 */
export function says(text: string, options: Omit<ScriptedReply, 'text' | 'tokens' | 'json'> = {}): ScriptedReply {
  checkOptions('says()', text, option.string)
  return { ...options, text }
}

/**
 * Makes a step that calls one tool.
 *
 * @param input - the arguments. Default `{}`
 */
export function calls(
  name: string,
  input: unknown = {},
  options: Omit<ScriptedReply, 'toolCalls'> = {},
): ScriptedReply {
  checkOptions('calls()', name, option.name)
  return { ...options, toolCalls: [{ name, input }] }
}

/**
 * Makes a step that fails, as a provider fails or with an error of your own; with `text` or `tokens`, after saying them.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for a kind that there is not
 */
export function throws(what: FailureKind | Error, options: ThrowsOptions = {}): ScriptedFault {
  checkOptions('throws()', what, isFailure)
  const { retryAfterMs, message, ...beginning } = options
  checkOptions('throws()', { retryAfterMs, message }, OWN)
  return { ...beginning, error: what instanceof Error ? what : failure(what, { retryAfterMs, message }) }
}

/** Makes a step that never ends, so that only an abort, a deadline or a kill does; with `text` or `tokens`, after saying them. */
export function hangs(options: ScriptedBeginning = {}): ScriptedHang {
  return { ...options, hang: true }
}

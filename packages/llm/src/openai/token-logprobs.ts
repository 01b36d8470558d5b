import type { CustomPart } from '@aios/kernel'
import { isRecord } from '../core/record.js'

/** Is the kind of the custom part that holds the log probabilities of the tokens of an answer. It is never sent back. */
export const LOGPROBS_KIND = 'openai.logprobs'

/** Is the log probability of a token, with its alternatives, as the provider wrote it. */
export type TokenLogprob = Readonly<Record<string, unknown>>

/** Reads a list of them; whatever is none counts as not said. */
export function readLogprobs(value: unknown): readonly TokenLogprob[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Returns them as a part, or none. */
export function logprobParts(tokens: readonly TokenLogprob[]): CustomPart[] {
  return tokens.length === 0 ? [] : [{ type: 'custom', kind: LOGPROBS_KIND, value: [...tokens] }]
}

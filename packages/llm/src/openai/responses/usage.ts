import type { Usage } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import { fromWireUsage } from '../usage.js'

/** Translates the usage of a response, or none: it says the same as that of a chat completion, under other names. */
export function fromResponseUsage(wire: unknown): Usage {
  if (!isRecord(wire)) return fromWireUsage(undefined)
  const usage = fromWireUsage({
    prompt_tokens: wire['input_tokens'],
    prompt_tokens_details: wire['input_tokens_details'],
    completion_tokens: wire['output_tokens'],
    completion_tokens_details: wire['output_tokens_details'],
    total_tokens: wire['total_tokens'],
  })
  return { ...usage, raw: wire }
}

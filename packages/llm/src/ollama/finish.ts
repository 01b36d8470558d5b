import type { Finish, FinishReason } from '@aios/kernel'

const UNIFIED: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' }

/** Translates `done_reason`. A turn that calls tools ends with a plain stop. */
export function fromDoneReason(raw: string | undefined, hasToolCalls: boolean): Finish {
  if (raw === undefined) return { unified: hasToolCalls ? 'tool-calls' : 'other' }
  const unified = Object.hasOwn(UNIFIED, raw) ? (UNIFIED[raw] as FinishReason) : 'other'
  return { unified: unified === 'stop' && hasToolCalls ? 'tool-calls' : unified, raw }
}

import { AiosError, type Finish, type FinishReason } from '@aios/kernel/driver'
import { isRecord } from '../../core/record.js'

const UNIFIED: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
}

interface Said {
  readonly unified: unknown
  readonly raw: string | undefined
}

/** Reads a reason of any specification: a word in v2, an object since. */
function said(reason: unknown): Said {
  if (!isRecord(reason)) return { unified: reason, raw: undefined }
  const { unified, raw } = reason
  return { unified, raw: typeof raw === 'string' ? raw : undefined }
}

/**
 * Tells whether a stream ended without the provider saying why. Provider packages close every stream with a finish: where it was
 * cut, that says `interrupted` in v4, and what they began with before, `unknown` in v2 and a bare `other` in v3.
 */
export function isUnsaid(reason: unknown): boolean {
  const { unified, raw } = said(reason)
  if (unified === 'interrupted' || unified === undefined) return true
  return raw === undefined && (unified === 'unknown' || (unified === 'other' && isRecord(reason)))
}

/**
 * Translates why an answer ended. A plain stop with calls of the caller's tools means tool calls.
 *
 * @throws AiosError `AIOS_LLM_SERVER` for an answer that ended in an error that nobody named
 */
export function fromFinishReason(reason: unknown, hasToolCalls: boolean): Finish {
  const { unified, raw } = said(reason)
  if (unified === 'error') {
    const message = `Expected an answer, got one that ended in an error${raw === undefined ? '' : ` (${raw})`}. Try again later.`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  const known = typeof unified === 'string' && Object.hasOwn(UNIFIED, unified) ? UNIFIED[unified]! : 'other'
  const finish = known === 'stop' && hasToolCalls ? 'tool-calls' : known
  return { unified: finish, ...(raw === undefined ? {} : { raw }) }
}

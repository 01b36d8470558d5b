import { AiosError } from '../error/aios-error.js'
import { readable } from './divergence.js'
import type { CallEntry, OpenEntry } from './journal-entry.js'

/** Makes the error of a call of which nobody knows whether it happened. */
export function unknownError(runId: string, line: OpenEntry, more = ''): AiosError {
  return new AiosError(
    'AIOS_OUTCOME_UNKNOWN',
    `${line.row} (call ${line.path} of run ${runId}) was on its device when the process was killed, and must not be made twice. Find out whether it happened and answer with kernel.recover({ agents, onUnknown }).${more === '' ? '' : ` ${more}`}`,
    { details: { runId, path: line.path, name: line.row, request: readable(line.request) } },
  )
}

/** Makes the error of a run that cannot be taken past a call, because its result is not there. */
export function pastError(runId: string, line: CallEntry, cause: unknown): AiosError {
  return new AiosError(
    AiosError.is(cause) ? cause.code : 'AIOS_CORRUPT',
    `Run ${runId} cannot be taken past ${line.row} (line ${line.n}, call ${line.path}): ${(cause as Error).message}`,
    { cause, details: { runId, n: line.n, path: line.path, name: line.row } },
  )
}

import { AiosError } from '../error/aios-error.js'
import type { Process } from './process.js'

/** Is how a process ended: with a value or an error. `callError` is what its outstanding and later calls reject with. */
export type ProcessEnd =
  | { readonly how: 'fulfilled'; readonly value: unknown; readonly callError: unknown }
  | { readonly how: 'threw'; readonly error: unknown; readonly callError: unknown }
  | { readonly how: 'killed'; readonly error: unknown; readonly callError: unknown }

/** Is the end of a process that was killed, by whatever: its result and its calls reject with the same. */
export function killed(error: unknown): ProcessEnd {
  return { how: 'killed', error, callError: error }
}

/** Is the end of a process whose agent function returned. */
export function returned(process: Process, value: unknown): ProcessEnd {
  return {
    how: 'fulfilled',
    value,
    callError: new AiosError(
      'AIOS_PROCESS_EXITED',
      `Process ${process.pid} (${process.name}) has ended: its agent function returned.`,
    ),
  }
}

/** Is the end of a process whose agent function threw. */
export function threw(process: Process, error: unknown): ProcessEnd {
  const callError = new AiosError(
    'AIOS_PROCESS_EXITED',
    `Process ${process.pid} (${process.name}) has ended: its agent function threw.`,
    { cause: error },
  )
  return { how: 'threw', error, callError }
}

/** Makes the error that a waiter gets for a process that did not return. */
export function failed(pid: number, cause: unknown): AiosError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AiosError('AIOS_AGENT_FAILED', `Process ${pid} failed: ${why}`, { cause, details: { pid } })
}

/** Says in a word how a process ended: `fulfilled`, an error code, or `error`. */
export function outcomeOf(end: ProcessEnd): string {
  if (end.how === 'fulfilled') return 'fulfilled'
  return AiosError.is(end.error) ? end.error.code : 'error'
}

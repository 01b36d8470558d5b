import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import type { Process } from './process.js'

/**
 * Is how a process ended: with a value or an error. `callError` returns what its outstanding and later calls reject with,
 * the same error each time.
 */
export type ProcessEnd =
  | { readonly how: 'fulfilled'; readonly value: unknown; callError(): unknown }
  | { readonly how: 'threw'; readonly error: unknown; callError(): unknown }
  | { readonly how: 'killed'; readonly error: unknown; callError(): unknown }

/** Is the end of a process that was killed, by whatever: its result and its calls reject with the same. */
export function killed(error: unknown): ProcessEnd {
  return { how: 'killed', error, callError: () => error }
}

/** Is the end of a process whose agent function returned. */
export function returned({ pid, name }: Process, value: unknown): ProcessEnd {
  const why = `(${name}) has ended: its agent function returned.`
  return { how: 'fulfilled', value, callError: once(() => exited(pid, why)) }
}

/** Is the end of a process whose agent function threw. */
export function threw({ pid, name }: Process, error: unknown): ProcessEnd {
  const why = `(${name}) has ended: its agent function threw.`
  return { how: 'threw', error, callError: once(() => exited(pid, why, { cause: error })) }
}

/** Most processes end with nothing outstanding: then nobody needs the error, whose stack is dear. */
function once(make: () => AiosError): () => AiosError {
  let made: AiosError | undefined
  return () => (made ??= make())
}

function exited(pid: number, why: string, options?: ErrorOptions): AiosError {
  return new AiosError('AIOS_PROCESS_EXITED', `Process ${pid} ${why}`, options)
}

/** Makes a promise that is settled as the process ended. */
export async function settledBy(end: ProcessEnd): Promise<unknown> {
  if (end.how === 'fulfilled') return end.value
  throw end.error
}

/** Makes the error that a waiter gets for a process that did not return. */
export function failed(pid: number, cause: unknown): AiosError {
  return new AiosError('AIOS_AGENT_FAILED', `Process ${pid} failed: ${messageOf(cause)}`, { cause, details: { pid } })
}

function messageOf(cause: unknown): string {
  try {
    if (cause instanceof Error) return errorText(cause.message)
  } catch {
    // What cannot be asked for its message is told as it can be.
  }
  return errorText(cause)
}

/** Says in a word how a process ended: `fulfilled`, an error code, or `error`. */
export function outcomeOf(end: ProcessEnd): string {
  if (end.how === 'fulfilled') return 'fulfilled'
  return AiosError.is(end.error) ? end.error.code : 'error'
}

import { AiosError } from '../error/aios-error.js'
import type { RecordWrite, StoredRecord } from '../record/record-store.js'
import { undoneKey } from './journal-keys.js'
import { placeOf } from './run-header.js'

/** Space of the journal: run id and path of each call that has an idempotency key, or that a fork copied → its {@link Execution}. */
export const EXECUTIONS = 'journal/executions'

/** Says which call really did what another came to. A call of which nothing says so did it itself. */
export interface Execution {
  /** Durable id of the call that was executed: its own, that of one with the same idempotency key, or that which a fork copied. */
  readonly by: string
  /** Names what is kept under its idempotency key, in hexadecimal digits. */
  readonly answer?: string | undefined
}

/** Makes the key of what is marked of a call. */
export function markOf(id: string): Uint8Array {
  const { runId, path } = placeOf(id)
  return undoneKey(runId, path)
}

/** Makes the write that says of a call which one was executed. */
export function executionOf(id: string, execution: Execution): RecordWrite {
  return { op: 'put', space: EXECUTIONS, key: markOf(id), value: Buffer.from(JSON.stringify(execution)) }
}

/**
 * Reads which call was executed for another.
 *
 * @throws AiosError `AIOS_CORRUPT` if nobody can tell
 */
export function readExecution(id: string, record: StoredRecord | undefined): Execution {
  if (record === undefined) return { by: id }
  const text = Buffer.from(record.value).toString()
  try {
    const { by, answer } = JSON.parse(text) as Partial<Execution>
    if (typeof by === 'string' && (answer === undefined || typeof answer === 'string')) return { by, answer }
  } catch (cause) {
    throw damaged(id, cause)
  }
  throw damaged(id)
}

function damaged(id: string, cause?: unknown): AiosError {
  return new AiosError('AIOS_CORRUPT', `What the journal says of who executed call "${id}" cannot be read.`, { cause })
}

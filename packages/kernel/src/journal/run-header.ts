import { AiosError } from '../error/aios-error.js'

/** Version of what the journal writes. */
export const JOURNAL_SCHEMA = 1

/** `traced`: the calls of a process that runs no agent; there is nothing to resume. */
export type RunState = 'running' | 'traced' | 'fulfilled' | 'threw' | 'killed'

const STATES: readonly RunState[] = ['running', 'traced', 'fulfilled', 'threw', 'killed']

/** Is what is known of a run without reading its lines. */
export interface RunHeader {
  readonly schema: number
  readonly runId: string
  /** Name of the root process. */
  readonly name: string
  readonly state: RunState
  /** Id of the kernel that runs it, or ran it last. */
  readonly owner: string
  /** Pid of the root process; a resumed run keeps it. */
  readonly pid: number
  readonly createdAt: number
  readonly endedAt: number | undefined
  /** Why it stopped before its end: it can be recovered once that is answered. */
  readonly halted: string | undefined
}

/** Writes a header. */
export function encodeHeader(header: RunHeader): Uint8Array {
  return Buffer.from(JSON.stringify(header))
}

/**
 * Reads a header.
 *
 * @throws AiosError `AIOS_CORRUPT` if it is none; `AIOS_STORE_UNAVAILABLE` if a newer version wrote it
 */
export function decodeHeader(bytes: Uint8Array): RunHeader {
  let header: Partial<RunHeader>
  try {
    header = (JSON.parse(Buffer.from(bytes).toString()) as Partial<RunHeader> | null) ?? {}
  } catch (error) {
    throw new AiosError('AIOS_CORRUPT', `A run in the journal cannot be read: ${String(error)}`, { cause: error })
  }
  if (typeof header.schema !== 'number' || typeof header.runId !== 'string')
    throw new AiosError('AIOS_CORRUPT', 'A run in the journal cannot be read: it has no schema or id.')
  if (header.schema > JOURNAL_SCHEMA) {
    throw new AiosError(
      'AIOS_STORE_UNAVAILABLE',
      `Expected a journal of schema ${JOURNAL_SCHEMA} or older, got ${header.schema} in run ${header.runId}. Use the version that wrote it, or a newer one.`,
      { retryable: false },
    )
  }
  const { state, owner, name, pid } = header
  if (!STATES.includes(state as RunState) || typeof owner !== 'string' || typeof name !== 'string' || !isPid(pid))
    throw new AiosError(
      'AIOS_CORRUPT',
      `Run ${header.runId} in the journal cannot be read: its state, owner, name or pid is damaged.`,
    )
  return { ...header, endedAt: header.endedAt ?? undefined, halted: header.halted ?? undefined } as RunHeader
}

function isPid(pid: unknown): boolean {
  return Number.isSafeInteger(pid) && (pid as number) > 0
}

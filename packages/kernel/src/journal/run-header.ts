import { AiosError } from '../error/aios-error.js'
import { shortName } from './journal-keys.js'

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
  /** For the run of a detached process that outlived what spawned it: the run in which its earlier lines are, and its path there. */
  readonly from?: Departure | undefined
  /** Durable id of the call that spawned such a process: those of its own calls go on from there. */
  readonly callId?: string | undefined
}

/** Is where a run comes from that a detached process has of its own. */
export interface Departure {
  readonly runId: string
  readonly path: string
}

/** Names a call, the same in every life of its process: `r/3.1` is the first call made under call 3 of run `r`. */
export function durableId({ runId, callId }: Pick<RunHeader, 'runId' | 'callId'>, path: string): string {
  if (callId === undefined) return `${runId}/${path}`
  return path === '' ? callId : `${callId}.${path}`
}

/** Returns the run that a durable id is of, and the path in it. */
export function placeOf(durable: string): Departure {
  const at = durable.lastIndexOf('/')
  return { runId: durable.slice(0, at), path: durable.slice(at + 1) }
}

/** Bytes of an id of a run that the journal makes: with what stands behind it, it fits into every key. */
const MOST_ID_BYTES = 960

/** Names the run of a detached process by the durable id of the call that spawned it. */
export function orphanId(callId: string): string {
  const { runId, path } = placeOf(callId)
  const id = `${runId}/orphan-${path}`
  return Buffer.byteLength(id) <= MOST_ID_BYTES ? id : `${runId}/orphan-${shortName(path)}`
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
  const { from, callId } = header
  if (
    from !== undefined &&
    (typeof from?.runId !== 'string' || typeof from.path !== 'string' || typeof callId !== 'string')
  )
    throw new AiosError(
      'AIOS_CORRUPT',
      `Run ${header.runId} in the journal cannot be read: where it comes from is damaged.`,
    )
  return { ...header, endedAt: header.endedAt ?? undefined, halted: header.halted ?? undefined } as RunHeader
}

function isPid(pid: unknown): boolean {
  return Number.isSafeInteger(pid) && (pid as number) > 0
}

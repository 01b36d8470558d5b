import { isRecord } from '../../core/record.js'

/** Says how far a batch is, in the provider's words. */
export type BatchStatus =
  'validating' | 'failed' | 'in_progress' | 'finalizing' | 'completed' | 'expired' | 'cancelling' | 'cancelled'

/** Is how a batch stands. */
export interface BatchState {
  /** Keep it: it is all that another process needs to go on. */
  readonly id: string
  readonly status: BatchStatus
  /** Whether nothing more will happen, so that the results can be read. */
  readonly isOver: boolean
  /** Numbers of requests; absent where the provider did not say. */
  readonly counts: { readonly total?: number; readonly completed?: number; readonly failed?: number }
  /** What is wrong with the file of requests, for a batch that `failed`. */
  readonly problems: readonly { readonly code?: string; readonly message?: string; readonly line?: number }[]
  /** The provider's own object. */
  readonly raw: Readonly<Record<string, unknown>>
}

const OVER: readonly string[] = ['failed', 'completed', 'expired', 'cancelled']

function picked<T extends 'string' | 'number'>(
  value: unknown,
  names: Readonly<Record<string, T>>,
): Record<string, string | number> {
  if (!isRecord(value)) return {}
  const entries = Object.entries(names).filter(([name, type]) => typeof value[name] === type)
  return Object.fromEntries(entries.map(([name]) => [name, value[name] as string | number]))
}

/** Reads a batch; undefined if it is none. */
export function readBatch(value: unknown): BatchState | undefined {
  if (!isRecord(value)) return undefined
  const { id, status, request_counts: counts, errors } = value
  if (typeof id !== 'string' || typeof status !== 'string') return undefined
  const problems: unknown[] = isRecord(errors) && Array.isArray(errors['data']) ? errors['data'] : []
  return {
    id,
    status: status as BatchStatus,
    isOver: OVER.includes(status),
    counts: picked(counts, { total: 'number', completed: 'number', failed: 'number' }),
    problems: problems.map((one) => picked(one, { code: 'string', message: 'string', line: 'number' })),
    raw: value,
  }
}

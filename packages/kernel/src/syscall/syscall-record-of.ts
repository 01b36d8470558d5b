import type { Outcome } from '../event/metrics.js'
import { AiosError } from '../error/aios-error.js'
import { executionMs, firstStartOf } from './execution.js'
import type { Syscall } from './syscall.js'
import type { SyscallRecord } from './syscall-record.js'

/** Says how a call ended. */
export interface Ending {
  readonly outcome: Outcome
  readonly endedAt: number
  readonly error: unknown
}

/** Makes the public account of a settled call. */
export function recordOf(call: Syscall, ending: Ending): SyscallRecord {
  const { owner, extras } = call
  const { outcome, endedAt, error } = ending
  const startedAt = firstStartOf(call)
  const turnaroundMs = endedAt - call.createdAt
  const errorCode = outcome === 'fulfilled' ? undefined : AiosError.is(error) ? error.code : undefined
  const lane = call.lane?.id
  return {
    id: call.id,
    name: call.row.name,
    pid: owner.pid,
    runId: owner.runId,
    agent: owner.name,
    tenant: owner.tree.tenant.name,
    device: call.device?.id,
    lane,
    priority: call.priority,
    createdAt: call.createdAt,
    queuedAt: Number.isNaN(call.queuedAt) ? undefined : call.queuedAt,
    startedAt,
    endedAt,
    waitMs: turnaroundMs - executionMs(call, endedAt),
    turnaroundMs,
    slices: extras?.context?.slices ?? (startedAt === undefined ? 0 : 1),
    attempts: [
      ...(extras?.attempts ?? []),
      ...(startedAt === undefined || lane === undefined ? [] : [{ lane, startedAt, endedAt, errorCode }]),
    ],
    usage: extras?.usage,
    costUsd: extras?.costUsd,
    outcome,
    errorCode,
  }
}

import { hostname } from 'node:os'
import { AiosError } from '../error/aios-error.js'

/** Is what a kernel says of itself to others that share its store. */
export interface LeaseRecord {
  /** Until when nobody may take its runs, unless its process is known to be gone. */
  readonly until: number
  readonly host: string
  readonly processId: number
}

/** Writes the lease of a kernel of this process. */
export function encodeLease(until: number): Uint8Array {
  const record: LeaseRecord = { until, host: hostname(), processId: process.pid }
  return Buffer.from(JSON.stringify(record))
}

/**
 * Reads a lease.
 *
 * @throws AiosError `AIOS_CORRUPT` if it is none
 */
export function decodeLease(kernelId: string, bytes: Uint8Array): LeaseRecord {
  const text = Buffer.from(bytes).toString()
  try {
    const lease = JSON.parse(text) as Partial<LeaseRecord> | null
    const { until, host, processId } = lease ?? {}
    if (typeof until === 'number' && typeof host === 'string' && typeof processId === 'number')
      return { until, host, processId }
  } catch (error) {
    throw corrupt(kernelId, text, error)
  }
  throw corrupt(kernelId, text, undefined)
}

function corrupt(kernelId: string, text: string, cause: unknown): AiosError {
  return new AiosError(
    'AIOS_CORRUPT',
    `Expected the lease of kernel ${kernelId} as JSON with until, host and processId, got ${text.slice(0, 80)}. If that kernel lives, it writes it anew within its lease; if it is gone, remove the record "${kernelId}" of the space "journal/kernels", and its runs can be taken up.`,
    { cause, details: { kernelId } },
  )
}

/** Writes that a kernel was deposed, with the end of its last lease. */
export function encodeDeposed(until: number): Uint8Array {
  return Buffer.from(String(until))
}

/** Reads until when a kernel that was deposed had its last lease. */
export function decodeDeposed(bytes: Uint8Array): number {
  return Number(Buffer.from(bytes).toString())
}

/** Whether the kernel of a lease may still go on with its runs. */
export function isAlive({ until, host, processId }: LeaseRecord, now: number): boolean {
  if (now >= until) return false
  if (host !== hostname()) return true
  if (processId === process.pid) return true
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // A process that is there but somebody else's may be the one.
    return (error as { readonly code?: unknown }).code === 'EPERM'
  }
}

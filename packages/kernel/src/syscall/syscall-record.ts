import type { Attempt, Usage } from '../driver/chat.js'

/** Is the account of one settled syscall. Times in milliseconds; `…At` since the epoch. */
export interface SyscallRecord {
  readonly id: number
  /** Row name such as `llm.chat`. */
  readonly name: string
  readonly pid: number
  readonly runId: string
  /** Name of the process. */
  readonly agent: string
  readonly tenant: string
  /** Id of the device that served it, where one did. */
  readonly device: string | undefined
  readonly lane: string | undefined
  readonly priority: number
  readonly createdAt: number
  readonly queuedAt: number | undefined
  readonly startedAt: number | undefined
  readonly endedAt: number
  /** From creation to start on the device, or to the end if it never started. */
  readonly waitMs: number
  /** From creation to the end. */
  readonly turnaroundMs: number
  /** How often it was put on the device: 1 unless preempted. */
  readonly slices: number
  readonly attempts: readonly Attempt[]
  readonly usage: Usage | undefined
  readonly costUsd: number | undefined
  readonly outcome: 'fulfilled' | 'rejected' | 'cancelled'
  readonly errorCode: string | undefined
}

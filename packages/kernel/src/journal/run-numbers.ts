import type { AgentReceiveRequest, AgentSendRequest, AgentWaitRequest, SpawnedAgent } from '../syscall/sys.js'
import type { CallEntry, JournalEntry } from './journal-entry.js'
import { restored, type Captured } from './value-codec.js'

/**
 * Takes out of a run what is different each time though nothing else is: pids become 1, 2, 3 in the order in which the processes
 * were spawned, and times and ids that the kernel put into results become 0.
 */
export class RunNumbers {
  readonly #pids = new Map<number, number>()

  constructor(rootPid: number, lines: readonly JournalEntry[]) {
    for (const pid of pidsOf(rootPid, lines)) this.#pids.set(pid, this.#pids.size + 1)
  }

  /** Returns a pid as it is numbered; one of another run as it is. */
  pid(pid: number): number {
    return this.#pids.get(pid) ?? pid
  }

  /** Returns the request of a call, or undefined if it is not there. */
  request({ row, request }: Pick<CallEntry, 'row' | 'request'>): unknown {
    const value = valueOf(request)
    if (value === undefined) return undefined
    if (row === 'agent.send') return this.#with(value as AgentSendRequest, 'to')
    if (row === 'agent.wait') return this.#with(value as AgentWaitRequest, 'pid')
    if (row === 'agent.receive') return this.#with(value as AgentReceiveRequest, 'from')
    return value
  }

  /** Returns what a call resolved with, or undefined if it is not there. */
  result({ row, result }: Pick<CallEntry, 'row' | 'result'>): unknown {
    const value = untimed(valueOf(result))
    if (row === 'agent.spawn') return this.#with(value as SpawnedAgent, 'pid')
    if (row === 'agent.receive') return this.#with(value as AgentReceiveRequest, 'from')
    return value
  }

  #with<T extends object>(value: T | undefined, key: keyof T): T | undefined {
    const pid: unknown = value?.[key]
    return typeof pid === 'number' && value !== undefined ? { ...value, [key]: this.pid(pid) } : value
  }
}

/** Returns the pids of the processes of a run, in the order in which they were spawned. */
export function pidsOf(rootPid: number, lines: readonly JournalEntry[]): readonly number[] {
  const children = lines.flatMap((line) => {
    if (line.kind !== 'call' || line.row !== 'agent.spawn' || line.outcome !== 'fulfilled') return []
    const child = valueOf(line.result) as SpawnedAgent | undefined
    return child === undefined ? [] : [child.pid]
  })
  return [rootPid, ...children]
}

function valueOf(captured: Captured): unknown {
  return captured.codec === 'x' || captured.codec === 'e' ? undefined : restored(captured)
}

/** Values nested deeper than this are left as they are. */
const DEEPEST = 32

/** Returns a value in which what the kernel says of time is 0: `meta` of an answer, `sentAt` of a message. */
export function untimed(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value
  if (Array.isArray(value)) return value.map((each) => untimed(each, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, untimedField(value, key, { each, depth })]),
  )
}

function untimedField(owner: object, key: string, { each, depth }: { each: unknown; depth: number }): unknown {
  if (key === 'meta' && isMeta(each))
    return {
      syscallId: 0,
      waitMs: 0,
      executionMs: 0,
      attempts: each.attempts.map((attempt) => ({ ...attempt, startedAt: 0, endedAt: 0 })),
    }
  if (key === 'sentAt' && typeof each === 'number' && 'from' in owner && 'message' in owner) return 0
  return untimed(each, depth + 1)
}

function isMeta(value: unknown): value is { readonly attempts: readonly object[] } {
  return typeof value === 'object' && value !== null && 'syscallId' in value && 'waitMs' in value && 'attempts' in value
}

import type { KernelState } from '../kernel-state.js'
import { Batch } from '../scheduler/batch/batch.js'
import { TaskList } from '../scheduler/task-list.js'
import { sleepDue } from '../syscall/sleep-due.js'
import { SLOT, STATE, type Syscall } from '../syscall/syscall.js'
import type { Account } from './budget.js'
import type { Process } from './process.js'
import { waitForQuota } from './wait-for-quota.js'

/** Is who can end a wait; the calls of a batch together, because they have one slot. */
export type Holder = Syscall | Process | Batch

/**
 * Is what a call waits for. `on` lists the calls and processes of which any one can end the wait; `free` means that
 * something outside the graph can: a device, a message from anybody, an operator.
 */
export interface Wait {
  readonly what: string
  readonly on: readonly Holder[]
  readonly free: boolean
}

/** Says what a call waits for, or undefined while it is on a device or just being made. */
export function waitOf(kernel: KernelState, call: Syscall): Wait | undefined {
  const { owner, extras } = call
  const lock = kernel.locks.awaited(call)
  if (call.state === STATE.held) return { what: 'its process to be resumed', on: [], free: true }
  if (extras?.waitsForPid !== undefined) return waitForProcess(kernel, extras.waitsForPid, call)
  if (call.row.name === 'agent.receive' && call.state === STATE.running)
    return { what: 'a message', on: [], free: true }
  if (call.row.name === 'clock.sleep' && call.state === STATE.running)
    return { what: new Date(sleepDue(call)).toISOString(), on: [], free: true }
  const claimed = call.state === STATE.waiting ? extras?.claim?.waitOf(call) : undefined
  if (claimed !== undefined) return claimed
  if (lock !== undefined) return { what: `lock ${lock.key}`, on: [lock.holder], free: false }
  if (call.state === STATE.queued) return waitForSlot(kernel, call)
  if (call.state !== STATE.waiting) return undefined
  const host = extras?.host
  if (host !== undefined && call.list !== undefined && host.extras?.guests === call.list) {
    return {
      what: `the slot of call ${host.id}`,
      on: host.extras.guest === undefined ? [] : [host.extras.guest],
      free: false,
    }
  }
  if (owner.parked !== undefined && call.list === owner.parked)
    return { what: 'its process to be resumed', on: [], free: true }
  if (extras?.quota !== undefined) return waitForQuota(kernel, extras.quota, call)
  if (call.list instanceof TaskList) return waitForBudget(kernel, call)
  if (extras?.attempts !== undefined) return { what: 'its next attempt', on: [], free: true }
  return { what: 'a hook or a check of its input', on: [], free: true }
}

function waitForProcess(kernel: KernelState, pid: number, call: Syscall): Wait {
  const process = kernel.processes.get(pid)
  const what = call.row.name === 'agent.receive' ? `a message from process ${pid}` : `process ${pid}`
  return {
    what: process === undefined ? what : `${what} (${process.name})`,
    on: process === undefined ? [] : [process],
    free: process === undefined,
  }
}

/** A slot that no outstanding call has is free, or kept for a driver that was given up: it then comes back by itself. */
function waitForSlot(kernel: KernelState, call: Syscall): Wait {
  const there = callsWhere(kernel, (other) => other.lane === call.lane && other.slot === SLOT.own)
  const on = [...new Set(there.map((holder) => holder.extras?.batch ?? holder))]
  const free = on.length < (call.lane?.concurrency ?? 0)
  return { what: whatOfLane(call, free), on, free }
}

/** Names what a queued call waits for. */
function whatOfLane(call: Syscall, free: boolean): string {
  const { lane } = call
  const id = lane?.id ?? ''
  if (lane?.gate?.tripped === true) return `the recovery of ${id}`
  if (free && lane?.gathers(call) === true) return 'others of its batch'
  return free && lane?.gate?.limits === true ? `the limits of ${id}` : `a slot of ${id}`
}

/** So it is with what is reserved for a driver that was given up. */
function waitForBudget(kernel: KernelState, call: Syscall): Wait {
  const account = parkedAt(call)
  const on = callsWhere(kernel, (other) => {
    for (const at of other.extras?.reservation?.account.chain() ?? []) if (at === account) return true
    return false
  })
  const theirs = on.reduce((sum, other) => sum + (other.extras?.reservation?.tokens ?? 0), 0)
  return { what: `the budget of process ${account?.pid ?? 0}`, on, free: theirs < (account?.reservedTokens ?? 0) }
}

function parkedAt(call: Syscall): Account | undefined {
  for (const account of call.owner.account?.chain() ?? []) if (account.parked === call.list) return account
  return undefined
}

function callsWhere(kernel: KernelState, test: (call: Syscall) => boolean): readonly Syscall[] {
  const found: Syscall[] = []
  for (const process of kernel.processes.living()) {
    for (let call = process.firstCall; call !== undefined; call = call.nextCall) if (test(call)) found.push(call)
  }
  return found
}

/** Says what a call waits for: `7 waits for lock files/a, held by 4, suspended by operator`. */
export function waitSentence(kernel: KernelState, call: Syscall): string | undefined {
  const waits = waitOf(kernel, call)
  if (waits === undefined) return undefined
  const on = waits.on.flatMap((holder) => (holder instanceof Batch ? [...holder.aboard] : [holder]))
  const holders = on.slice(0, 3).map((holder) => ('row' in holder ? holderText(holder) : `process ${holder.pid}`))
  const more = on.length > 3 ? ` and ${on.length - 3} more` : ''
  const held = 'row' in (on[0] ?? {}) ? `, held by ${holders.join(', ')}${more}` : ''
  return `${call.id} waits for ${waits.what}${held}`
}

function holderText(holder: Syscall): string {
  return holder.owner.frozen > 0 ? `${holder.id}, suspended by operator` : String(holder.id)
}

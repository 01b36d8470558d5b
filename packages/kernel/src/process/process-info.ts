import type { KernelState } from '../kernel-state.js'
import { stateName, STATE, type Syscall } from '../syscall/syscall.js'
import type { CallInfo, Priority, ProcessInfo, ProcessState } from './agent.js'
import { outcomeOf } from './process-end.js'
import type { Process } from './process.js'
import { waitSentence } from './wait-of.js'

/** Says what a process is doing: `running` if a device has a call of it, `runnable` if calls only wait, else `sleeping`. */
export function stateOf(process: Process): ProcessState {
  if (process.end !== undefined) return 'exited'
  if (process.frozen > 0) return 'suspended'
  let state: ProcessState = 'sleeping'
  for (let call = process.firstCall; call !== undefined; call = call.nextCall) {
    if (call.row.runs === 'waits') continue
    if (call.state === STATE.running && !isComposite(call)) return 'running'
    state = 'runnable'
  }
  return state
}

/** Tells whether a call only waits for the calls it is made of: it is on no device itself. */
function isComposite(call: Syscall): boolean {
  return call.row.runs === 'direct' && (call.extras?.children?.size ?? 0) > 0
}

/** Describes a process for `ps()`. */
export function infoOf(kernel: KernelState, process: Process): ProcessInfo {
  const { end } = process
  return {
    pid: process.pid,
    parentPid: process.parentPid,
    runId: process.journalId,
    name: process.name,
    namespace: process.namespace,
    tenant: process.tree.tenant.name,
    state: stateOf(process),
    priority: process.priority,
    effectivePriority: Math.max(process.priority, process.lent) as Priority,
    createdAt: process.createdAt,
    exitedAt: end === undefined ? undefined : kernel.clock.now(),
    outcome: end === undefined ? undefined : outcomeOf(end),
    usage: { ...process.usage },
    budget: process.account?.pid === process.pid ? process.account.limits : {},
    calls: process.outstanding().map((call) => callInfo(kernel, call)),
    mailbox: process.mailbox?.size ?? 0,
  }
}

function callInfo(kernel: KernelState, call: Syscall): CallInfo {
  const waits = call.row.runs === 'waits' && call.state === STATE.running
  const state = waits || call.state === STATE.fresh ? 'waiting' : stateName(call.state)
  return {
    id: call.id,
    name: call.row.name,
    state: state as CallInfo['state'],
    lane: call.lane?.id,
    waitsFor: waitSentence(kernel, call),
  }
}

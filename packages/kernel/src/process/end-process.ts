import { AiosError } from '../error/aios-error.js'
import type { KernelState } from '../kernel-state.js'
import { UNWAITED_CHILDREN } from '../limits.js'
import { cancel } from '../syscall/cancel.js'
import { deliver } from '../syscall/settle.js'
import { STATE, type Syscall } from '../syscall/syscall.js'
import { leaveWait, refuseMail } from './deliver-mail.js'
import type { Process } from './process.js'
import type { ProcessEnd } from './process-end.js'
import { failed, killed, outcomeOf, settledBy } from './process-end.js'
import { factOf } from './process-fact.js'
import { infoOf } from './process-info.js'

/**
 * Ends a process: its children first, then its calls; then its result settles and those who wait for it go on. The caller
 * of this calls `settleDown` when it has ended all it wants to end.
 */
export function endProcess(kernel: KernelState, process: Process, end: ProcessEnd): void {
  recordKill(process, end)
  for (const each of condemn(process, end)) finish(kernel, each)
}

/** Ends several processes at once: one of them that waits for another rejects with its own end, not with the other's. */
export function endProcesses(
  kernel: KernelState,
  processes: readonly Process[],
  endOf: (process: Process) => ProcessEnd,
): void {
  for (const process of processes) recordKill(process, endOf(process))
  const condemned = processes.flatMap((process) => condemn(process, endOf(process)))
  for (const each of condemned) finish(kernel, each)
}

/** Tells the journal of an end that no agent brought about, before what follows from it. */
function recordKill(process: Process, end: ProcessEnd): void {
  const { scope } = process
  if (scope !== undefined && process.end === undefined && end.how === 'killed' && scope.path !== '')
    scope.run.killed(scope.path, end.error)
}

/** Marks a process and its descendants as ended; returns them, children before their parents. */
function condemn(process: Process, end: ProcessEnd): readonly Process[] {
  if (process.end !== undefined) return []
  process.end = end
  if (process.children === undefined || process.children.size === 0) return [process]
  const orphaned = end.how === 'killed' ? end : killed(killedWith(process))
  const children = [...process.children].filter((child) => !child.detached)
  return [...children.flatMap((child) => condemn(child, orphaned)), process]
}

/** Carries out the end of a process that is marked. */
function finish(kernel: KernelState, process: Process): void {
  const end = process.end as ProcessEnd
  for (const call of process.outstanding()) cancel(call, end.callError())
  release(kernel, process)
  kernel.processes.retire(process, { info: infoOf(kernel, process), end })
  process.parent?.children?.delete(process)
  leaveTree(kernel, process)
  process.abort?.abort(end.callError())
  if (process.detached) process.scope?.run.detached?.delete(process)
  if (process.scope?.path === '') process.sealing = process.scope.run.end(end)
  process.settleResult?.(resultOf(process, end))
  const fact = factOf(kernel, process)
  if (end.how === 'killed') kernel.hub.push('process:killed', { ...fact, reason: String(end.error) })
  kernel.hub.push('process:exited', { ...fact, outcome: outcomeOf(end) })
  let parentKnows = false
  for (const waiter of [...(process.waiters ?? [])]) {
    if (waiter.owner.end !== undefined) continue
    if (waiter.row.name === 'agent.receive') {
      refuseMail(kernel, waiter.owner)
    } else {
      answerWaiter(waiter, process.pid, end)
      // A result that is held for a suspended parent is lost if its call is given up meanwhile.
      if (waiter.owner === process.parent && waiter.state !== STATE.held) parentKnows = true
    }
  }
  if (!parentKnows) remember(process, end)
}

/** What a process came to: as its end says, once that is durable if somebody may ask for it again. */
function resultOf({ sealing }: Process, end: ProcessEnd): unknown {
  if (sealing !== undefined) return sealing.then(() => settledBy(end))
  return end.how === 'fulfilled' ? end.value : Promise.reject(end.error)
}

function killedWith(process: Process): AiosError {
  return new AiosError('AIOS_PROCESS_KILLED', `The parent, process ${process.pid} (${process.name}), has ended.`)
}

/** Drops timers, listeners and parked streams. */
function release(kernel: KernelState, process: Process): void {
  if (process.deadline !== undefined) kernel.wheel.cancel(process.deadline)
  if (process.wall !== undefined) kernel.wheel.cancel(process.wall)
  process.deadline = undefined
  process.wall = undefined
  process.release?.()
  process.release = undefined
  for (const thaw of process.thawing ?? []) thaw()
  process.thawing = undefined
}

/** Lets policies forget what they know of a process, and the kernel its tenant once nobody lives there. */
function leaveTree(kernel: KernelState, process: Process): void {
  const { tree } = process
  tree.living -= 1
  if (tree.living === 0) kernel.tenants.leave(tree.tenant)
  kernel.lanes.forget(process)
}

/** Keeps the end of a child until its parent asks for it. */
function remember(process: Process, end: ProcessEnd): void {
  const { parent } = process
  if (parent === undefined || parent.end !== undefined || !process.awaitable) return
  parent.unwaited ??= new Map()
  parent.unwaited.set(process.pid, end)
  if (parent.unwaited.size > UNWAITED_CHILDREN) {
    for (const oldest of parent.unwaited.keys()) {
      parent.unwaited.delete(oldest)
      break
    }
  }
}

/** Gives a waiter the result of the process it waits for. */
function answerWaiter(call: Syscall, pid: number, end: ProcessEnd): void {
  leaveWait(call)
  if (end.how === 'fulfilled') deliver(call, true, end.value)
  else deliver(call, false, failed(pid, end.error))
}

import type { KernelState } from '../kernel-state.js'
import { withdraw } from '../syscall/cancel.js'
import { enterLane } from '../syscall/enter-lane.js'
import { settle } from '../syscall/settle.js'
import { STATE, type Syscall } from '../syscall/syscall.js'
import { deliverMail, refuseMail } from './deliver-mail.js'
import type { Process } from './process.js'
import { runWall, stopWall } from './spawn.js'
import { factOf } from './process-fact.js'

/** Stops a process and its descendants before their next call. Harmless if it is suspended or has ended. */
export function suspendProcess(kernel: KernelState, process: Process): void {
  if (process.suspended || process.end !== undefined) return
  process.suspended = true
  process.scope?.run.moved(process.scope.path, 'suspend')
  freeze(kernel, process)
  kernel.hub.push('process:suspended', factOf(kernel, process))
  kernel.settleDown()
}

/** Lets a process and its descendants go on, unless an ancestor is still suspended. */
export function resumeProcess(kernel: KernelState, process: Process): void {
  if (!process.suspended || process.end !== undefined) return
  process.suspended = false
  process.scope?.run.moved(process.scope.path, 'resume')
  kernel.hub.push('process:resumed', factOf(kernel, process))
  thaw(kernel, process)
  kernel.settleDown()
}

function freeze(kernel: KernelState, process: Process): void {
  process.frozen += 1
  if (process.frozen === 1) {
    stopWall(kernel, process)
    for (const call of process.outstanding()) holdBack(call)
  }
  for (const child of process.children ?? []) if (!child.detached) freeze(kernel, child)
}

/** Takes a waiting call off its lane, and lets a stream that runs drain, so that its slot comes free. */
function holdBack(call: Syscall): void {
  if (call.underSlot) return
  const { extras } = call
  const inLane = call.state === STATE.queued || (call.state === STATE.waiting && call.list !== undefined)
  if (inLane) {
    withdraw(call)
    enterLane(call)
  } else if (call.state === STATE.running && extras?.device !== undefined && !extras.device.askToLeave('suspend')) {
    // What cannot be cut is let run out, and kept until the process is resumed.
    void extras.device.pullWhile(() => call.owner.frozen > 0)
  }
}

function thaw(kernel: KernelState, process: Process): void {
  // The whole subtree first: what then goes on may spawn children, who were never suspended.
  for (const thawed of warm(process)) goOn(kernel, thawed)
}

/** Takes one suspend off a process and its descendants; returns those that no suspend is left on. */
function warm(process: Process): readonly Process[] {
  process.frozen -= 1
  const children = [...(process.children ?? [])].filter((child) => !child.detached)
  return [...(process.frozen === 0 ? [process] : []), ...children.flatMap(warm)]
}

function goOn(kernel: KernelState, process: Process): void {
  if (process.end !== undefined || process.frozen > 0) return
  runWall(kernel, process)
  for (const call of process.outstanding()) deliverHeld(call)
  deliverMail(process)
  refuseMail(kernel, process)
  while (process.parked !== undefined && process.parked.size > 0) enterLane(process.parked.shift() as Syscall)
  const streams = process.thawing
  process.thawing = undefined
  for (const resume of streams ?? []) resume()
}

function deliverHeld(call: Syscall): void {
  const held = call.extras?.held
  if (call.state !== STATE.held || held === undefined) return
  settle(call, held.fulfilled ? 'fulfilled' : 'rejected', held.value)
}

/** Changes the priority of a process for its next calls and those that wait. */
export function changePriority(kernel: KernelState, process: Process, priority: Process['priority']): void {
  if (process.end !== undefined || process.priority === priority) return
  process.priority = priority
  for (const call of process.outstanding()) kernel.inheritance.change(call, priority)
  kernel.hub.push('process:priority-changed', { ...factOf(kernel, process), priority })
  kernel.settleDown()
}

import type { KernelState } from '../kernel-state.js'
import type { Lane } from '../scheduler/lane.js'
import { TaskList } from '../scheduler/task-list.js'
import { refuseCycle } from '../process/wait-graph.js'
import { admit } from './admit.js'
import { freeAllowance } from './allowance.js'
import { begin } from './begin.js'
import { loseCore } from './cancel.js'
import { passTurn } from './charge.js'
import { deliver, outlived } from './settle.js'
import { keepScope, wait } from './wait.js'
import { SLOT, STATE, type Syscall } from './syscall.js'

/**
 * Sends an authorised call on its way: past the gate of a suspended process, through its conflict keys, onto its host's
 * slot or into its lane. Called again whenever what it waited for came.
 */
export function enterLane(call: Syscall): void {
  if (call.state === STATE.settled) return
  if (call.owner.frozen > 0 && !call.underSlot) {
    park(call)
  } else if (call.row.runs !== 'device') {
    begin(call)
  } else if (call.caller.kernel.locks.acquire(call) !== undefined) {
    wait(call)
    refuseCycle(call)
  } else if (isAdmitted(call)) {
    takeSlot(call)
  } else if (call.state === STATE.waiting) {
    refuseCycle(call)
  }
}

/** Whether the limits of its process, if there are any, let a call on to its lane. */
function isAdmitted(call: Syscall): boolean {
  const { quota } = call.owner
  return (
    quota === undefined || call.row.need === undefined || call.extras?.allowance !== undefined || admit(call, quota)
  )
}

/** Keeps the call of a suspended process until it is resumed. */
function park(call: Syscall): void {
  const { owner } = call
  passTurn(call)
  // A key that was granted while the process was being suspended must not be kept through it.
  call.caller.kernel.awakened.push(...call.caller.kernel.locks.release(call))
  freeAllowance(call)
  wait(call)
  owner.parked ??= new TaskList()
  owner.parked.push(call)
}

function takeSlot(call: Syscall): void {
  const lane = call.lane as Lane
  const host = hostOf(call, lane)
  if (host !== undefined) {
    shareSlot(call, host)
    return
  }
  const isCut = call.extras?.context?.snapshot !== undefined
  const refusal = lane.submit(call, isCut || call.underSlot)
  if (refusal !== undefined) {
    turnAway(call, refusal)
  } else if (call.state === STATE.queued) {
    keepScope(call)
    refuseCycle(call)
  }
}

/** Rejects a call that its lane does not take, or keep; it is in no queue, and gives back what it holds. */
export function turnAway(call: Syscall, error: unknown): void {
  if (call.extras?.context?.snapshot !== undefined) {
    loseCore(call, error)
    return
  }
  const { kernel } = call.caller
  kernel.awakened.push(...kernel.locks.release(call))
  freeAllowance(call)
  deliver(call, false, error)
}

/** Returns the nearest call above this one that is on a slot of the same lane. */
function hostOf(call: Syscall, lane: Lane): Syscall | undefined {
  for (let at = call.parent; at !== undefined; at = at.parent) {
    if (at.lane === lane && at.slot !== SLOT.none) return at
  }
  return undefined
}

/** Runs a nested call on its host's slot, after those that came before it. */
function shareSlot(call: Syscall, host: Syscall): void {
  const extras = host.rare()
  call.rare().host = host
  if (extras.guest !== undefined && extras.guest !== call) {
    wait(call)
    extras.guests ??= new TaskList()
    extras.guests.push(call)
    refuseCycle(call)
    return
  }
  extras.guest = call
  call.slot = SLOT.borrowed
  begin(call)
}

/** Lets everything go on that a settlement allowed to, then fills the slot it freed. */
export function wake(kernel: KernelState, lane: Lane | undefined): void {
  do {
    while (kernel.awakened.length > 0) enterLane(kernel.awakened.shift() as Syscall)
    if (kernel.inheritance.pending) kernel.inheritance.apply()
    lane?.pump()
    // A call that had its turn and could not start may have let others go.
  } while (kernel.awakened.length > 0)
}

/** Says why a call cannot go on in a process or kernel that has ended. */
export function endedError(call: Syscall): unknown {
  const { kernel, process, parent } = call.caller
  if (kernel.closed !== undefined) return kernel.closed
  if (process.end !== undefined) return process.end.callError()
  const over = parent?.state === STATE.settled || parent?.state === STATE.held
  if (parent === undefined || !over || parent.row.runs === 'direct') return undefined
  // A process outlives the call in whose course it was spawned, unless that was given up.
  return parent.extras?.cancelledBy ?? (parent === process.origin ? undefined : outlived(parent))
}

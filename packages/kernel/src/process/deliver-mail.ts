import { AiosError } from '../error/aios-error.js'
import type { KernelState } from '../kernel-state.js'
import { deliver } from '../syscall/settle.js'
import type { ReceivedMessage } from '../syscall/sys.js'
import type { Syscall } from '../syscall/syscall.js'
import type { Process } from './process.js'

/** Hands the messages that wait in a mailbox to the calls that wait for them, as far as these may go on now. */
export function deliverMail(process: Process): void {
  for (const { call, message } of process.mailbox?.match(mayReceive) ?? []) hand(call, message)
}

/** A suspended process takes no message: if its call were given up meanwhile, the message would be lost. */
function mayReceive(call: Syscall): boolean {
  return call.owner.frozen === 0 || call.underSlot
}

/** Rejects the calls that wait for a message from a process that has ended, as far as these may go on now. */
export function refuseMail(kernel: KernelState, process: Process): void {
  for (const { call, from } of process.mailbox?.waiting() ?? []) {
    if (from === undefined || kernel.processes.get(from) !== undefined || !mayReceive(call)) continue
    leaveWait(call)
    deliver(call, false, new AiosError('AIOS_NO_SUCH_PROCESS', `Process ${from} has ended without sending.`))
  }
}

function hand(call: Syscall, message: ReceivedMessage): void {
  leaveWait(call)
  deliver(call, true, message)
}

/** Takes a call out of where it waits for a process or a message. */
export function leaveWait(call: Syscall): void {
  const extras = call.rare()
  extras.unwait?.()
  extras.unwait = undefined
  extras.waitsForPid = undefined
}

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

function hand(call: Syscall, message: ReceivedMessage): void {
  const extras = call.rare()
  extras.unwait?.()
  extras.unwait = undefined
  extras.waitsForPid = undefined
  deliver(call, true, message)
}

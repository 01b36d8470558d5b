import { driverDone, freeDevice } from '../syscall/settle.js'
import { STATE, type Syscall } from '../syscall/syscall.js'
import { wait } from '../syscall/wait.js'
import { CallRecord, type JournalScope } from './journal-scope.js'
import type { Send } from './held-calls.js'
import { capture } from './value-codec.js'

/** Takes a call of a journalled process into the journal, and lets it go its way: now, or when its turn comes. */
export function issue(call: Syscall, send: Send): void {
  const { caller, row } = call
  const { parent, process } = caller
  const scope: JournalScope | undefined = parent?.owner === process ? parent.record : process.scope
  if (scope === undefined || scope.run.sealed) {
    send(call)
    return
  }
  const request = capture(row.plain === undefined ? call.request : row.plain(call.request))
  call.record = new CallRecord(scope, scope.next(), request)
  const { run } = scope
  if (run.replay !== undefined) run.replay.issue(call, send)
  else if (run.log.full) sendWhenThereIsRoom(call, send)
  else send(call)
}

/** Keeps agents from running ahead of a store that does not keep up. */
function sendWhenThereIsRoom(call: Syscall, send: Send): void {
  wait(call)
  call.record?.run.log.whenDurable(() => {
    if (call.state !== STATE.settled) send(call)
    call.caller.kernel.settleDown()
  })
}

/** Writes that a call is about to go to its device, where that has to be known; then lets it. Returns whether it waits for that. */
export function intend(call: Syscall, go: (call: Syscall) => void): boolean {
  const record = call.record as CallRecord
  const { run } = record
  const { effect } = call.row
  if (effect === 'repeatable' || effect === 'keyed' || record.intended || run.seed.traced || run.sealed) return false
  if (typeof effect === 'function' && effect(call) !== 'at-most-once') return false
  run.open(call, { intent: true })
  run.log.whenDurable((error) => {
    const { kernel } = call.caller
    if (call.state === STATE.settled) {
      // Given up meanwhile; its device never had it.
      if (call.onDevice) kernel.wake(freeDevice(call))
    } else if (error === undefined) {
      go(call)
    } else {
      driverDone(call, false, error)
    }
    kernel.hub.flush()
  })
  return true
}

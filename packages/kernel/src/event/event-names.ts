import type { KernelEventName } from './kernel-events.js'

const NAMES: Readonly<Record<KernelEventName, true>> = {
  'process:spawned': true,
  'process:suspended': true,
  'process:resumed': true,
  'process:priority-changed': true,
  'process:killed': true,
  'process:exited': true,
  'syscall:queued': true,
  'syscall:started': true,
  'syscall:preempted': true,
  'syscall:retried': true,
  'syscall:settled': true,
  'lane:saturated': true,
  'lane:drained': true,
  'core:limited': true,
  'core:tripped': true,
  'core:recovered': true,
  'driver:abandoned': true,
  'driver:failed': true,
  'access:denied': true,
  'context:saved': true,
  'context:restored': true,
  'context:trimmed': true,
  'message:sent': true,
  'listener:failed': true,
  'kernel:closed': true,
}

/** Lists the events of a kernel. */
export const EVENT_NAMES = Object.keys(NAMES) as readonly KernelEventName[]

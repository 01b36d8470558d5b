import { AiosError } from '../../error/aios-error.js'
import type { Lane } from '../../scheduler/lane.js'
import type { Device } from '../syscall-row.js'
import type { Syscall } from '../syscall.js'

const HOW = {
  memory:
    "Pass one: createKernel({ memory: embeddedMemory() }) with '@aios/memory', or use createKernel of '@aios/sdk'.",
  storage:
    "Pass one: createKernel({ storage: embeddedStorage({ root }) }) with '@aios/storage', or use createKernel of '@aios/sdk'.",
  tool: "Pass one: createKernel({ tools: tools([…]) }) with '@aios/tools', or use createKernel of '@aios/sdk'.",
} as const

/** Sends a call to the one device of its kind. */
export function routeTo(call: Syscall, kind: keyof typeof HOW): Device {
  const lane = call.caller.kernel.lanes.get(kind)
  if (lane === undefined)
    throw new AiosError('AIOS_NO_DEVICE', `No ${kind} device is there for ${call.row.name}. ${HOW[kind]}`)
  return assign(call, lane)
}

/** Gives a call its lane and device. */
export function assign(call: Syscall, lane: Lane): Device {
  call.lane = lane
  return lane.device
}

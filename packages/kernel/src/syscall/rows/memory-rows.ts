import { denied } from '../../access/compiled-grants.js'
import type { MemoryDriver } from '../../driver/memory-driver.js'
import { grantsOf } from '../../process/grants-of.js'
import { DriverCallView } from '../driver-call.js'
import { listOf, optional, record, shape, text, whole } from '../shape.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'
import { routeTo } from './no-device.js'

const namespace = optional(text)
const fields = { keywords: optional(listOf(text)), tags: optional(listOf(text)), category: optional(text), metadata: optional(record), namespace }

/** Fills the namespace of a request, and checks that the process may use it. */
function route(call: Syscall): void {
  routeTo(call, 'memory')
  const { owner } = call
  const request = call.request as { readonly namespace?: string | undefined }
  const wanted = request.namespace ?? owner.namespace
  if (wanted !== owner.namespace && !grantsOf(owner).memory(wanted)) {
    throw denied(`Memory namespace "${wanted}"`, `"${owner.namespace}", and ${grantsOf(owner).granted('memory')}`)
  }
  call.request = { ...request, namespace: wanted }
}

type Verb = 'add' | 'get' | 'update' | 'remove' | 'retrieve'

function row(verb: Verb, validate: SyscallRow['validate']): SyscallRow {
  return {
    name: `memory.${verb}`,
    validate,
    runs: 'device',
    returns: 'promise',
    route,
    execute: (call) => (call.device as MemoryDriver)[verb](call.request as never, new DriverCallView(call)),
  }
}

/** The rows of the `memory` family. */
export const memoryRows: readonly SyscallRow[] = [
  row('add', shape({ content: text, ...fields })),
  row('get', shape({ id: text, namespace })),
  row('update', shape({ id: text, content: optional(text), ...fields })),
  row('remove', shape({ id: text, namespace })),
  row('retrieve', shape({ query: text, limit: optional(whole(1, 1_000)), tags: optional(listOf(text)), namespace })),
]

import { denied } from '../../access/compiled-grants.js'
import type {
  InNamespace,
  MemoryAddRequest,
  MemoryDriver,
  MemoryIdRequest,
  MemoryRetrieveRequest,
  MemoryUpdateRequest,
} from '../../driver/memory-driver.js'
import { grantsOf } from '../../process/grants-of.js'
import { boarded } from '../../scheduler/batch/boarding.js'
import { DriverCallView } from '../driver-call.js'
import { listOf, optional, record, shape, text, whole } from '../shape.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'
import { routeTo } from './no-device.js'

const namespace = optional(text)
const fields = {
  keywords: optional(listOf(text)),
  tags: optional(listOf(text)),
  category: optional(text),
  metadata: optional(record),
  namespace,
}

type Verb = 'add' | 'get' | 'update' | 'remove' | 'retrieve'

/** Puts the namespace into a request. Written out, because a spread costs more than all the rest of the trap. */
const FILL: { readonly [V in Verb]: (request: never, namespace: string) => unknown } = {
  add: ({ content, keywords, tags, category, metadata }: MemoryAddRequest, namespace) => ({
    content,
    keywords,
    tags,
    category,
    metadata,
    namespace,
  }),
  get: ({ id }: MemoryIdRequest, namespace) => ({ id, namespace }),
  update: ({ id, content, keywords, tags, category, metadata }: MemoryUpdateRequest, namespace) => ({
    id,
    content,
    keywords,
    tags,
    category,
    metadata,
    namespace,
  }),
  remove: ({ id }: MemoryIdRequest, namespace) => ({ id, namespace }),
  retrieve: ({ query, limit, tags }: MemoryRetrieveRequest, namespace) => ({ query, limit, tags, namespace }),
}

/** Fills the namespace of a request, and checks that the process may use it. */
function route(call: Syscall, verb: Verb): void {
  routeTo(call, 'memory')
  const { owner } = call
  const wanted = (call.request as InNamespace).namespace ?? owner.namespace
  if (wanted !== owner.namespace && !grantsOf(owner).memory(wanted)) {
    throw denied(`Memory namespace "${wanted}"`, `"${owner.namespace}", and ${grantsOf(owner).granted('memory')}`)
  }
  call.request = FILL[verb](call.request as never, wanted)
}

function row(verb: Verb, validate: SyscallRow['validate']): SyscallRow {
  return {
    name: `memory.${verb}`,
    validate,
    runs: 'device',
    returns: 'promise',
    effect: verb === 'get' || verb === 'retrieve' ? 'repeatable' : 'keyed',
    route: (call) => {
      route(call, verb)
    },
    execute: (call) =>
      boarded(call, call.request) ??
      (call.device as MemoryDriver)[verb](call.request as never, new DriverCallView(call)),
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

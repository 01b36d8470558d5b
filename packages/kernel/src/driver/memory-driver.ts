import type { BatchRow } from '../scheduler/batch/batch-row.js'
import type { DriverBase, DriverCall } from './device-driver.js'
import type { JsonValue } from './message.js'

/** Is the part of a note that its writer decides. */
export interface NoteFields {
  /** The text, stored verbatim; not empty. */
  readonly content: string
  readonly keywords?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
  readonly category?: string | undefined
  readonly metadata?: Readonly<Record<string, JsonValue>> | undefined
}

/** Is a stored note (AIOS: MemoryNote). Times are milliseconds since the epoch. */
export interface MemoryNote {
  /** Unique within the device. */
  readonly id: string
  /** The namespace that owns it; other namespaces cannot see it. */
  readonly namespace: string
  readonly content: string
  readonly keywords: readonly string[]
  readonly tags: readonly string[]
  readonly category: string | undefined
  readonly metadata: Readonly<Record<string, JsonValue>>
  readonly createdAt: number
  readonly updatedAt: number
}

/** Is a note with how well it matched: the higher the better, greater than 0, comparable within one answer only. */
export interface MemoryHit extends MemoryNote {
  readonly score: number
}

/** Names the namespace of a memory call; default: the one of the process. Another one needs a grant. */
export interface InNamespace {
  readonly namespace?: string | undefined
}

/** Is what `memory.add` takes. */
export interface MemoryAddRequest extends NoteFields, InNamespace {}

/** Is what `memory.get` and `memory.remove` take. */
export interface MemoryIdRequest extends InNamespace {
  readonly id: string
}

/** Is what `memory.update` takes: fields that are absent stay as they are. */
export interface MemoryUpdateRequest extends Partial<NoteFields>, InNamespace {
  readonly id: string
}

/** Is what `memory.retrieve` takes. */
export interface MemoryRetrieveRequest extends InNamespace {
  readonly query: string
  /** Most notes to return, 1 to 1,000. Default 5, as in AIOS. */
  readonly limit?: number | undefined
  /** Only notes that carry all of these tags. */
  readonly tags?: readonly string[] | undefined
}

/** Makes the namespace of a request certain: the kernel fills and authorises it before the driver sees it. */
export type Scoped<R> = R & { readonly namespace: string }

/**
 * Keeps notes. The kernel has filled and authorised `namespace`; a driver must never show a note to another one.
 * Throws `AIOS_NOT_FOUND` from `get`, `update` and `remove` for an id that the namespace does not hold.
 */
export interface MemoryDriver extends DriverBase {
  readonly kind: 'memory'
  readonly batches?:
    | {
        readonly 'memory.add'?: BatchRow<Scoped<MemoryAddRequest>, MemoryNote> | undefined
        readonly 'memory.get'?: BatchRow<Scoped<MemoryIdRequest>, MemoryNote> | undefined
        readonly 'memory.update'?: BatchRow<Scoped<MemoryUpdateRequest>, MemoryNote> | undefined
        readonly 'memory.remove'?: BatchRow<Scoped<MemoryIdRequest>, MemoryNote> | undefined
        readonly 'memory.retrieve'?: BatchRow<Scoped<MemoryRetrieveRequest>, readonly MemoryHit[]> | undefined
      }
    | undefined
  add(request: Scoped<MemoryAddRequest>, call: DriverCall): MemoryNote | Promise<MemoryNote>
  get(request: Scoped<MemoryIdRequest>, call: DriverCall): MemoryNote | Promise<MemoryNote>
  update(request: Scoped<MemoryUpdateRequest>, call: DriverCall): MemoryNote | Promise<MemoryNote>
  /** Returns the note that was removed. */
  remove(request: Scoped<MemoryIdRequest>, call: DriverCall): MemoryNote | Promise<MemoryNote>
  /** Returns the best notes first. */
  retrieve(
    request: Scoped<MemoryRetrieveRequest>,
    call: DriverCall,
  ): readonly MemoryHit[] | Promise<readonly MemoryHit[]>
}

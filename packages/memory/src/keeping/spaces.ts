import { createHash } from 'node:crypto'

/** Ids of devices that are part of the name of a space as they are; those that look like an encoded one are encoded too. */
const PLAIN = /^(?!id-)[a-z0-9-]{1,40}$/

/** Are the spaces of the record store that belong to one device. */
export interface MemorySpaces {
  /** Serial number → note. */
  readonly notes: string
  /** Key of a call → what it came to. */
  readonly keys: string
  /** The last serial number that was given. */
  readonly head: string
}

/** Names the spaces of a device. */
export function memorySpaces(deviceId: string): MemorySpaces {
  const name = PLAIN.test(deviceId)
    ? deviceId
    : `id-${createHash('sha256').update(deviceId).digest('hex').slice(0, 32)}`
  return { notes: `memory/${name}/notes`, keys: `memory/${name}/keys`, head: `memory/${name}/head` }
}

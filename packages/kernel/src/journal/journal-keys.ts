import { createHash } from 'node:crypto'
import { RECORD_BOUNDS, type StoredRecord } from '../record/record-store.js'

/** Spaces of the record store that belong to the journal. */
export const JOURNAL_SPACES = {
  /** Run id → what is known of the run without reading its lines. */
  runs: 'journal/runs',
  /** Ids of the runs that have not ended. */
  open: 'journal/open',
  /** When it ended, and run id: the oldest first, for whoever clears up. */
  ended: 'journal/ended',
  /** Ids of the runs that have ended and that devices may still keep something for. */
  leaving: 'journal/leaving',
  /** Run id, and id of a run that a detached process left it with → nothing. */
  orphans: 'journal/orphans',
  /** Run id and number → line. */
  lines: 'journal/lines',
  /** Run id and hash → large content. */
  blobs: 'journal/blobs',
  /** Run id and path of each call that was undone → when. */
  undone: 'journal/undone',
  /** Kernel id → until when it is sure to live. */
  kernels: 'journal/kernels',
  /** Ids of the kernels that lost their runs to another one. */
  deposed: 'journal/deposed',
  /** Numbers of the terms of leases that are closed: no kernel writes in them any more. */
  terms: 'journal/terms',
  /** What numbers are taken. */
  numbers: 'journal/numbers',
} as const

/** Makes the key of something that is named by a text. */
export function textKey(text: string): Uint8Array {
  return Buffer.from(text)
}

/** Makes the key of a line of a run. */
export function lineKey(runId: string, n: number): Uint8Array {
  const head = Buffer.byteLength(runId)
  const key = Buffer.allocUnsafe(head + 7)
  key.write(runId)
  key[head] = 0
  key.writeUIntBE(n, head + 1, 6)
  return key
}

/** Returns the number of a line from its key. */
export function lineOfKey(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(key.length - 6, 6)
}

/** Makes the key of large content of a run. */
export function blobKey(runId: string, name: string): Uint8Array {
  return Buffer.from(`${runId}\0${name}`)
}

/** Names a text that is too long to stand in a key. */
export function shortName(text: string): string {
  return `~${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`
}

/** Makes the key of something of a run; what would make it longer than a store takes stands in it by a short name. */
function keyWithin(runId: string, name: string): Uint8Array {
  const key = Buffer.from(`${runId}\0${name}`)
  return key.length <= RECORD_BOUNDS.keyBytes ? key : Buffer.from(`${runId}\0${shortName(name)}`)
}

/** Makes the key of the mark that a call was undone. */
export function undoneKey(runId: string, path: string): Uint8Array {
  return keyWithin(runId, path)
}

/** Makes the key of the mark that a detached process left a run for one of its own. */
export function orphanKey(runId: string, orphan: string): Uint8Array {
  return keyWithin(runId, orphan)
}

/** Makes the mark that such a process left: it says for which run where its key cannot. */
export function orphanMark(runId: string, orphan: string): Pick<StoredRecord, 'key' | 'value'> {
  const key = orphanKey(runId, orphan)
  return { key, value: tailOf(key) === orphan ? new Uint8Array() : Buffer.from(orphan) }
}

/** Returns the run of its own that such a mark is of. */
export function orphanOf({ key, value }: Pick<StoredRecord, 'key' | 'value'>): string {
  return value.length > 0 ? Buffer.from(value).toString() : tailOf(key)
}

function tailOf(key: Uint8Array): string {
  const text = Buffer.from(key).toString()
  return text.slice(text.indexOf('\0') + 1)
}

/** Makes the key by which an ended run is found by its age. */
export function endedKey(endedAt: number, runId: string): Uint8Array {
  const key = Buffer.alloc(6 + Buffer.byteLength(runId))
  key.writeUIntBE(Math.floor(endedAt), 0, 6)
  key.write(runId, 6)
  return key
}

/** Returns the run that such a key is of. */
export function runOfEnded(key: Uint8Array): string {
  return Buffer.from(key).subarray(6).toString()
}

/** Returns the range of all keys that begin with a run and the NUL after it. */
export function keysOfRun(runId: string): { readonly from: Uint8Array; readonly to: Uint8Array } {
  return { from: Buffer.from(`${runId}\0`), to: Buffer.from(`${runId}\u0001`) }
}

import { AiosError, recordFailure, type RecordWrite } from '@aios/kernel/driver'
import type { Argument } from './connection.js'
import type { Layout } from './layout.js'
import { BATCH_BYTES, IN_FLIGHT, WRITE_BYTES } from './limits.js'
import { recordFrame } from './record-frame.js'
import { unavailable } from './redis-failure.js'
import { SCRIPTS } from './script.js'

/** Is a command of one or more writes, with its own copy of all bytes. */
export interface WriteCommand {
  readonly args: readonly Argument[]
  /** About how much work it is. */
  readonly bytes: number
}

/** Is what writes did: the nth has the version `base` + n. */
export interface WriteOutcome {
  readonly base: number
  readonly removed: number
}

/** Is which record a write was about, and what it depended on. */
export interface WrittenRecord {
  readonly space: string
  readonly key: Uint8Array
  readonly ifVersion: number | undefined
}

/** Says for whom, and as which of its writes, a command is made. */
export interface WriteTurn {
  readonly layout: Layout
  readonly session: string
  /** Number of the command among those of the session, from 1. */
  readonly number: number
}

/**
 * Refuses a batch that Redis could not take as one command.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkBatchBytes(writes: readonly RecordWrite[]): void {
  let bytes = 0
  for (const write of writes) bytes += write.key.byteLength + (write.op === 'put' ? write.value.byteLength : 0)
  if (bytes <= BATCH_BYTES) return
  const message = `Expected a batch of at most ${BATCH_BYTES} bytes of keys and values, got ${bytes}; Redis takes no more at once. Use several batches.`
  throw new AiosError('AIOS_INVALID_OPTION', message, { details: { maxBytes: BATCH_BYTES, bytes } })
}

/** Makes the command that commits writes. */
export function writeCommand({ layout, session, number }: WriteTurn, writes: readonly RecordWrite[]): WriteCommand {
  const spaces = new Map<string, string>()
  const parts: Argument[] = []
  let bytes = 0
  for (const write of writes) {
    const { space, ifVersion } = write
    const place = spaces.get(space) ?? String(spaces.size + 1)
    spaces.set(space, place)
    const key = Buffer.from(write.key)
    const isPut = write.op === 'put'
    parts.push(place, isPut ? 'p' : 'r', key, ifVersion === undefined ? '' : String(ifVersion))
    bytes += key.byteLength + WRITE_BYTES
    if (!isPut) continue
    const body = recordFrame.body(space, key, write.value)
    parts.push(body)
    bytes += body.byteLength
  }
  const names = [...spaces.keys()]
  const keys = [layout.meta, layout.spaces, layout.session(session)]
  for (const name of names) keys.push(layout.keys + name, layout.data + name)
  const args: Argument[] = ['EVALSHA', SCRIPTS.write.sha, String(keys.length), ...keys]
  args.push(String(number), String(IN_FLIGHT.commands), layout.changes, String(names.length), ...names)
  // Not spread: a batch may have more parts than a call takes arguments.
  return { args: args.concat(parts), bytes }
}

/**
 * Reads what the script of a write returned.
 *
 * @throws AiosError `AIOS_VERSION_CONFLICT`, `AIOS_CORRUPT`, or `AIOS_STORE_UNAVAILABLE` if it was not, or need not have been, made
 */
export function writeOutcome(where: string, writes: readonly WrittenRecord[], reply: unknown): WriteOutcome {
  const [word, first = '0', second = '0'] = String(reply).split(' ')
  if (word === 'ok') return { base: Number(first), removed: Number(second) }
  const write = writes[Number(first) - 1]
  if (word === 'conflict' && write !== undefined)
    throw recordFailure.conflict(write, write.ifVersion ?? 0, Number(second))
  if (word === 'corrupt' && write !== undefined) throw recordFailure.corrupt(write)
  if (word === 'schema') throw newerSchema(where, first)
  throw unavailable(where, 'it was overtaken by a later write of this process. The write may have happened.')
}

/** Says that the data was written by a newer version of this driver. */
export function newerSchema(where: string, found: string): AiosError {
  const text = `its data has layout ${found}, which this version does not know. Use the version that wrote it, or a newer one.`
  return unavailable(where, text, { retryable: false, details: { schema: found } })
}

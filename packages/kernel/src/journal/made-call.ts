import type { CallEntry } from './journal-entry.js'
import { capture, REDACTED, restored, type Captured } from './value-codec.js'
import type { Syscall } from '../syscall/syscall.js'

/** What a hook put in the place of these is of one life only. */
const UNKEPT = new Set(['agent', 'signal'])

/** Notes that a call is made whose effect a later life brings about again, and what of its request hooks changed. */
export function noteMade(call: Syscall): void {
  const { record, request, row } = call
  if (record === undefined) return
  // Hooks may keep the answer back while the process is at work already.
  if (row.replayed !== undefined && call.extras?.intercept !== undefined) record.run.open(call, {})
  record.made = null
  if (record.asked === undefined) return
  const asked = record.asked as Readonly<Record<string, unknown>>
  const made = request as Readonly<Record<string, unknown>>
  const changed = Object.keys({ ...asked, ...made }).filter((key) => !UNKEPT.has(key) && asked[key] !== made[key])
  if (changed.length > 0) record.made = capture(Object.fromEntries(changed.map((key) => [key, made[key]])))
}

/** Returns what the line of a call keeps of that: null if something else answered it, undefined if hooks changed nothing. */
export function madeOf({ row, record }: Syscall, request: Captured): CallEntry['made'] {
  if (record === undefined || !(row.name === 'agent.spawn' || row.name === 'agent.send')) return undefined
  if (record.made === undefined) return null
  if (record.made === null) return undefined
  return request.codec === 'x' && request.why === 'redacted' ? REDACTED : record.made
}

/**
 * Gives a call that is answered from a line the request that it was made with.
 *
 * @throws AiosError `AIOS_NOT_CLONEABLE` if what hooks made of it was redacted or could not be kept
 */
export function asMade(call: Syscall, made: CallEntry['made']): void {
  if (made === undefined || made === null) return
  call.request = { ...(call.request as object), ...(restored(made) as object) }
}

/** Returns the request that a call was made with. */
export function requestMade({ request, made }: Pick<CallEntry, 'request' | 'made'>): Captured {
  if (made === undefined || made === null || request.codec === 'x') return request
  if (made.codec === 'x') return made
  return capture({ ...(restored(request) as object), ...(restored(made) as object) })
}

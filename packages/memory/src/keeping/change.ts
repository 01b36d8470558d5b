import { createHash } from 'node:crypto'
import {
  AiosError,
  type MemoryAddRequest,
  type MemoryIdRequest,
  type MemoryNote,
  type MemoryUpdateRequest,
  type Scoped,
} from '@aios/kernel/driver'
import { idOf, serialOf } from '../note/note-id.js'
import { changedNote, createNote } from '../note/note.js'
import type { Draft } from './draft.js'
import type { KeptNote, KeptResult } from './record-format.js'
import { resultRun } from './result-key.js'

/** Is a call that changes notes. */
export type Change = (
  | { readonly verb: 'add'; readonly request: Scoped<MemoryAddRequest> }
  | { readonly verb: 'update'; readonly request: Scoped<MemoryUpdateRequest> }
  | { readonly verb: 'remove'; readonly request: Scoped<MemoryIdRequest> }
) & {
  /** Names the call over every life of its run. */
  readonly key: string | undefined
}

type Keyed = Change & { readonly key: string }

/** Is what a change has to know beside the notes. */
export interface ChangeScene {
  readonly draft: Draft
  /** Milliseconds since the epoch. */
  readonly now: number
  /** How many notes may be added to those there are. */
  readonly room: number
  readonly maxNotes: number
  /** Last serial number that is known to be given. */
  readonly lastSerial: number
}

/** Returns the rejection for an id that a namespace does not hold. */
export function noSuchNote({ namespace, id }: Scoped<MemoryIdRequest>): AiosError {
  const what = `Expected the id of a note in namespace ${JSON.stringify(namespace)}`
  return new AiosError('AIOS_NOT_FOUND', `${what}, got ${JSON.stringify(id.slice(0, 80))}. memory.retrieve finds ids.`)
}

/**
 * Makes a change in a draft and returns the note. A call that comes again is answered as before, and changes nothing. If it
 * says something else now, as when the model it came from was asked again, what it did before is taken back first, so that one
 * call never leaves two effects; a note that it added keeps its id. Where it rejects, nothing is changed but what it took back.
 */
export async function makeChange(scene: ChangeScene, change: Change): Promise<MemoryNote> {
  const { draft } = scene
  const { key } = change
  if (key === undefined) return (await apply(scene, change, undefined)).note
  const digest = digestOf(change)
  const earlier = await draft.result(key)
  if (earlier !== undefined && earlier.digest === digest && (await stands(draft, earlier))) return earlier.note
  if (earlier !== undefined) {
    await takeBack(draft, earlier, { ...change, key })
    draft.setResult(key, undefined)
  }
  const before = change.verb === 'update' ? (await draft.note(serialOf(change.request.id)))?.note : undefined
  const kept = await applyAgain(scene, change, earlier)
  draft.setResult(key, { verb: change.verb, digest, ...kept, ...(before === undefined ? {} : { before }) })
  return kept.note
}

/** Whether what a call did has not been undone by an earlier call that came again with something else. */
async function stands(draft: Draft, { verb, note, edition }: KeptResult): Promise<boolean> {
  if (verb === 'add') return true
  const current = await draft.note(serialOf(note.id))
  return current === undefined || (verb === 'update' && current.edition === edition)
}

/** Takes back what a call did, as far as it is still there. */
async function takeBack(draft: Draft, earlier: KeptResult, next: Keyed): Promise<void> {
  const { key } = next
  const { verb, note, edition, by, before } = earlier
  const serial = serialOf(note.id)
  const current = await draft.note(serial)
  if (verb === 'remove') {
    if (current === undefined && (await wasAdded(draft, earlier, key))) draft.put(serial, { note, edition, by })
  } else if (current === undefined) {
    return
  } else if (verb === 'add') {
    // A note that is added again is replaced as a whole.
    if (next.verb !== 'add') draft.remove(serial)
  } else if (current.edition === edition && before !== undefined) {
    draft.put(serial, { ...current, note: withoutUpdate(current.note, note, before), edition: edition + 1 })
  }
}

/** Whether the call that added a note still says so, as far as it is one of the same run. */
async function wasAdded(draft: Draft, { note, by }: KeptResult, key: string): Promise<boolean> {
  if (by === undefined || resultRun(by) !== resultRun(key)) return true
  const added = await draft.result(by)
  return added?.verb === 'add' && added.note.id === note.id
}

/** Gives the fields back that an update changed and that are still as it left them. */
function withoutUpdate(current: MemoryNote, updated: MemoryNote, before: MemoryNote): MemoryNote {
  const field = <K extends keyof MemoryNote>(name: K): Pick<MemoryNote, K> => {
    const isIts = isSame(current[name], updated[name]) && !isSame(updated[name], before[name])
    return { [name]: isIts ? before[name] : current[name] } as unknown as Pick<MemoryNote, K>
  }
  return Object.freeze({
    ...current,
    ...field('content'),
    ...field('keywords'),
    ...field('tags'),
    ...field('category'),
    ...field('metadata'),
    ...field('updatedAt'),
  })
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Makes a change; a note that was to be added again goes if it cannot be. */
async function applyAgain(scene: ChangeScene, change: Change, earlier: KeptResult | undefined): Promise<KeptNote> {
  try {
    return await apply(scene, change, earlier)
  } catch (error) {
    const serial = earlier?.verb === 'add' && change.verb === 'add' ? serialOf(earlier.note.id) : 0
    if ((await scene.draft.note(serial)) !== undefined) scene.draft.remove(serial)
    throw error
  }
}

/** Makes a change; `earlier` is what the same call did before, and was taken back. */
async function apply(scene: ChangeScene, change: Change, earlier: KeptResult | undefined): Promise<KeptNote> {
  const { draft, now } = scene
  if (change.verb === 'add') return add(scene, change, earlier)
  const { request } = change
  const serial = serialOf(request.id)
  const found = await draft.note(serial)
  if (found?.note.namespace !== request.namespace) throw noSuchNote(request)
  if (change.verb === 'remove') {
    draft.remove(serial)
    return found
  }
  const kept = { ...found, note: changedNote(found.note, change.request, now) }
  draft.put(serial, kept)
  return kept
}

async function add(
  { draft, now, room, maxNotes, lastSerial }: ChangeScene,
  { request, key: by }: Extract<Change, { verb: 'add' }>,
  earlier: KeptResult | undefined,
): Promise<KeptNote> {
  const again = earlier?.verb === 'add' ? earlier : undefined
  const current = again === undefined ? undefined : await draft.note(serialOf(again.note.id))
  if (current === undefined && draft.growth >= room) throw tooMany(maxNotes)
  const serial = again === undefined ? await draft.nextSerial(lastSerial) : serialOf(again.note.id)
  const note = createNote(request, { id: idOf(serial), namespace: request.namespace, now })
  const kept = { note, edition: again === undefined ? 0 : (current ?? again).edition + 1, by }
  draft.put(serial, kept)
  return kept
}

function tooMany(maxNotes: number): AiosError {
  const advice = 'Remove notes, or raise "maxNotes" of embeddedMemory().'
  return new AiosError('AIOS_QUOTA_EXCEEDED', `Expected at most ${maxNotes} notes, got one more. ${advice}`, {
    details: { maxNotes },
  })
}

function digestOf({ verb, request }: Change): string {
  return createHash('sha256')
    .update(JSON.stringify([verb, request]))
    .digest('base64url')
}

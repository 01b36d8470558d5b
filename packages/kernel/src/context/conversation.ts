import { messageParts, type Message } from '../driver/message.js'

/** Is what stays or goes together: messages joined by tool calls and their results, as indices in ascending order. */
export type Block = readonly number[]

/** Is the least that a step takes out: a whole turn of the past, or one block of the turn that is going on. */
export interface Unit {
  readonly blocks: readonly Block[]
}

/** Joins messages into sets; the root of a set is its earliest message. */
class Joined {
  readonly #parent: number[]

  constructor(size: number) {
    this.#parent = Array.from({ length: size }, (_, index) => index)
  }

  root(index: number): number {
    let at = index
    for (let up = this.#parent[at]; up !== undefined && up !== at; up = this.#parent[at]) at = up
    return at
  }

  join(one: number, other: number): void {
    const [low, high] = [this.root(one), this.root(other)].sort((a, b) => a - b) as [number, number]
    this.#parent[high] = low
  }
}

/**
 * Splits a conversation into blocks: a message that calls tools with every message that holds a result of those calls, any
 * other message alone. Ids are unique within a message only, so a result belongs to the latest call of its id before it.
 */
export function blocksOf(messages: readonly Message[]): readonly Block[] {
  const joined = new Joined(messages.length)
  const calls = new Map<string, number>()
  for (const [index, message] of messages.entries()) {
    for (const part of messageParts(message)) {
      if (part.type === 'tool-call') calls.set(part.id, index)
      const call = part.type === 'tool-result' ? calls.get(part.id) : undefined
      if (call !== undefined) joined.join(call, index)
    }
  }
  const blocks = new Map<number, number[]>()
  for (let index = 0; index < messages.length; index += 1) {
    const root = joined.root(index)
    const block = blocks.get(root)
    if (block === undefined) blocks.set(root, [index])
    else block.push(index)
  }
  return [...blocks.values()]
}

/** Returns the index of the newest message of the user, -1 if there is none. */
export function newestUserIndex(messages: readonly Message[]): number {
  return messages.findLastIndex(({ role }) => role === 'user')
}

/** Whether a message, or any part of it, is pinned. */
export function isPinned(message: Message): boolean {
  if (message.pinned === true) return true
  return typeof message.content !== 'string' && message.content.some(({ pinned }) => pinned === true)
}

/**
 * Lists what may be taken out of a conversation, oldest first. System messages, what is pinned, the newest message of the
 * user, the last message, and whatever shares a block with one of these never goes.
 */
export function unitsOf(messages: readonly Message[]): readonly Unit[] {
  const newest = newestUserIndex(messages)
  const last = messages.length - 1
  const stays = (index: number): boolean => {
    const message = messages[index] as Message
    return message.role === 'system' || index === newest || index === last || isPinned(message)
  }
  const turns: number[] = []
  let turn = 0
  for (const { role } of messages) turns.push(role === 'user' ? (turn += 1) : turn)
  const units: { readonly turn: number | undefined; readonly blocks: Block[] }[] = []
  for (const block of blocksOf(messages)) {
    if (block.some(stays)) continue
    const first = block[0] as number
    const past = first < newest ? turns[first] : undefined
    const open = units.at(-1)
    if (past !== undefined && open?.turn === past) open.blocks.push(block)
    else units.push({ turn: past, blocks: [block] })
  }
  return units
}

/** Returns the indices of the messages in units. */
export function indicesIn(units: readonly Unit[]): ReadonlySet<number> {
  return new Set(units.flatMap(({ blocks }) => blocks.flat()))
}

/**
 * Returns a conversation without some units, and with a marker in their place: where the first of them stood, but before the
 * newest message of the user, which stays the newest, and never between a tool call and its results.
 */
export function without(messages: readonly Message[], units: readonly Unit[], marker?: Message): readonly Message[] {
  const gone = indicesIn(units)
  if (marker === undefined) return messages.filter((_, index) => !gone.has(index))
  const at = markerIndex(messages, gone)
  const kept = (from: number, to: number): Message[] =>
    messages.slice(from, to).filter((_, index) => !gone.has(from + index))
  return [...kept(0, at), marker, ...kept(at, messages.length)]
}

function markerIndex(messages: readonly Message[], gone: ReadonlySet<number>): number {
  const newest = newestUserIndex(messages)
  let at = Math.min(...gone, newest === -1 ? messages.length : newest)
  // Blocks come in the order of their first messages, so one pass from the last to the first finds every one it must leave.
  for (const block of [...blocksOf(messages)].reverse()) {
    const first = block[0] as number
    const end = block.at(-1) as number
    if (first < at && at <= end && !gone.has(first)) at = first
  }
  return at
}

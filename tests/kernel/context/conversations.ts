/** Random conversations in which every message can be told from every other, and what must hold of what is left of one. */
import type { Message, MessagePart, ToolResultPart } from '@aios/kernel'
import fc from 'fast-check'

/** Is a conversation, and which messages hold the results of which calls. */
export interface Talk {
  readonly messages: readonly Message[]
  /** Pairs of a calling message and one with a result of it. */
  readonly pairs: readonly (readonly [number, number])[]
}

interface Step {
  readonly calls: number
  readonly reasoning: boolean
  readonly apart: boolean
  readonly aside: boolean
  readonly pinnedCall: boolean
  readonly pinnedResult: number
  readonly sizes: readonly number[]
}

const size = fc.oneof(fc.nat(40), fc.nat(600))
const rarely = fc.nat(11).map((n) => n === 0)
const step: fc.Arbitrary<Step> = fc.record({
  calls: fc.nat(3),
  reasoning: fc.boolean(),
  apart: fc.boolean(),
  aside: rarely,
  pinnedCall: rarely,
  pinnedResult: fc.nat(20),
  sizes: fc.array(size, { minLength: 5, maxLength: 5 }),
})
const turn = fc.record({ user: size, pinned: rarely, pinnedPart: rarely, steps: fc.array(step, { maxLength: 4 }) })

/** Any conversation, whose calls have the same ids again and again. */
export const talk: fc.Arbitrary<Talk> = fc
  .record({ system: fc.option(size), late: rarely, turns: fc.array(turn, { minLength: 1, maxLength: 6 }) })
  .map(({ system, late, turns }) => {
    const messages: Message[] = []
    const pairs: [number, number][] = []
    const mark = () => ({ opaque: { test: messages.length } })
    const text = (length: number): MessagePart => ({ type: 'text', text: 'x'.repeat(length), ...mark() })
    if (system !== null) messages.push({ role: 'system', content: [text(system)] })
    for (const each of turns) {
      const part = { ...text(each.user), ...(each.pinnedPart && { pinned: true }) }
      messages.push({ role: 'user', content: [part], ...(each.pinned && { pinned: true }) })
      for (const [at, given] of each.steps.entries()) {
        const caller = messages.length
        const thought: MessagePart[] = given.reasoning ? [{ type: 'reasoning', text: 'hm', ...mark() }] : []
        const calls = Array.from({ length: given.calls }, (_, n): MessagePart => {
          const pinned = given.pinnedCall && n === 0 && { pinned: true }
          return { type: 'tool-call', id: `c${n}`, name: 't', input: {}, inputText: '{}', ...mark(), ...pinned }
        })
        messages.push({ role: 'assistant', content: [...thought, text(given.sizes[4] ?? 0), ...calls] })
        const results = calls.map((_, n): ToolResultPart => {
          const pinned = given.pinnedResult === n && { pinned: true }
          return { type: 'tool-result', id: `c${n}`, name: 't', output: 'y'.repeat(given.sizes[n] ?? 0), ...pinned }
        })
        const groups = given.apart ? results.map((result) => [result]) : results.length > 0 ? [results] : []
        for (const [n, group] of groups.entries()) {
          if (given.aside && n === 1) messages.push({ role: 'assistant', content: [text(3)] })
          pairs.push([caller, messages.length])
          messages.push({ role: 'tool', content: group.map((result) => ({ ...result, ...mark() })) })
        }
        if (late && at === 1) messages.push({ role: 'system', content: [text(5)] })
      }
    }
    return { messages, pairs }
  })

/** Returns which message of the original one is, -1 for a marker. */
export function originOf(message: Message): number {
  const first = typeof message.content === 'string' ? undefined : message.content[0]
  return (first?.opaque?.['test'] as number | undefined) ?? -1
}

/** Returns the indices of what is kept in any case: by what it is, and by what it is paired with. */
export function alwaysKept({ messages, pairs }: Talk): ReadonlySet<number> {
  const newest = messages.findLastIndex(({ role }) => role === 'user')
  const kept = new Set(
    messages.flatMap((message, index) => {
      const parts = message.content as readonly MessagePart[]
      const pinned = message.pinned === true || parts.some((part) => part.pinned === true)
      return message.role === 'system' || pinned || index === newest || index === messages.length - 1 ? [index] : []
    }),
  )
  for (let before = -1; before !== kept.size;) {
    before = kept.size
    for (const pair of pairs) if (pair.some((index) => kept.has(index))) for (const index of pair) kept.add(index)
  }
  return kept
}

/** Says what is wrong with what is left of a conversation; nothing if all is well. */
export function broken(original: Talk, left: readonly Message[]): string | undefined {
  const origins = left.map(originOf)
  const there = new Set(origins)
  const known = origins.filter((index) => index !== -1)
  if (known.some((index, at) => at > 0 && index <= (known[at - 1] ?? -1))) return `order: ${origins.join()}`
  for (const index of alwaysKept(original)) if (!there.has(index)) return `message ${index} was to be kept`
  for (const [call, result] of original.pairs)
    if (there.has(call) !== there.has(result)) return `pair ${call}, ${result} was split`
  for (const message of left) {
    const before = original.messages[originOf(message)]
    const problem = before === undefined ? undefined : changed(before, message)
    if (problem !== undefined) return `message ${originOf(message)}: ${problem}`
  }
  return undefined
}

/** Says what other than the output of a result that is not pinned has changed in a message. */
function changed(before: Message, after: Message): string | undefined {
  const parts = before.content as readonly MessagePart[]
  const now = after.content as readonly MessagePart[]
  if (before.role !== after.role || before.pinned !== after.pinned || parts.length !== now.length) return 'shape'
  for (const [at, part] of parts.entries()) {
    const other = now[at]
    if (other === part) continue
    if (part.type !== 'tool-result' || part.pinned === true || before.pinned === true)
      return `part ${at} (${part.type})`
    const { output: _, ...rest } = part
    const { output: __, ...otherRest } = other as ToolResultPart
    if (JSON.stringify(rest) !== JSON.stringify(otherRest)) return `part ${at} lost more than its output`
  }
  return undefined
}
